// VIF against two judges. numpy: Gaussian windows by scipy.ndimage.correlate1d(..., mode='mirror'), every
// second sample, libvmaf's statistic written out with numpy.where, all in double. libvmaf 3.2's `float_vif`
// with debug=true, whose floats and approximate logarithm are the difference.

#include "every_target.hpp"
#include "guarded.hpp"
#include "information.hpp"
#include "module_checks.hpp"

namespace giflab::test {
namespace {

const giflab_plugin &vif() { return plugin_of("vif", "org.giflab.vif"); }

struct known_values {
   size area;
   size_t pair;                        // of hard_pairs
   std::vector<double> numpy, libvmaf; // all scales together, then each
};
const known_values known[] = {
    {{64, 64},
     0,
     {0.78233120977792, 0.71748486378289, 0.98298295333233, 0.99465586603636, 0.99798758861713},
     {0.782328, 0.717485, 0.982969, 0.994649, 0.997985}},
    {{97, 67},
     0,
     {0.78102005465102, 0.72109097125173, 0.98391130192638, 0.99492869204032, 0.99823250333774},
     {0.781019, 0.721091, 0.983905, 0.994918, 0.998243}},
    {{97, 67},
     4,
     {0.0052154517632675, 0, 0, 0.93960949994294, 0.90720586813328},
     {0.005215, 0, 0, 0.93961, 0.907206}},
    {{97, 67},
     5,
     {0.0033449571600733, 0.00064186457269396, 0.0176974475647, 0.046829910154899, 0.090171286624342},
     {}},
    {{131, 61},
     2,
     {0.99998836498123, 0.99998474041051, 0.99999971748001, 0.99999988620651, 0.99999993983687},
     {0.999989, 0.999985, 1, 1, 1}}};

values named(const std::vector<double> &numbers) {
   const char *names[] = {"vif", "vif_scale0", "vif_scale1", "vif_scale2", "vif_scale3"};
   values result;
   for (size_t i = 0; i < numbers.size(); ++i)
      result[names[i]] = numbers[i];
   return result;
}

TEST_CASE("VIF of pictures from formulas") {
   for (const known_values &one : known) {
      const picture_pair pair = hard_pairs(one.area.width, one.area.height)[one.pair];
      CAPTURE(pair.name);
      for (const uint32_t level : {0u, 1u}) {
         const values found = measured(vif(), level, pair);
         check_near(found, named(one.numpy), 1e-12);
         check_near(found, named(one.libvmaf), 3e-5);
      }
   }
}

TEST_CASE("VIF of equal pictures is 1, but for what nearly flat places lose") {
   for (const picture_pair &pair : hard_pairs(107, 93)) {
      CAPTURE(pair.name);
      for (const auto &[id, value] : measured(vif(), 1, {"", pair.distorted, pair.distorted})) {
         CHECK(value <= 1 + 1e-12);
         CHECK(value >= 1 - 2 * 4 / (255.0 * 255));
      }
   }
}

TEST_CASE("contrast that was added counts above 1, contrast that was lost below") {
   const auto grain = [](int32_t x, int32_t y, int32_t) { return noise(5, y * 90 + x) / 4; };
   const auto times = [&](int numerator) {
      return pair_of(
          "gain", 90, 70, [&](int32_t x, int32_t y, int32_t c) { return 64 + grain(x, y, c); },
          [&](int32_t x, int32_t y, int32_t c) { return 64 + grain(x, y, c) * numerator / 4; });
   };
   double last = 0;
   for (const int numerator : {1, 2, 3, 5, 8, 12}) {
      const double found = measured(vif(), 1, times(numerator)).at("vif");
      CHECK(found > last);
      CHECK((found > 1) == (numerator > 4));
      last = found;
   }
}

TEST_CASE("more noise leaves less information") {
   const picture_pair clean = natural_pair(120, 90);
   double last = 1;
   for (const int amount : {3, 9, 27, 81}) {
      picture noisy = clean.reference;
      for (size_t i = 0; i < noisy.rgb.size(); ++i)
         noisy.rgb[i] = static_cast<uint8_t>(
             std::clamp(noisy.rgb[i] + noise(2, static_cast<int64_t>(i)) % amount - amount / 2, 0, 255));
      const double found = measured(vif(), 1, {"", clean.reference, noisy}).at("vif");
      CHECK(found < last);
      last = found;
   }
}

TEST_CASE("VIF agrees at both levels, and only pixels count") {
   check_levels(vif(), {{16, 16}, {16, 61}, {65, 17}, {33, 48}, {64, 64}, {107, 93}, {200, 31}}, 1e-11);
   for (const uint32_t level : {0u, 1u})
      check_only_pixels_count(vif(), level, 101, 67);
}

TEST_CASE("no kernel reads beside a plane, on any instruction set") {
   using namespace giflab::vif;
   const auto pause = [] {};
   for (const auto [width, height] : {size{16, 17}, size{47, 33}, size{80, 64}, size{131, 70}}) {
      const picture_pair pair = natural_pair(width, height);
      const auto luma = [](const picture &source) {
         return guarded_plane<uint8_t>(source.width, source.height, 0, 0xEE,
                                       [&](int32_t x, int32_t y) { return luma_at(source, x, y); });
      };
      const auto a = luma(pair.reference), b = luma(pair.distorted);
      const vif::picture_pair<uint8_t> bytes = {a.read(), b.read(), width, height};
      const information plain = information_of(bytes, pause, arithmetic::scalar);
      for_every_target([&] {
         const information found = information_of(bytes, pause, arithmetic::vector);
         CHECK(found.kept == doctest::Approx(plain.kept).epsilon(1e-12));
         CHECK(found.carried == doctest::Approx(plain.carried).epsilon(1e-12));
      });
   }
}

} // namespace
} // namespace giflab::test
