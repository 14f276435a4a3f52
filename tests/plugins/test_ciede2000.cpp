// CIEDE2000 against the published pairs and against its plain twin.

#include "every_target.hpp"
#include "guarded.hpp"
#include "pictures.hpp"

#include <array>
#include <cstring>
#include <giflab_kernels/ciede2000.hpp>
#include <giflab_kernels/colour_differences.hpp>
#include <giflab_kernels/pixel_pairs.hpp>
#include <giflab_kernels/weighted_totals.hpp>

namespace giflab::test {
namespace {

using namespace giflab::kernels;

struct published_pair {
   lab first, second;
   double difference; // four digits after the point
};

// Table 1 of Sharma, Wu and Dalal 2005.
const published_pair published[] = {
    {{50.0000, 2.6772, -79.7751}, {50.0000, 0.0000, -82.7485}, 2.0425},
    {{50.0000, 3.1571, -77.2803}, {50.0000, 0.0000, -82.7485}, 2.8615},
    {{50.0000, 2.8361, -74.0200}, {50.0000, 0.0000, -82.7485}, 3.4412},
    {{50.0000, -1.3802, -84.2814}, {50.0000, 0.0000, -82.7485}, 1.0000},
    {{50.0000, -1.1848, -84.8006}, {50.0000, 0.0000, -82.7485}, 1.0000},
    {{50.0000, -0.9009, -85.5211}, {50.0000, 0.0000, -82.7485}, 1.0000},
    {{50.0000, 0.0000, 0.0000}, {50.0000, -1.0000, 2.0000}, 2.3669},
    {{50.0000, -1.0000, 2.0000}, {50.0000, 0.0000, 0.0000}, 2.3669},
    {{50.0000, 2.4900, -0.0010}, {50.0000, -2.4900, 0.0009}, 7.1792},
    {{50.0000, 2.4900, -0.0010}, {50.0000, -2.4900, 0.0010}, 7.1792},
    {{50.0000, 2.4900, -0.0010}, {50.0000, -2.4900, 0.0011}, 7.2195},
    {{50.0000, 2.4900, -0.0010}, {50.0000, -2.4900, 0.0012}, 7.2195},
    {{50.0000, -0.0010, 2.4900}, {50.0000, 0.0009, -2.4900}, 4.8045},
    {{50.0000, -0.0010, 2.4900}, {50.0000, 0.0010, -2.4900}, 4.8045},
    {{50.0000, -0.0010, 2.4900}, {50.0000, 0.0011, -2.4900}, 4.7461},
    {{50.0000, 2.5000, 0.0000}, {50.0000, 0.0000, -2.5000}, 4.3065},
    {{50.0000, 2.5000, 0.0000}, {73.0000, 25.0000, -18.0000}, 27.1492},
    {{50.0000, 2.5000, 0.0000}, {61.0000, -5.0000, 29.0000}, 22.8977},
    {{50.0000, 2.5000, 0.0000}, {56.0000, -27.0000, -3.0000}, 31.9030},
    {{50.0000, 2.5000, 0.0000}, {58.0000, 24.0000, 15.0000}, 19.4535},
    {{50.0000, 2.5000, 0.0000}, {50.0000, 3.1736, 0.5854}, 1.0000},
    {{50.0000, 2.5000, 0.0000}, {50.0000, 3.2972, 0.0000}, 1.0000},
    {{50.0000, 2.5000, 0.0000}, {50.0000, 1.8634, 0.5757}, 1.0000},
    {{50.0000, 2.5000, 0.0000}, {50.0000, 3.2592, 0.3350}, 1.0000},
    {{60.2574, -34.0099, 36.2677}, {60.4626, -34.1751, 39.4387}, 1.2644},
    {{63.0109, -31.0961, -5.8663}, {62.8187, -29.7946, -4.0864}, 1.2630},
    {{61.2901, 3.7196, -5.3901}, {61.4292, 2.2480, -4.9620}, 1.8731},
    {{35.0831, -44.1164, 3.7933}, {35.0232, -40.0716, 1.5901}, 1.8645},
    {{22.7233, 20.0904, -46.6940}, {23.0331, 14.9730, -42.5619}, 2.0373},
    {{36.4612, 47.8580, 18.3852}, {36.2715, 50.5065, 21.2231}, 1.4146},
    {{90.8027, -2.0831, 1.4410}, {91.1528, -1.6435, 0.0447}, 1.4441},
    {{90.9257, -0.5406, -0.9208}, {88.6381, -0.8985, -0.7239}, 1.5381},
    {{6.7747, -0.2908, -2.4247}, {5.8714, -0.0985, -2.2286}, 0.6377},
    {{2.0776, 0.0795, -1.1350}, {0.9033, -0.0636, -0.5514}, 0.9082},
};

struct columns {
   std::vector<double> l, a, b;

