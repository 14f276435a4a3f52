// The layers' vectors against their plain twins.

#include "every_target.hpp"
#include "guarded.hpp"
#include "layers.hpp"
#include "pictures.hpp"

#include <array>
#include <cmath>
#include <doctest/doctest.h>

namespace giflab::lpips {
namespace {

using test::noise;

// A map whose last float is the last that may be read, filled by a formula.
class guarded_map {
 public:
   guarded_map(int32_t width, int32_t height, int32_t channels, int32_t border, uint64_t seed)
       : map{nullptr, width, height, channels, border}, memory_(map.size() * sizeof(float)) {
      map.data = reinterpret_cast<float *>(memory_.data());
      for (size_t i = 0; i < map.size(); ++i)
         map.data[i] = static_cast<float>(noise(seed, static_cast<int64_t>(i)) - 100) / 64;
      clear_border(map);
   }

   feature_map map;

 private:
   test::guarded_memory memory_;
};

// A convolution with weights from a formula, the packed ones before a page that faults.
struct made_layer {
   std::vector<float> weights, bias;
   test::guarded_memory packed;
   convolution layer;

   made_layer(int32_t in, int32_t out, int32_t kernel, int32_t stride, int32_t padding)
       : weights(static_cast<size_t>(in * out * kernel * kernel)), bias(static_cast<size_t>(out)),
         packed(weights.size() * sizeof(float)) {
      for (size_t i = 0; i < weights.size(); ++i)
         weights[i] = static_cast<float>(noise(90, static_cast<int64_t>(i)) - 127) / 1024;
      for (size_t i = 0; i < bias.size(); ++i)
         bias[i] = static_cast<float>(noise(91, static_cast<int64_t>(i)) - 127) / 256;
      layer = {in, out, kernel, stride, padding, weights, bias, {}};
      const std::span<float> room(reinterpret_cast<float *>(packed.data()), weights.size());
      pack(layer, room);
      layer.packed = room;
   }
};

int32_t result_extent(const convolution &layer, int32_t of_source) {
   return (of_source + 2 * layer.padding - layer.kernel) / layer.stride + 1;
}

void check_equal(const feature_map &plain, const feature_map &fast, double tolerance) {
   for (size_t i = 0; i < plain.size(); ++i)
      if (!(std::abs(plain.data[i] - fast.data[i]) <= tolerance)) {
         CAPTURE(i);
         REQUIRE(double{fast.data[i]} == doctest::Approx(double{plain.data[i]}).epsilon(tolerance));
      }
}

const std::array<std::array<int32_t, 5>, 8> shapes = {{{3, 64, 3, 2, 0},
                                                       {3, 64, 11, 4, 2},
                                                       {64, 16, 1, 1, 0},
                                                       {16, 64, 1, 1, 0},
                                                       {16, 64, 3, 1, 1},
                                                       {48, 48, 3, 1, 1},
                                                       {5, 80, 5, 1, 2},
                                                       {7, 16, 3, 1, 1}}};

TEST_CASE(
    "convolutions agree with the plain twin at every width, touch nothing beyond, and keep other channels") {
   for (const auto &[in, out, kernel, stride, padding] : shapes) {
      const made_layer made(in, out, kernel, stride, padding);
      for (int32_t width = 11; width<45; width += in> 16 ? 7 : 1) {
         CAPTURE(in);
         CAPTURE(out);
         CAPTURE(width);
         const guarded_map source(width, 13, in, padding, 5);
         const int32_t columns = result_extent(made.layer, width), rows = result_extent(made.layer, 13);
         const guarded_map plain(columns, rows, out + 16, 1, 6);
         for (int32_t y = 0; y < rows; ++y)
            convolve(made.layer, source.map, plain.map, 16, {y, 0, columns}, arithmetic::scalar);
         test::for_every_target([&] {
            const guarded_map fast(columns, rows, out + 16, 1, 6);
            for (int32_t y = 0; y < rows; ++y)
               convolve(made.layer, source.map, fast.map, 16, {y, 0, columns}, arithmetic::vector);
            check_equal(plain.map, fast.map, 2e-5);
         });
      }
   }
}

TEST_CASE("a pixel's bits do not depend on the run that it is in") {
   const made_layer made(16, 48, 3, 1, 1);
   const guarded_map source(41, 1, 16, 1, 5);
   test::for_every_target([&] {
      const guarded_map whole(41, 1, 48, 0, 6);
      convolve(made.layer, source.map, whole.map, 0, {0, 0, 41}, arithmetic::vector);
      for (int32_t count = 1; count < 30; ++count) {
         const guarded_map parts(41, 1, 48, 0, 7);
         for (int32_t x = 0; x < 41; x += count)
            convolve(made.layer, source.map, parts.map, 0, {0, x, std::min(count, 41 - x)}, arithmetic::vector);
         CHECK(std::memcmp(whole.map.data, parts.map.data, whole.map.size() * sizeof(float)) == 0);
      }
   });
}

// All rows of a result, by tiles, `most` of them at a time.
void convolve_by_tiles(const convolution &layer, const feature_map &source, const feature_map &target,
                       int32_t most) {
   const int32_t down = (target.height + tile_extent - 1) / tile_extent,
                 tiles = tiles_across(target.width) * down;
   test::guarded_memory room(tile_room(layer, most) * sizeof(float));
   auto *floats = reinterpret_cast<float *>(room.data());
   for (int32_t first = 0; first < tiles; first += most) {
      const tile_run run = {0, target.height, first, std::min(most, tiles - first)};
      spread_tiles(layer, source, target.width, run, floats);
      for (int32_t block = 0; block < layer.out; block += static_cast<int32_t>(channels_per_block))
         convolve_tiles(layer, target, 16, block, run, floats);
   }
}

TEST_CASE(
    "convolutions by tiles agree with the plain twin at every size, touch nothing beyond, keep other channels, "
    "and do not depend on how many tiles go together") {
   for (const auto &[in, out] : {std::pair{16, 64}, std::pair{64, 48}}) {
      const made_layer made(in, out, 3, 1, 1);
      test::for_every_target([&] {
         if (!suits_tiles(made.layer))
            return; // plain code
         for (int32_t width = 1; width < 12; ++width)
            for (const int32_t height : {1, 4, 6, 11}) {
               CAPTURE(width);
               CAPTURE(height);
               const guarded_map source(width, height, in, 1, 5), plain(width, height, out + 16, 1, 6);
               for (int32_t y = 0; y < height; ++y)
                  convolve(made.layer, source.map, plain.map, 16, {y, 0, width}, arithmetic::scalar);
               const guarded_map fast(width, height, out + 16, 1, 6), parts(width, height, out + 16, 1, 6);
               convolve_by_tiles(made.layer, source.map, fast.map, 9);
               check_equal(plain.map, fast.map, 5e-5); // of sums of up to 576 products, some 10 in size
               convolve_by_tiles(made.layer, source.map, parts.map, 4);
               CHECK(std::memcmp(fast.map.data, parts.map.data, fast.map.size() * sizeof(float)) == 0);
            }
      });
   }
}

TEST_CASE("only windows of 3x3, one apart and with whole vectors of channels, go by tiles") {
   CHECK_FALSE(suits_tiles(made_layer(16, 32, 1, 1, 0).layer));
   CHECK_FALSE(suits_tiles(made_layer(16, 32, 3, 2, 1).layer));
   CHECK_FALSE(suits_tiles(made_layer(3, 64, 3, 1, 1).layer));
   CHECK_FALSE(suits_tiles(made_layer(16, 32, 5, 1, 2).layer));
}

TEST_CASE("maxima are the plain twin's, also of windows that are cut off") {
   for (const int32_t window : {2, 3})
      for (const int32_t width : {2, 3, 4, 7, 8, 20})
         for (const int32_t height : {2, 5, 6}) {
            const guarded_map source(width, height, 48, 0, 5);
            const int32_t columns = (width - window + 1) / 2 + 1, rows = (height - window + 1) / 2 + 1;
            const guarded_map plain(columns, rows, 48, 1, 6);
            for (int32_t y = 0; y < rows; ++y)
               take_maxima(source.map, plain.map, window, 2, y, arithmetic::scalar);
            test::for_every_target([&] {
               const guarded_map fast(columns, rows, 48, 1, 6);
               for (int32_t y = 0; y < rows; ++y)
                  take_maxima(source.map, fast.map, window, 2, y, arithmetic::vector);
               check_equal(plain.map, fast.map, 0);
            });
         }
}

TEST_CASE(
    "comparisons agree with the plain twin, and features without length differ by nothing from each other") {
   for (const int32_t channels : {16, 64, 80, 512})
      for (const int32_t width : {1, 3, 17}) {
         const guarded_map a(width, 2, channels, 0, 5), b(width, 2, channels, 1, 6);
         std::vector<float> weights(static_cast<size_t>(channels));
         for (size_t c = 0; c < weights.size(); ++c)
            weights[c] = static_cast<float>(noise(7, static_cast<int64_t>(c))) / 256;
         const guarded_map nothing(width, 2, channels, 0, 8), black(width, 2, channels, 0, 9);
         std::fill_n(nothing.map.data, nothing.map.size(), 0.0f);
         std::fill_n(black.map.data, black.map.size(), 0.0f);
         const double plain = compare_row(a.map, b.map, 1, weights, arithmetic::scalar);
         CHECK(plain > 0);
         test::for_every_target([&] {
            CHECK(compare_row(a.map, b.map, 1, weights, arithmetic::vector) ==
                  doctest::Approx(plain).epsilon(1e-5));
            CHECK(compare_row(a.map, a.map, 1, weights, arithmetic::vector) == 0);
            CHECK(compare_row(nothing.map, black.map, 1, weights, arithmetic::vector) == 0);
         });
      }
}

} // namespace
} // namespace giflab::lpips
