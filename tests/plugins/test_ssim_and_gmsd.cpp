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

using ssim_tiles = std::vector<double>;
enum class ssim_index { ssim, contrast_structure };
constexpr ssim_index every_index[] = {ssim_index::ssim, ssim_index::contrast_structure};

ssim_sums only(ssim_index wanted, double *sums) {
   return wanted == ssim_index::ssim ? ssim_sums{sums, nullptr} : ssim_sums{nullptr, sums};
}

// The tiles of whole columns.
template <class T>
ssim_tiles ssim_of(plane<T> a, plane<T> b, const ssim_tiling &tiling, int unit, ssim_index wanted,
                   arithmetic choice) {
   ssim_tiles sums(tiling.count());
   for (int32_t column = 0; column < tiling.across(); ++column)
      sum_ssim(a, b, tiling, {column, 0, tiling.down()}, unit,
               only(wanted, &sums[static_cast<size_t>(column * tiling.down())]), choice);
   return sums;
}

// Both indices at once: those of SSIM, and behind them the others.
template <class T>
ssim_tiles both_of(plane<T> a, plane<T> b, const ssim_tiling &tiling, int unit, arithmetic choice) {
   ssim_tiles sums(2 * tiling.count());
   const ssim_sums both = {sums.data(), sums.data() + tiling.count()};
   for (int32_t column = 0; column < tiling.across(); ++column)
      sum_ssim(a, b, tiling, {column, 0, tiling.down()}, unit,
               both.from(static_cast<size_t>(column * tiling.down())), choice);
   return sums;
}

// The same, each tile by itself.
template <class T>
ssim_tiles ssim_one_by_one(plane<T> a, plane<T> b, const ssim_tiling &tiling, int unit, ssim_index wanted) {
   ssim_tiles sums(tiling.count());
   size_t next = 0;
   for (int32_t column = 0; column < tiling.across(); ++column)
      for (int32_t row = 0; row < tiling.down(); ++row)
         sum_ssim(a, b, tiling, {column, row, 1}, unit, only(wanted, &sums[next++]), arithmetic::vector);
   return sums;
}

template <class Sums> bool same_sums(const std::vector<Sums> &a, const std::vector<Sums> &b) {
   return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(Sums)) == 0;
}

template <class T> void check_ssim(const picture_pair &pair, int unit, ssim_index wanted) {
   const ssim_tiling tiling = {pair.reference.width, pair.reference.height};
   const auto a = luma_plane<T>(pair.reference, 0, 0xAA, unit), b = luma_plane<T>(pair.distorted, 0, 0, unit);
   const auto wide_a = luma_plane<T>(pair.reference, 62, 0x55, unit);
   const auto wide_b = luma_plane<T>(pair.distorted, 4096, 0xFF, unit);
   const ssim_tiles expected = ssim_of(a.read(), b.read(), tiling, unit, wanted, arithmetic::scalar);
   for_every_target([&] {
      const ssim_tiles sums = ssim_of(a.read(), b.read(), tiling, unit, wanted, arithmetic::vector);
      CHECK(same_sums(sums, ssim_of(wide_a.read(), wide_b.read(), tiling, unit, wanted, arithmetic::vector)));
      CHECK(same_sums(sums, ssim_one_by_one(a.read(), b.read(), tiling, unit, wanted)));
      for (int32_t column = 0, i = 0; column < tiling.across(); ++column)
         for (int32_t row = 0; row < tiling.down(); ++row, ++i) {
            const int32_t columns = std::min(tiling.tile_width, tiling.columns() - column * tiling.tile_width);
            const int32_t rows = std::min(tiling.tile_height, tiling.rows() - row * tiling.tile_height);
            CHECK(std::fabs(sums[static_cast<size_t>(i)] - expected[static_cast<size_t>(i)]) /
                      (columns * rows) <
                  1e-6);
         }
   });
}

TEST_CASE("SSIM of bytes and of wider samples agrees with its plain twin") {
   for (const auto [width, height] : odd_sizes) {
      if (width < ssim_window || height < ssim_window)
         continue;
      for (const auto &pairs : {hard_pairs(width, height), pairs_of_areas(width, height)})
         for (const picture_pair &pair : pairs) {
            INFO(pair.name, " ", width, "x", height);
            for (const ssim_index wanted : every_index) {
               check_ssim<uint8_t>(pair, 1, wanted);
               check_ssim<uint16_t>(pair, 256, wanted);
            }
         }
   }
}