   explicit columns(size_t count) : l(count), a(count), b(count) {}
   lab_columns<double> write() { return {l.data(), a.data(), b.data()}; }
   lab_columns<const double> read() const { return {l.data(), a.data(), b.data()}; }
   void add(const lab &colour) {
      l.push_back(colour.l);
      a.push_back(colour.a);
      b.push_back(colour.b);
   }
};

TEST_CASE("CIEDE2000 gives the 34 published differences, in both directions") {
   columns first(0), second(0);
   std::vector<double> expected;
   for (const published_pair &pair : published) {
      CHECK(ciede2000(pair.first, pair.second) == doctest::Approx(pair.difference).epsilon(6e-5));
      CHECK(ciede2000(pair.second, pair.first) == doctest::Approx(pair.difference).epsilon(6e-5));
      first.add(pair.first), second.add(pair.second), expected.push_back(pair.difference);
      first.add(pair.second), second.add(pair.first), expected.push_back(pair.difference);
   }
   for_every_target([&] {
      std::vector<float> differences(expected.size());
      ciede2000_of_columns(first.read(), second.read(), expected.size(), differences.data(),
                           arithmetic::vector);
      for (size_t i = 0; i < expected.size(); ++i) {
         INFO("pair ", i / 2 + 1);
         CHECK(std::fabs(differences[i] - expected[i]) < 6e-5);
      }
   });
}

// Pairs of colours: far apart, near, greys, pure colours, equal ones, dark ones, and anything with black or
// grey.
std::vector<std::array<uint32_t, 2>> many_pairs(size_t count) {
   std::vector<std::array<uint32_t, 2>> pairs;
   for (size_t i = 0; i < count; ++i) {
      const auto n = static_cast<int64_t>(i);
      const auto byte = [&](uint64_t seed) { return static_cast<uint32_t>(noise(seed, n)); };
      const uint32_t colour = byte(1) | byte(2) << 8 | byte(3) << 16;
      const uint32_t near = colour ^ (byte(7) & 3) ^ (byte(8) & 1) << 8 ^ (byte(9) & 1) << 16;
      switch (i % 8) {
      case 0:
         pairs.push_back({colour, byte(4) | byte(5) << 8 | byte(6) << 16});
         break;
      case 1:
         pairs.push_back({colour, near});
         break;
      case 2:
         pairs.push_back({byte(1) * 0x10101, byte(2) * 0x10101});
         break;
      case 3:
         pairs.push_back({(byte(1) & 1) * 0xFF | (byte(2) & 1) * 0xFF00 | (byte(3) & 1) * 0xFF0000, colour});
         break;
      case 4:
         pairs.push_back({colour & 0x1F1F1F, near & 0x1F1F1F});
         break;
      case 5:
         pairs.push_back({colour, 0});
         break;
      case 6:
         pairs.push_back({colour, byte(4) * 0x10101});
         break;
      default:
         pairs.push_back({colour, colour});
      }
   }
   return pairs;
}

TEST_CASE("lanes agree with the textbook for colours near and far") {
   const size_t count = 200000;
   std::vector<uint32_t> first, second;
   for (const auto &[a, b] : many_pairs(count))
      first.push_back(a), second.push_back(b);
   std::vector<float> plain(count), fast(count), before;
   ciede2000_of_colours(first.data(), second.data(), count, plain.data(), arithmetic::scalar);
   for_every_target([&] {
      ciede2000_of_colours(first.data(), second.data(), count, fast.data(), arithmetic::vector);
      double worst = 0, sum = 0;
      for (size_t i = 0; i < count; ++i) {
         const double error = std::fabs(fast[i] - plain[i]) / std::max(plain[i], 1e-3f);
         CHECK((first[i] != second[i] || fast[i] == 0));
         worst = std::max(worst, error);
         sum += error;
      }
      CHECK(worst < 4e-6);
      CHECK(sum / count < 2e-7);
      if (hwy::SupportedTargets() == HWY_SCALAR)
         return;
      if (before.empty())
         before = fast;
      CHECK(std::memcmp(fast.data(), before.data(), count * sizeof(float)) == 0);
   });
}

TEST_CASE("lanes agree with the textbook about L*a*b*") {
   const size_t count = 20000;
   columns first(0), second(0);
   for (size_t i = 0; i < count; ++i) {
      const auto n = static_cast<int64_t>(i);
      const auto part = [&](uint64_t seed) { return noise(seed, n) / 255.0; };
      const lab colour = {100 * part(1), 200 * part(2) - 100, 200 * part(3) - 100};
      const double reach = i % 2 == 0 ? 40 : 0.5;
      first.add(colour);
      second.add({colour.l + reach * (part(4) - 0.5), colour.a + reach * (part(5) - 0.5),
                  colour.b + reach * (part(6) - 0.5)});
   }
   std::vector<float> plain(count), fast(count);
   ciede2000_of_columns(first.read(), second.read(), count, plain.data(), arithmetic::scalar);
   for_every_target([&] {
      ciede2000_of_columns(first.read(), second.read(), count, fast.data(), arithmetic::vector);
      double worst = 0;
      for (size_t i = 0; i < count; ++i)
         worst = std::max(worst, double{std::fabs(fast[i] - plain[i])} / std::max(plain[i], 1e-3f));
      CHECK(worst < 2e-6);
   });
}

TEST_CASE("a pair's bits do not depend on its place, and nothing is touched past the end") {
   const auto pairs = many_pairs(200);
   for (size_t count = 1; count <= pairs.size(); count += count < 20 ? 1 : 7) {
      const guarded_memory colours(count * sizeof(uint32_t)), others(count * sizeof(uint32_t));
      const guarded_memory differences(count * sizeof(float));
      auto *first = reinterpret_cast<uint32_t *>(colours.data());
      auto *second = reinterpret_cast<uint32_t *>(others.data());
      auto *value = reinterpret_cast<float *>(differences.data());
      for (size_t i = 0; i < count; ++i)
         first[i] = pairs[i][0], second[i] = pairs[i][1];
      ciede2000_of_colours(first, second, count, value, arithmetic::vector);
      for (size_t i = 0; i < count; ++i) {
         float alone = 0;
         ciede2000_of_colours(&pairs[i][0], &pairs[i][1], 1, &alone, arithmetic::vector);
         CHECK(std::memcmp(&alone, &value[i], sizeof alone) == 0);
      }
   }
}

TEST_CASE("pixels become pairs of colours, and runs of them end where either changes") {
   for (size_t count = 1; count <= pixel_pairs::most; ++count) {
      const guarded_memory first_row(3 * count), second_row(3 * count);
      auto *first = reinterpret_cast<uint8_t *>(first_row.data());
      auto *second = reinterpret_cast<uint8_t *>(second_row.data());
      for (const int colours : {1, 2, 3, 200}) { // few: runs, and many pixels with one colour
         for (size_t i = 0; i < 3 * count; ++i) {
            const auto n = static_cast<int64_t>(i / 3);
            first[i] = static_cast<uint8_t>(noise(i % 3, n) % colours);
            second[i] = static_cast<uint8_t>(noise(i % 3, n / 2) % colours);
         }
         std::array<uint32_t, pixel_pairs::most + 1> plain1, plain2, fast1, fast2;
         const pixel_pairs expected =
             find_pairs(first, second, count, plain1.data(), plain2.data(), arithmetic::scalar);
         const uint8_t *last = first + 3 * (count - 1);
         CHECK(plain1[count - 1] ==
               (last[0] | static_cast<uint32_t>(last[1]) << 8 | static_cast<uint32_t>(last[2]) << 16));
         CHECK((expected.ending >> (count - 1)) == 1);
         for_every_target([&] {
            const pixel_pairs found =
                find_pairs(first, second, count, fast1.data(), fast2.data(), arithmetic::vector);
            CHECK(found.differing == expected.differing);
            CHECK(found.ending == expected.ending);
            CHECK(std::memcmp(fast1.data(), plain1.data(), count * sizeof(uint32_t)) == 0);
            CHECK(std::memcmp(fast2.data(), plain2.data(), count * sizeof(uint32_t)) == 0);
         });
      }
   }
}

TEST_CASE("totals of weighted values are the same bits from both twins") {
   for (const size_t size : {size_t{1}, size_t{7}, size_t{64}, size_t{10007}}) {
      const guarded_memory values(size * sizeof(float)), counts(size * sizeof(uint32_t));
      auto *value = reinterpret_cast<float *>(values.data());
      auto *count = reinterpret_cast<uint32_t *>(counts.data());
      for (size_t i = 0; i < size; ++i) {
         const auto n = static_cast<int64_t>(i);
         value[i] = i % 3 == 0 ? static_cast<float>(noise(1, n) % 6) : static_cast<float>(noise(2, n)) / 7.3f;
         count[i] = i % 11 == 0 ? most_weight : static_cast<uint32_t>(noise(3, n)) + 1;
      }
      weighted_totals expected;
      add_weighted(value, count, size, expected, arithmetic::scalar);
      for_every_target([&] {
         weighted_totals totals;
         add_weighted(value, count, size, totals, arithmetic::vector);
         CHECK(totals.sum == expected.sum);
         CHECK(totals.pixels == expected.pixels);
         CHECK(totals.over == expected.over);
         CHECK(totals.max == expected.max);
      });
   }
}

} // namespace
} // namespace giflab::test
