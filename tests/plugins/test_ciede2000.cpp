// CIEDE2000 against the published pairs and against its plain twin.

#include "every_target.hpp"
#include "guarded.hpp"
#include "pictures.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <giflab_kernels/ciede2000.hpp>
#include <giflab_kernels/ciede2000_single.hpp>
#include <giflab_kernels/colour_differences.hpp>
#include <giflab_kernels/pixel_pairs.hpp>
#include <giflab_kernels/radix_select.hpp>
#include <giflab_kernels/weighted_totals.hpp>
#include <numeric>

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

// ---- What devices compute

// As wrong as a device's instructions may be by the PTX ISA, up or down as the argument's bits have it.
struct rough_functions {
   static double sign(float x, uint32_t salt) {
      const uint32_t bits = (std::bit_cast<uint32_t>(x) ^ salt) * 2654435761u;
      return (bits ^ bits >> 13) & 0x100 ? 1 : -1;
   }
   static float near(double exact, float x, uint32_t salt, double relative) {
      return static_cast<float>(exact * (1 + relative * sign(x, salt)));
   }
   static float inverse(float x) { return near(1.0 / x, x, 1, 0x1p-23); }
   static float root(float x) { return near(std::sqrt(static_cast<double>(x)), x, 2, 0x1.6p-23); }
   static float inverse_root(float x) { return near(1 / std::sqrt(static_cast<double>(x)), x, 3, 0x1.6p-23); }
   static float binary_logarithm(float x) {
      const double exact = std::log2(static_cast<double>(x));
      return static_cast<float>(exact + sign(x, 4) * 0x1p-22 * std::max(1.0, std::fabs(exact)));
   }
   static float power_of_two(float x) { return near(std::exp2(static_cast<double>(x)), x, 5, 0x1p-22); }
   static float sine(float x) {
      return static_cast<float>(std::sin(static_cast<double>(x)) + sign(x, 6) * 0x1.6p-21);
   }
};

constexpr single::linear_table linear = single::make_linear_table();

single::linear_rgb linear_of(uint32_t colour) {
   return {linear.of[colour & 0xFF], linear.of[colour >> 8 & 0xFF], linear.of[colour >> 16 & 0xFF]};
}

lab lab_of(uint32_t colour) {
   const auto channel = [&](int shift) { return linear_of_srgb(static_cast<uint8_t>(colour >> shift)); };
   return lab_of_linear(channel(0), channel(8), channel(16));
}

TEST_CASE("a device's table of linear light is the formula's, rounded") {
   for (int i = 0; i < 256; ++i)
      CHECK(std::fabs(linear.of[i] - linear_of_srgb(static_cast<uint8_t>(i)) * single::white) < 0.51);
}

TEST_CASE("a device's curve is that of L*a*b* on both sides of its knee, and so are its changes") {
   for (int i = 1; i < 4000; ++i) {
      const double first = i % 2 ? 0.0088 + i * 5e-8 : i / 4000.0;
      const double second = std::min(1.0, first * (1 + (i % 7) * 0.003));
      const auto [sum, change] = single::curve_of<single::fast_functions>(
          static_cast<float>(first), static_cast<float>(second), static_cast<float>(second - first));
      CHECK(std::fabs(sum - (lab_curve(first) + lab_curve(second))) < 1e-6);
      // A share within half a unit in the last place of the knee may fall on its other side.
      CHECK(std::fabs(change - (lab_curve(second) - lab_curve(first))) < 2e-9 + 2e-6 * std::fabs(change));
   }
}

single::lab_pair lab_pair_of(const lab &first, const lab &second) {
   const auto part = [](double value) { return static_cast<float>(value); };
   return {part((first.l + second.l) / 2),
           part(first.a),
           part(first.b),
           part(second.a),
           part(second.b),
           part(second.l - first.l),
           part(second.a - first.a),
           part(second.b - first.b)};
}

TEST_CASE("a device's formula gives the 34 published differences, in both directions") {
   for (const published_pair &pair : published) {
      INFO("difference ", pair.difference);
      for (const auto &lab_pair :
           {lab_pair_of(pair.first, pair.second), lab_pair_of(pair.second, pair.first)}) {
         CHECK(std::fabs(single::difference_of<single::fast_functions>(lab_pair) - pair.difference) < 6e-5);
         CHECK(std::fabs(single::difference_of<rough_functions>(lab_pair) - pair.difference) < 7e-5);
      }
   }
}

