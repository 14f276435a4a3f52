// The filters against their plain twins: values, bits across instruction sets and bands, and memory that they
// may not touch.

#include "every_target.hpp"
#include "guarded.hpp"
#include "pictures.hpp"

#include <cstring>
#include <giflab_kernels/gmsd.hpp>
#include <giflab_kernels/ssim.hpp>

namespace giflab::test {
namespace {

using namespace giflab::kernels;

template <class T>
guarded_plane<T> luma_plane(const picture &source, size_t padding, uint8_t poison, int unit) {
   return {source.width, source.height, padding, poison,
           [&](int32_t x, int32_t y) { return static_cast<T>(luma_at(source, x, y) * unit); }};
}

template <class T> void check_ssim(const picture_pair &pair, int unit) {
   const int32_t width = pair.reference.width, rows = pair.reference.height - ssim_window + 1;
   const double windows = static_cast<double>(rows) * (width - ssim_window + 1);
   const auto a = luma_plane<T>(pair.reference, 0, 0xAA, unit), b = luma_plane<T>(pair.distorted, 0, 0, unit);
   const auto wide_a = luma_plane<T>(pair.reference, 62, 0x55, unit);
   const auto wide_b = luma_plane<T>(pair.distorted, 4096, 0xFF, unit);
   ssim_sums expected;
   add_ssim(a.read(), b.read(), width, 0, rows, unit, expected, arithmetic::scalar);
   for_every_target([&] {
      ssim_sums sums, wide_sums;
      add_ssim(a.read(), b.read(), width, 0, rows, unit, sums, arithmetic::vector);
      add_ssim(wide_a.read(), wide_b.read(), width, 0, rows, unit, wide_sums, arithmetic::vector);
      CHECK(std::memcmp(&sums, &wide_sums, sizeof sums) == 0);
      CHECK(std::fabs(sums.ssim - expected.ssim) / windows < 1e-11);
      CHECK(std::fabs(sums.contrast_structure - expected.contrast_structure) / windows < 1e-11);
   });
}

TEST_CASE("SSIM of bytes and of wider samples agrees with its plain twin") {
   for (const auto [width, height] : odd_sizes) {
      if (width < ssim_window || height < ssim_window)
         continue;
      for (const picture_pair &pair : hard_pairs(width, height)) {
         INFO(pair.name, " ", width, "x", height);
         check_ssim<uint8_t>(pair, 1);
         check_ssim<uint16_t>(pair, 256);
      }
   }
}

TEST_CASE("SSIM of equal planes is 1 in every window, to the bit") {
   const picture_pair pair = natural_pair(131, 77);
   const auto a = luma_plane<uint8_t>(pair.reference, 0, 0, 1);
   for_every_target([&] {
      ssim_sums sums;
      add_ssim(a.read(), a.read(), 131, 0, 67, 1, sums, arithmetic::vector);
      CHECK(sums.ssim == 121 * 67);
   });
}

gmsd_sums gmsd_of(plane<uint8_t> a, plane<uint8_t> b, int32_t width, int32_t height, arithmetic choice) {
   const size_t count = gmsd_scratch(width);
   const guarded_memory scratch(count * sizeof(uint16_t));
   std::memset(scratch.data(), 0xEE, count * sizeof(uint16_t));
   gmsd_sums sums;
   add_gmsd(a, b, width, height, 0, gmsd_halved(height), reinterpret_cast<uint16_t *>(scratch.data()), sums,
            choice);
   return sums;
}

TEST_CASE("GMSD agrees with its plain twin, with the same bits from every instruction set") {
   for (const auto [width, height] : odd_sizes)
      for (const picture_pair &pair : hard_pairs(width, height)) {
         INFO(pair.name, " ", width, "x", height);
         const auto a = luma_plane<uint8_t>(pair.reference, 0, 0, 1);
         const auto b = luma_plane<uint8_t>(pair.distorted, 0, 0, 1);
         const auto wide_a = luma_plane<uint8_t>(pair.reference, 63, 0xAA, 1);
         const auto wide_b = luma_plane<uint8_t>(pair.distorted, 200, 0x55, 1);
         const gmsd_sums expected = gmsd_of(a.read(), b.read(), width, height, arithmetic::scalar);
         const gmsd_sums first = gmsd_of(a.read(), b.read(), width, height, arithmetic::vector);
         for_every_target([&] {
            const gmsd_sums sums = gmsd_of(wide_a.read(), wide_b.read(), width, height, arithmetic::vector);
            CHECK(sums.dissimilarity == doctest::Approx(expected.dissimilarity).epsilon(1e-12));
            CHECK(sums.squared == doctest::Approx(expected.squared).epsilon(1e-12));
            if (hwy::GetChosenTarget().IsInitialized() && hwy::SupportedTargets() != HWY_SCALAR)
               CHECK(std::memcmp(&sums, &first, sizeof sums) == 0);
         });
      }
}

} // namespace
} // namespace giflab::test
