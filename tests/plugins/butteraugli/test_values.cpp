// What the module says, against libjxl's program and against what must hold of any such metric.

#include "fake_host.hpp"

#include <doctest/doctest.h>

namespace giflab::test {
namespace {

const giflab_plugin &butteraugli() { return plugin_of("butteraugli", "org.giflab.butteraugli"); }

struct norms {
   double largest, three;
};

norms norms_of(const picture &reference, const picture &distorted, uint32_t level, double nits = 80,
               double asymmetry = 1) {
   const fake_image a(reference, 0, 0), b(distorted, 1, 0xFF);
   const auto scores =
       measure(butteraugli(), level, {{&a.image, &b.image}}, {{nits, nullptr}, {asymmetry, nullptr}})[0];
   return {scores.at("butteraugli"), scores.at("butteraugli_3norm")};
}

norms norms_of(const picture_pair &pair, uint32_t level, double nits = 80, double asymmetry = 1) {
   return norms_of(pair.reference, pair.distorted, level, nits, asymmetry);
}

// ButteraugliDiffmap of libjxl 0.11.1 on the same bytes, made linear by the sRGB formula in double and rounded
// to float: the largest value of the map, and what butteraugli_main prints as its 3-norm.
struct known_value {
   size area;
   size_t which; // of hard_pairs
   double nits, asymmetry;
   norms expected;
};
constexpr known_value known_values[] = {
    {{1, 1}, 0, 80, 1, {8.79576778, 8.79576778}},     {{3, 300}, 0, 80, 1, {3.03682995, 1.89351972}},
    {{3, 300}, 0, 250, 1, {3.93430543, 2.40729348}},  {{7, 5}, 0, 80, 1, {1.61329043, 1.14414018}},
    {{7, 5}, 0, 80, 0.8, {1.58919322, 1.12880228}},   {{7, 5}, 4, 80, 1, {19.9009953, 14.6408115}},
    {{8, 8}, 0, 80, 1, {1.10185778, 0.787278371}},    {{15, 14}, 0, 80, 1, {2.17718768, 1.49407019}},
    {{15, 15}, 0, 80, 1, {2.49869943, 1.59707492}},   {{64, 64}, 0, 80, 1, {2.79722071, 1.57621637}},
    {{64, 64}, 0, 250, 1, {3.75162077, 2.05652935}},  {{64, 64}, 0, 80, 0.8, {2.7675674, 1.55711272}},
    {{64, 64}, 1, 80, 1, {0.862981021, 0.769856692}}, {{64, 64}, 2, 80, 1, {0.48667267, 0.32565002}},
    {{64, 64}, 3, 80, 1, {427.16571, 427.160704}},    {{64, 64}, 4, 80, 1, {27.2112541, 23.659698}},
    {{64, 64}, 5, 80, 1, {21.0422649, 10.4436436}},   {{64, 64}, 5, 250, 1, {27.1321793, 13.065235}},
    {{64, 64}, 5, 80, 0.8, {20.9115601, 10.3378558}}, {{107, 23}, 0, 80, 1, {2.81697512, 1.52664741}},
    {{321, 90}, 0, 80, 1, {3.91298914, 1.89842081}},  {{321, 90}, 0, 250, 1, {4.88965893, 2.36289097}},
    {{321, 90}, 0, 80, 0.8, {3.8950448, 1.88613588}},
};

// libjxl computes in floats and takes a quick logarithm, which is off by 4e-6 of a power of two.
TEST_CASE("libjxl's values are met at both levels") {
   for (const known_value &known : known_values)
      for (const uint32_t level : {0u, 1u}) {
         INFO(known.area.width, "x", known.area.height, " pair ", known.which, " nits ", known.nits, " level ",
              level);
         const auto pairs = hard_pairs(known.area.width, known.area.height);
         const norms found = norms_of(pairs[known.which], level, known.nits, known.asymmetry);
         CHECK(std::fabs(found.largest - known.expected.largest) <= 2e-4 * known.expected.largest);
         CHECK(std::fabs(found.three - known.expected.three) <= 2e-4 * known.expected.three);
      }
}

TEST_CASE("equal pictures differ by exactly nothing") {
   for (const size area : {size{1, 1}, size{7, 5}, size{8, 1}, size{40, 40}, size{300, 20}})
      for (const picture_pair &pair : hard_pairs(area.width, area.height))
         for (const uint32_t level : {0u, 1u}) {
            INFO(pair.name, " ", area.width, "x", area.height, " level ", level);
            const norms found = norms_of(pair.distorted, pair.distorted, level);
            CHECK(found.largest == 0);
            CHECK(found.three == 0);
         }
}

TEST_CASE("both norms rise with damage") {
   const auto original = [](int32_t x, int32_t y, int32_t c) { return 60 + (3 * x + 2 * y + 20 * c) % 130; };
   for (const size area : {size{8, 8}, size{13, 40}, size{60, 60}})
      for (const uint32_t level : {0u, 1u}) {
         norms before = {-1, -1};
         for (const int strength : {0, 8, 30, 90}) {
            INFO(area.width, "x", area.height, " strength ", strength, " level ", level);
            const auto damaged = [=](int32_t x, int32_t y, int32_t c) {
               return std::clamp(original(x, y, c) + (noise(11, y * 999 + x) - 128) * strength / 128, 0, 255);
            };
            const norms now = norms_of(pair_of("noise", area.width, area.height, original, damaged), level);
            CHECK(now.largest > before.largest);
            CHECK(now.three > before.three);
            CHECK(now.three <= now.largest);
            before = now;
         }
      }
}

// In a flat area nothing masks: a lighter and a darker step of light are about as far from it, but a picture
// that is busy hides more than a flat one does, so that the order of the two pictures matters.
TEST_CASE("the reference alone masks") {
   const auto flat = [](int32_t, int32_t, int32_t) { return 128; };
   const auto busy = [](int32_t x, int32_t y, int32_t) { return 128 + (noise(3, y * 999 + x) - 128) / 3; };
   const picture_pair pair = pair_of("texture", 60, 60, flat, busy);
   for (const uint32_t level : {0u, 1u}) {
      const norms gained = norms_of(pair.reference, pair.distorted, level);
      const norms lost = norms_of(pair.distorted, pair.reference, level);
      CHECK(gained.three > 1.2 * lost.three);
   }
}

// From the same program of libjxl: noise that a flat picture gained, and lost. Either way more asymmetry counts
// for more, and most where detail was lost, whatever the parameter's name makes one think.
TEST_CASE("asymmetry does what it does in libjxl") {
   const auto flat = [](int32_t, int32_t, int32_t) { return 128; };
   const auto busy = [](int32_t x, int32_t y, int32_t) { return 128 + (noise(3, y * 999 + x) - 128) / 6; };
   const picture_pair pair = pair_of("texture", 60, 60, flat, busy);
   struct {
      double asymmetry;
      norms gained, lost;
   } const known[] = {{0.5, {10.7152691, 7.62044726}, {4.5668292, 3.28105575}},
                      {1, {10.5087194, 7.50567063}, {4.81723881, 3.44463517}},
                      {2, {11.0857582, 7.93553352}, {5.37048101, 3.8476056}}};
   for (const uint32_t level : {0u, 1u})
      for (const auto &[asymmetry, gained, lost] : known) {
         INFO("level ", level, " asymmetry ", asymmetry);
         const norms more = norms_of(pair.reference, pair.distorted, level, 80, asymmetry);
         const norms less = norms_of(pair.distorted, pair.reference, level, 80, asymmetry);
         CHECK(more.largest == doctest::Approx(gained.largest).epsilon(1e-4));
         CHECK(more.three == doctest::Approx(gained.three).epsilon(1e-4));
         CHECK(less.largest == doctest::Approx(lost.largest).epsilon(1e-4));
         CHECK(less.three == doctest::Approx(lost.three).epsilon(1e-4));
      }
}

TEST_CASE("a brighter screen shows more") {
   const picture_pair pair = natural_pair(50, 50);
   double before = 0;
   for (const double nits : {5.0, 80.0, 250.0, 1000.0}) {
      const norms now = norms_of(pair, 1, nits);
      CHECK(now.three > before);
      before = now.three;
   }
}

TEST_CASE("a turned picture is as far from its turned original") {
   const picture_pair pair = natural_pair(61, 37);
   const auto turned = [](const picture &source) {
      picture result(source.height, source.width);
      for (int32_t y = 0; y < source.height; ++y)
         for (int32_t x = 0; x < source.width; ++x)
            for (int32_t c = 0; c < 3; ++c)
               result.rgb[result.at(y, x, c)] = source.rgb[source.at(x, y, c)];
      return result;
   };
   const picture reference = turned(pair.reference), distorted = turned(pair.distorted);
   const norms upright = norms_of(pair, 0), lying = norms_of(reference, distorted, 0);
   CHECK(lying.largest == doctest::Approx(upright.largest).epsilon(1e-9));
   CHECK(lying.three == doctest::Approx(upright.three).epsilon(1e-9));
   CHECK(norms_of(reference, distorted, 1).three == doctest::Approx(upright.three).epsilon(1e-4));
}

TEST_CASE("a batch gives the bits of single pairs") {
   const auto pairs = hard_pairs(70, 50);
   std::vector<std::unique_ptr<fake_image>> images;
   std::vector<giflab_pair> batch;
   for (const picture_pair &pair : pairs) {
      images.push_back(std::make_unique<fake_image>(pair.reference, 0, 0));
      images.push_back(std::make_unique<fake_image>(pair.distorted, 2, 0xFF));
      batch.push_back({&images[images.size() - 2]->image, &images.back()->image});
   }
   for (const uint32_t level : {0u, 1u}) {
      const auto together = measure(butteraugli(), level, batch);
      for (size_t i = 0; i < batch.size(); ++i)
         CHECK(together[i] == measure(butteraugli(), level, {batch[i]})[0]);
   }
}

} // namespace
} // namespace giflab::test