template <class T> void check_both(const picture_pair &pair, int unit, arithmetic choice) {
   const ssim_tiling tiling = {pair.reference.width, pair.reference.height};
   const auto a = luma_plane<T>(pair.reference, 0, 0xAA, unit), b = luma_plane<T>(pair.distorted, 0, 0, unit);
   ssim_tiles alone = ssim_of(a.read(), b.read(), tiling, unit, ssim_index::ssim, choice);
   const ssim_tiles other = ssim_of(a.read(), b.read(), tiling, unit, ssim_index::contrast_structure, choice);
   alone.insert(alone.end(), other.begin(), other.end());
   CHECK(same_sums(both_of(a.read(), b.read(), tiling, unit, choice), alone));
}

TEST_CASE("SSIM has the same bits whether contrast and structure are wanted beside it or not") {
   for (const picture_pair &pair : hard_pairs(131, 77)) {
      INFO(pair.name);
      check_both<uint8_t>(pair, 1, arithmetic::scalar);
      for_every_target([&] {
         check_both<uint8_t>(pair, 1, arithmetic::vector);
         check_both<uint16_t>(pair, 256, arithmetic::vector);
      });
   }
}

// Metrics rely on it: they do not compute what is equal.
template <class T> void check_ssim_of_equals(const picture &source, int unit) {
   const ssim_tiling tiling = {source.width, source.height};
   const auto a = luma_plane<T>(source, 0, 0, unit);
   for_every_target([&] {
      for (const ssim_index wanted : every_index) {
         double sum = 0;
         for (const double tile : ssim_of(a.read(), a.read(), tiling, unit, wanted, arithmetic::vector))
            sum += tile;
         CHECK(sum == tiling.columns() * tiling.rows());
      }
   });
}

TEST_CASE("SSIM of equal planes is 1 in every window, to the bit") {
   for (const picture_pair &pair : hard_pairs(131, 77))
      for (const picture *source : {&pair.reference, &pair.distorted}) {
         check_ssim_of_equals<uint8_t>(*source, 1);
         check_ssim_of_equals<uint16_t>(*source, 256);
      }
}

using gmsd_tiles = std::vector<gmsd_sums>;

// The tiles in runs of `run`, from the top of each column.
gmsd_tiles gmsd_of(plane<uint8_t> a, plane<uint8_t> b, const gmsd_tiling &tiling, int32_t run,
                   arithmetic choice) {
   gmsd_tiles sums(tiling.count());
   size_t next = 0;
   for (int32_t column = 0; column < tiling.across(); ++column)
      for (int32_t row = 0; row < tiling.down(); row += run) {
         const int32_t count = std::min(run, tiling.down() - row);
         sum_gmsd(a, b, tiling, {column, row, count}, &sums[next], choice);
         next += static_cast<size_t>(count);
      }
   return sums;
}

TEST_CASE("GMSD of equal planes is 0 in every sample, to the bit") {
   for (const picture_pair &pair : hard_pairs(131, 77)) {
      const auto a = luma_plane<uint8_t>(pair.distorted, 0, 0, 1);
      for_every_target([&] {
         for (const gmsd_sums &tile : gmsd_of(a.read(), a.read(), {131, 77}, 1 << 20, arithmetic::vector))
            CHECK((tile.dissimilarity == 0 && tile.squared == 0));
      });
   }
}

TEST_CASE("GMSD agrees with its plain twin, with the same bits from every instruction set") {
   for (const auto [width, height] : odd_sizes)
      for (const picture_pair &pair : hard_pairs(width, height)) {
         INFO(pair.name, " ", width, "x", height);
         const gmsd_tiling tiling = {width, height};
         const auto a = luma_plane<uint8_t>(pair.reference, 0, 0, 1);
         const auto b = luma_plane<uint8_t>(pair.distorted, 0, 0, 1);
         const auto wide_a = luma_plane<uint8_t>(pair.reference, 63, 0xAA, 1);
         const auto wide_b = luma_plane<uint8_t>(pair.distorted, 200, 0x55, 1);
         const gmsd_tiles expected = gmsd_of(a.read(), b.read(), tiling, 1 << 20, arithmetic::scalar);
         const gmsd_tiles first = gmsd_of(a.read(), b.read(), tiling, 1 << 20, arithmetic::vector);
         for_every_target([&] {
            const gmsd_tiles sums = gmsd_of(wide_a.read(), wide_b.read(), tiling, 1 << 20, arithmetic::vector);
            CHECK(same_sums(sums, gmsd_of(a.read(), b.read(), tiling, 1, arithmetic::vector)));
            for (size_t i = 0; i < sums.size(); ++i) {
               CHECK(sums[i].dissimilarity == doctest::Approx(expected[i].dissimilarity).epsilon(1e-12));
               CHECK(sums[i].squared == doctest::Approx(expected[i].squared).epsilon(1e-12));
            }
            if (hwy::GetChosenTarget().IsInitialized() && hwy::SupportedTargets() != HWY_SCALAR)
               CHECK(same_sums(sums, first));
         });
      }
}

} // namespace
} // namespace giflab::test