// What many_pairs() lacks: dark neighbours, and greys beside colours and beside near greys.
std::vector<std::array<uint32_t, 2>> delicate_pairs(size_t count) {
   std::vector<std::array<uint32_t, 2>> pairs;
   for (size_t i = 0; i < count; ++i) {
      const auto byte = [&](uint64_t seed) {
         return static_cast<uint32_t>(noise(seed, static_cast<int64_t>(i)));
      };
      const uint32_t grey = byte(1) * 0x10101;
      const uint32_t dark = byte(2) % 40 | byte(3) % 40 << 8 | byte(4) % 40 << 16;
      switch (i % 4) {
      case 0:
         pairs.push_back({dark, dark + (byte(5) % 3 | byte(6) % 3 << 8 | byte(7) % 3 << 16)});
         break;
      case 1:
         pairs.push_back({grey, byte(5) | byte(6) << 8 | byte(7) << 16});
         break;
      case 2:
         pairs.push_back({byte(5) | byte(6) << 8 | byte(7) << 16, i % 8 == 2 ? 0 : grey});
         break;
      default:
         pairs.push_back({grey, grey ^ (byte(5) & 15) ^ (byte(6) & 15) << 8 ^ (byte(7) & 15) << 16});
      }
   }
   return pairs;
}

// Where hues are opposite the formula jumps.
bool nearly_opposite(const lab &first, const lab &second) {
   return std::fabs(std::fabs(hue_of(first.a, first.b) - hue_of(second.a, second.b)) - 180) < 0.2;
}

template <class Functions>
double worst_of(const std::vector<std::array<uint32_t, 2>> &pairs, double &expected_sum, double &sum) {
   double worst = 0;
   for (const auto &[a, b] : pairs) {
      if (a == b)
         continue;
      const lab first = lab_of(a), second = lab_of(b);
      const double expected = ciede2000(first, second);
      const double found = single::ciede2000<Functions>(linear_of(a), linear_of(b));
      expected_sum += expected;
      sum += found;
      if (!nearly_opposite(first, second))
         worst = std::max(worst, std::fabs(found / expected - 1));
   }
   return worst;
}

TEST_CASE("a device's differences agree with the textbook for colours near and far") {
   for (const auto &pairs : {many_pairs(100000), delicate_pairs(100000)}) {
      double expected_sum = 0, sum = 0;
      CHECK(worst_of<single::fast_functions>(pairs, expected_sum, sum) < 2e-5);
      CHECK(std::fabs(sum / expected_sum - 1) < 1e-6);
      expected_sum = sum = 0;
      CHECK(worst_of<rough_functions>(pairs, expected_sum, sum) < 1e-4);
      CHECK(std::fabs(sum / expected_sum - 1) < 1e-6);
   }
}

// The value of a rank among those above 0, as the blocks of a device find it: each thread looks at a few bins.
float selected(const std::vector<float> &values, uint32_t zeros, uint32_t rank) {
   constexpr uint32_t threads = 256;
   radix_progress found = {0, zeros};
   for (const radix_digit digit : radix_digits) {
      std::vector<uint32_t> bins(digit.bins());
      for (const float value : values)
         if (const uint32_t key = key_above(value); digit.prefix_of(key) == found.prefix)
            ++bins[digit.of(key)];
      const uint32_t mine = digit.bins() / threads;
      uint32_t below = found.below;
      for (uint32_t first = 0; first < digit.bins(); first += mine) {
         const uint32_t count = std::accumulate(&bins[first], &bins[first] + mine, 0u);
         if (below <= rank && rank - below < count) {
            found = next_digit(&bins[first], first, found.prefix, below, rank, digit);
            break;
         }
         below += count;
      }
   }
   return float_of_key_above(found.prefix);
}

TEST_CASE("digit by digit every rank's value is found, among zeros and repeated values too") {
   std::vector<float> values;
   for (int64_t i = 0; i < 1500; ++i) {
      const auto byte = static_cast<float>(noise(1, i));
      values.push_back(i % 5 == 0   ? 0
                       : i % 5 == 1 ? std::floor(byte / 40)
                       : i % 5 == 2 ? std::nextafter(static_cast<float>(noise(2, i) % 6), 200.0f)
                                    : byte * byte / 577.3f + static_cast<float>(noise(3, i)) * 1e-4f);
   }
   std::vector<float> sorted = values;
   std::ranges::sort(sorted);
   const auto zeros = static_cast<uint32_t>(std::ranges::count(sorted, 0.0f));
   REQUIRE(zeros > 100);
   for (uint32_t rank = zeros; rank < sorted.size(); ++rank)
      CHECK(selected(values, zeros, rank) == sorted[rank]);
}

TEST_CASE("bins tell how many values are above each threshold") {
   constexpr radix_digit digit = radix_digits[0];
   for (const float threshold : weighted_totals::thresholds) {
      const uint32_t edge = digit.of(std::bit_cast<uint32_t>(threshold));
      CHECK(digit.of(key_above(threshold)) < edge);
      CHECK(digit.of(key_above(std::nextafter(threshold, 0.0f))) < edge);
      CHECK(digit.of(key_above(std::nextafter(threshold, 200.0f))) >= edge);
   }
   for (const radix_digit any : radix_digits) // 0 has no digits
      CHECK(any.prefix_of(key_above(0)) >= 1u << (31 - any.shift - any.bits));
}

} // namespace
} // namespace giflab::test
