// FSIM against the authors' own program, FeatureSIM.m of 2010, run by GNU Octave 7.3 on the pictures of
// hard_pairs(). Where one picture is flat, that program gives NaN or a value, as its FFT rounds; values stand
// for those sizes where it gives one.

#include "../every_target.hpp"
#include "../module_checks.hpp"
#include "similarity.hpp"

namespace giflab::test {
namespace {

const giflab_plugin &plugin() { return plugin_of("fsim", "org.giflab.fsim"); }

struct known_values {
   size area;
   size_t pair; // of hard_pairs
   double fsim, fsimc;
};
const known_values known[] = {
    {{6, 6}, 0, 0.995612437736, 0.991195087617},   {{6, 6}, 5, 0.8324618406, 0.788103118426},
    {{7, 31}, 1, 0.987928142349, 0.987897776098},  {{7, 31}, 4, 0.434096911072, 0.434096911072},
    {{60, 17}, 2, 0.966170608846, 0.966109893537}, {{50, 40}, 0, 0.961347850119, 0.959456943593},
    {{50, 40}, 5, 0.777887046679, 0.742524885861}, {{64, 64}, 0, 0.957745809388, 0.955787088251},
    {{64, 64}, 2, 0.974572290341, 0.974508308323}, {{97, 67}, 4, 0.333144036144, 0.333144036144},
};

// At level 1 alone: plain code takes seconds. The last two are shrunk to blocks of 2x2 first.
const known_values large[] = {
    {{97, 67}, 0, 0.960066720488, 0.958051037285},   {{131, 61}, 1, 0.967314255329, 0.96728530372},
    {{320, 200}, 0, 0.959611491752, 0.957845725668}, {{498, 281}, 0, 0.830161068431, 0.828945332654},
    {{400, 386}, 0, 0.932383877343, 0.932055035794}, {{600, 400}, 0, 0.820026936009, 0.819740366905},
};

void check(const known_values &one, uint32_t level, double tolerance) {
   const picture_pair pair = hard_pairs(one.area.width, one.area.height)[one.pair];
   INFO(pair.name, " ", one.area.width, "x", one.area.height, " level ", level);
   check_near(measured(plugin(), level, pair), {{"fsim", one.fsim}, {"fsimc", one.fsimc}}, tolerance);
}

TEST_CASE("FSIM of pictures from formulas is what the authors' program says") {
   for (const known_values &one : known) {
      check(one, 0, 1e-11);
      check(one, 1, 2e-6);
   }
   for (const known_values &one : large)
      check(one, 1, 1e-5);
}

TEST_CASE("FSIM is 1 where nothing differs, to the bit, and undefined where nothing is to be seen") {
   for (const size area : {size{6, 6}, size{16, 9}, size{53, 31}, size{97, 64}})
      for (const picture_pair &pair : hard_pairs(area.width, area.height))
         for (const uint32_t level : {0u, 1u}) {
            if (level == 0 && area.width > 20)
               continue;
            INFO(pair.name, " ", area.width, "x", area.height, " level ", level);
            const values found = measured(plugin(), level, {"", pair.distorted, pair.distorted});
            const bool flat = pair.name == "black and white" || pair.name == "board and its middle";
            for (const auto &[id, value] : found)
               CHECK((flat ? std::isnan(value) : value == 1));
            if (pair.name == "black and white") // both flat
               CHECK(std::isnan(measured(plugin(), level, pair).at("fsim")));
         }
}

TEST_CASE("FSIM agrees at both levels, and only pixels count") {
   check_levels(plugin(), {{6, 6}, {6, 64}, {49, 6}, {17, 17}, {38, 34}}, 1e-5);
   check_only_pixels_count(plugin(), 0, 41, 37);
   check_only_pixels_count(plugin(), 1, 101, 66);
   check_only_pixels_count(plugin(), 1, 391, 387);
}

TEST_CASE("every instruction set says the same") {
   for (const size area : {size{53, 31}, size{390, 386}}) {
      const picture_pair pair = natural_pair(area.width, area.height);
      const kernels::plane<uint8_t> a = {pair.reference.rgb.data(), static_cast<size_t>(area.width) * 3},
                                    b = {pair.distorted.rgb.data(), static_cast<size_t>(area.width) * 3};
      const values expected = measured(plugin(), 1, pair);
      for_every_target([&] {
         fake_call call;
         const fsim::lane_similarity method(call.c, fsim::sizes(area.width, area.height));
         const fsim::similarity found = method.of(call.c, {a, b});
         check_near({{"fsim", found.fsim}, {"fsimc", found.fsimc}}, expected, 2e-6);
      });
   }
}

TEST_CASE("FSIM falls with noise and blur, FSIMc with a tint that luma does not see") {
   const picture_pair clean = natural_pair(120, 100);
   double last = 1;
   for (const int amount : {8, 16, 32, 64, 128}) {
      picture noisy = clean.reference;
      for (size_t i = 0; i < noisy.rgb.size(); ++i)
         noisy.rgb[i] = static_cast<uint8_t>(
             std::clamp(noisy.rgb[i] + noise(2, static_cast<int64_t>(i)) % amount - amount / 2, 0, 255));
      const double found = measured(plugin(), 1, {"", clean.reference, noisy}).at("fsim");
      CHECK(found < last);
      last = found;
   }
   picture tinted = clean.reference;
   for (size_t i = 0; i < tinted.rgb.size(); i += 3) {
      // 0.299 * 100 - 0.587 * 51 is nearly 0
      tinted.rgb[i] = static_cast<uint8_t>(std::min(255, tinted.rgb[i] / 3 + 100));
      tinted.rgb[i + 1] = static_cast<uint8_t>(tinted.rgb[i + 1] / 3 + 100);
      tinted.rgb[i + 2] = static_cast<uint8_t>(tinted.rgb[i + 2] / 3 + 100);
   }
   picture other = tinted;
   for (size_t i = 0; i < other.rgb.size(); i += 3) {
      other.rgb[i] = static_cast<uint8_t>(other.rgb[i] + 60);
      other.rgb[i + 1] = static_cast<uint8_t>(other.rgb[i + 1] - 31);
   }
   const values found = measured(plugin(), 1, {"", tinted, other});
   CHECK(found.at("fsim") > 0.99);
   CHECK(found.at("fsimc") < found.at("fsim") - 0.01);
}

TEST_CASE("the filters are what the paper draws: no mean, bands an octave apart, one way each") {
   const fsim::log_gabor_bank bank(96, 96, [] {});
   for (size_t s = 0; s < fsim::scales; ++s) {
      CHECK(bank.radial[s][0] == 0);
      // The centre, at 96 / (6 2^s) cycles a picture; for the smallest scale the low-pass filter bites a
      // little.
      const size_t centre = 16 >> s;
      CHECK(bank.radial[s][centre] == doctest::Approx(1).epsilon(1e-6));
      CHECK(bank.radial[s][centre] > bank.radial[s][centre - 1]);
      CHECK(bank.radial[s][centre] > bank.radial[s][centre + 1]);
      CHECK(bank.radial[s][47] < 0.3);
   }
   CHECK(bank.angular[0][10] == 1);                                             // to the right
   CHECK(bank.angular[0][96 - 10] < 2e-5);                                      // to the left
   CHECK(bank.angular[2][(96 - 10) * 96] == doctest::Approx(1).epsilon(1e-12)); // up
   CHECK(bank.angular[1][(96 - 10) * 96 + 10] == doctest::Approx(1).epsilon(1e-12));
}

} // namespace
} // namespace giflab::test
