// Sums of differences and histograms: both twins give the same integers.

#include "every_target.hpp"
#include "guarded.hpp"
#include "pictures.hpp"

#include <giflab_kernels/byte_error.hpp>
#include <giflab_kernels/channel_histogram.hpp>
#include <giflab_kernels/ssim.hpp>

namespace giflab::test {
namespace {

using namespace giflab::kernels;

guarded_plane<uint8_t> rgb_plane(const picture &source, size_t padding, uint8_t poison) {
   return {source.width * 3, source.height, padding, poison,
           [&](int32_t x, int32_t y) { return source.rgb[source.at(0, y) + static_cast<size_t>(x)]; }};
}

TEST_CASE("sums of byte differences are the same integers from both twins") {
   for (const auto [width, height] : odd_sizes)
      for (const picture_pair &pair : hard_pairs(width, height)) {
         INFO(pair.name, " ", width, "x", height);
         byte_error expected;
         add_byte_error(rgb_plane(pair.reference, 0, 0).read(), rgb_plane(pair.distorted, 0, 0).read(),
                        static_cast<size_t>(width) * 3, 0, height, expected, arithmetic::scalar);
         const auto a = rgb_plane(pair.reference, 61, 0xAA), b = rgb_plane(pair.distorted, 1, 0x55);
         for_every_target([&] {
            byte_error sums;
            add_byte_error(a.read(), b.read(), static_cast<size_t>(width) * 3, 0, height, sums,
                           arithmetic::vector);
            CHECK(sums.squared == expected.squared);
            CHECK(sums.absolute == expected.absolute);
         });
      }
}

TEST_CASE("sums of byte differences do not overflow inside a long row") {
   constexpr size_t length = 1 << 20;
   const std::vector<uint8_t> black(length, 0), white(length, 255);
   for_every_target([&] {
      byte_error sums;
      add_byte_error({black.data(), length}, {white.data(), length}, length, 0, 1, sums, arithmetic::vector);
      CHECK(sums.squared == length * 65025);
      CHECK(sums.absolute == length * 255);
   });
}

TEST_CASE("both ways to count give the same histogram") {
   for (const auto [width, height] : odd_sizes)
      for (const picture_pair &pair : hard_pairs(width, height)) {
         const auto plain = rgb_plane(pair.distorted, 0, 0), padded = rgb_plane(pair.distorted, 77, 0xFF);
         channel_histogram expected = {}, counts = {};
         add_channel_histogram(plain.read(), width, 0, height, expected, arithmetic::scalar);
         add_channel_histogram(padded.read(), width, 0, height, counts, arithmetic::vector);
         CHECK(counts == expected);
      }
}

TEST_CASE("halving sums blocks of four and drops an odd edge") {
   const guarded_plane<uint8_t> source(5, 5, 3, 0xEE, [](int32_t x, int32_t y) { return 50 * y + x; });
   const guarded_plane<uint16_t> target(2, 2, 0, 0, [](int32_t, int32_t) { return 0; });
   halve(source.read(), target.target(), 2, 2, arithmetic::scalar);
   CHECK(target.read().row(0)[0] == 0 + 1 + 50 + 51);
   CHECK(target.read().row(0)[1] == 2 + 3 + 52 + 53);
   CHECK(target.read().row(1)[1] == 102 + 103 + 152 + 153);
}

TEST_CASE("halving gives the same sums on every instruction set, and stays inside") {
   for (const auto [width, height] : odd_sizes) {
      const int32_t halved_width = width / 2, halved_height = height / 2;
      if (halved_width == 0 || halved_height == 0)
         continue;
      const auto sample = [&](int32_t x, int32_t y) { return noise(9, static_cast<int64_t>(y) * width + x); };
      const guarded_plane<uint8_t> source(width, height, 5, 0xFF, sample);
      for_every_target([&] {
         const guarded_plane<uint16_t> target(halved_width, halved_height, 2, 0,
                                              [](int32_t, int32_t) { return 0; });
         halve(source.read(), target.target(), halved_width, halved_height, arithmetic::vector);
         bool equal = true;
         for (int32_t y = 0; y < halved_height; ++y)
            for (int32_t x = 0; x < halved_width; ++x)
               equal &= target.read().row(y)[x] == sample(2 * x, 2 * y) + sample(2 * x + 1, 2 * y) +
                                                       sample(2 * x, 2 * y + 1) + sample(2 * x + 1, 2 * y + 1);
         CHECK(equal);
      });
   }
}

} // namespace
} // namespace giflab::test
