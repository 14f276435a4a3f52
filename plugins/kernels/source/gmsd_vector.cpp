#include <giflab_kernels/gmsd.hpp>

#include <algorithm>

#include "scalar.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "gmsd_vector.cpp"
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h> // IWYU pragma: keep
#include <hwy/highway.h>

#ifndef GIFLAB_GMSD_ROWS
#   define GIFLAB_GMSD_ROWS
namespace giflab::kernels {

// A vector's room before and after, so that neighbours and whole vectors can be touched.
constexpr size_t row_margin = 64;
constexpr size_t row_length = gmsd_tiling::tile_width + 2 * row_margin;

// Of one picture, as wide as a tile: the last three halved rows and the two gradients of the middle one.
class gmsd_rows {
 public:
   // Sample 0 is the first of the tile. `age` 0 is the oldest row.
   uint16_t *halved(int64_t age) { return halved_[(oldest_ + age) % 3] + row_margin; }
   int16_t *across() { return across_ + row_margin; }
   int16_t *down() { return down_ + row_margin; }

   // Makes the oldest row the newest, to be filled.
   uint16_t *next() {
      oldest_ = (oldest_ + 1) % 3;
      return halved(2);
   }

 private:
   alignas(64) uint16_t halved_[3][row_length] = {};
   alignas(64) int16_t across_[row_length] = {}, down_[row_length] = {};
   int64_t oldest_ = 0;
};

} // namespace giflab::kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace giflab::kernels::HWY_NAMESPACE {
#if HWY_TARGET == HWY_SCALAR // nothing to gain

void sum_gmsd(plane<uint8_t> a, plane<uint8_t> b, const gmsd_tiling &tiling, const gmsd_tile_run &run,
              gmsd_sums *sums) {
   scalar::sum_gmsd(a, b, tiling, run, sums);
}

#else
namespace hn = hwy::HWY_NAMESPACE;

using words = hn::ScalableTag<uint16_t>;
using shorts = hn::RebindToSigned<words>;
using integers = hn::CappedTag<int32_t, 8>;
using half_integers = hn::Half<integers>;
using doubles = hn::Rebind<double, half_integers>;
using real = hn::Vec<doubles>;

// Sums of the two bytes in each 16-bit lane.
HWY_INLINE hn::Vec<words> pair_sums(const uint8_t *row) {
   const words d;
   const auto pairs = hn::BitCast(d, hn::LoadU(hn::Repartition<uint8_t, words>(), row));
   return hn::And(pairs, hn::Set(d, 0xFF)) + hn::ShiftRight<8>(pairs);
}

// A column of tiles of one picture.
struct strip {
   plane<uint8_t> source;
   gmsd_tiling tiling;
   int32_t left, columns; // in halved samples
};

// One sample from two rows of pixels; `lower` may be null: the row beyond the last.
uint16_t halved_at(const uint8_t *upper, const uint8_t *lower, int32_t width, int32_t x) {
   const auto both = [&](const uint8_t *row) { return row[2 * x] + (2 * x + 1 < width ? row[2 * x + 1] : 0); };
   return static_cast<uint16_t>(both(upper) + (lower ? both(lower) : 0));
}

// The samples of a strip and one on either side, from two rows of pixels.
void halve_row(const strip &of, const uint8_t *upper, const uint8_t *lower, uint16_t *halved) {
   const words d;
   const auto step = static_cast<int32_t>(hn::Lanes(d));
   const int32_t left = of.left, width = of.tiling.width;
   const int32_t first = left > 0 ? -1 : 0, whole = std::min(of.columns + 1, width / 2 - left);
   const auto store = [&](int32_t x) HWY_ATTR {
      const auto below = lower ? pair_sums(lower + 2 * (left + x)) : hn::Zero(d);
      hn::StoreU(pair_sums(upper + 2 * (left + x)) + below, d, halved + x);
   };
   int32_t x = first;
   for (; x + step <= whole; x += step)
      store(x);
   if (x < whole && whole - first >= step) { // some of them again
      store(whole - step);
      x = whole;
   }
   for (; x <= of.columns; ++x)
      halved[x] = left + x < of.tiling.columns() ? halved_at(upper, lower, width, left + x) : uint16_t{0};
   if (first == 0)
      halved[-1] = 0;
}

// A strip leaves a row after two lines or three of the cache, which no processor foresees.
void fetch_ahead(const strip &of, int32_t row) {
   if (row < of.tiling.height) {
      const uint8_t *pixels = of.source.row(row) + 2 * of.left;
      hwy::Prefetch(pixels);
      hwy::Prefetch(pixels + of.columns);
   }
}

// Row `y` of the halved picture, or zeros beyond it.
void fetch_row(const strip &of, int32_t y, uint16_t *halved) {
   constexpr int32_t rows_ahead = 8;
   const int32_t height = of.tiling.height;
   fetch_ahead(of, 2 * (y + rows_ahead));
   fetch_ahead(of, 2 * (y + rows_ahead) + 1);
   if (y < 0 || y >= of.tiling.rows())
      std::fill_n(halved - 1, of.columns + 2, uint16_t{0});
   else
      halve_row(of, of.source.row(2 * y), 2 * y + 1 < height ? of.source.row(2 * y + 1) : nullptr, halved);
}

// Gradients of the middle row; 0 past its end, where they shall count as equal.
void find_gradients(gmsd_rows &rows, int32_t count) {
   const shorts d;
   const auto *above = reinterpret_cast<const int16_t *>(rows.halved(0));
   const auto *here = reinterpret_cast<const int16_t *>(rows.halved(1));
   const auto *below = reinterpret_cast<const int16_t *>(rows.halved(2));
   for (int32_t x = 0; x < count; x += static_cast<int32_t>(hn::Lanes(d))) {
      const auto above_left = hn::LoadU(d, above + x - 1), below_left = hn::LoadU(d, below + x - 1);
      const auto above_right = hn::LoadU(d, above + x + 1), below_right = hn::LoadU(d, below + x + 1);
      const auto left = above_left + hn::LoadU(d, here + x - 1) + below_left;
      const auto right = above_right + hn::LoadU(d, here + x + 1) + below_right;
      const auto upper = above_left + hn::LoadU(d, above + x) + above_right;
      const auto lower = below_left + hn::LoadU(d, below + x) + below_right;
      hn::StoreU(right - left, d, rows.across() + x);
      hn::StoreU(lower - upper, d, rows.down() + x);
   }
   std::fill_n(rows.across() + count, 8, int16_t{0});
   std::fill_n(rows.down() + count, 8, int16_t{0});
}

HWY_INLINE hn::Vec<integers> promoted(const int16_t *gradients) {
   return hn::PromoteTo(integers(), hn::LoadU(hn::Rebind<int16_t, integers>(), gradients));
}

// 24 bits and a little more.
HWY_INLINE hn::Vec<integers> squared_gradients(gmsd_rows &rows, int32_t x) {
   const auto across = promoted(rows.across() + x), down = promoted(rows.down() + x);
   return across * across + down * down;
}

// gradient_dissimilarity in lanes.
HWY_INLINE real dissimilarity_of(hn::Vec<half_integers> squared_a, hn::Vec<half_integers> squared_b) {
   const doubles d;
   const real p = hn::PromoteTo(d, squared_a), q = hn::PromoteTo(d, squared_b), sum = p + q;
   return (sum - hn::Set(d, 2.0) * hn::Sqrt(p * q)) / (sum + hn::Set(d, gmsd_constant));
}

// Eight sums, sample x of a tile into sum x % 8 whatever the vector length.
struct lane_sums {
   alignas(64) double dissimilarity[8] = {};
   alignas(64) double squared[8] = {};
};

// Those of neighbouring lanes.
struct running_sums {
   real dissimilarity, squared;

   HWY_INLINE running_sums(const lane_sums &from, size_t lane)
       : dissimilarity(hn::Load(doubles(), from.dissimilarity + lane)),
         squared(hn::Load(doubles(), from.squared + lane)) {}
   HWY_INLINE void add(real of) {
      dissimilarity = dissimilarity + of;
      squared = squared + of * of;
   }
   HWY_INLINE void keep(lane_sums &in, size_t lane) const {
      hn::Store(dissimilarity, doubles(), in.dissimilarity + lane);
      hn::Store(squared, doubles(), in.squared + lane);
   }
};

void add_row(gmsd_rows &a, gmsd_rows &b, int32_t count, lane_sums &sums) {
   const half_integers half;
   for (size_t lane = 0; lane < 8; lane += hn::Lanes(integers())) {
      running_sums lower(sums, lane), upper(sums, lane + hn::Lanes(half));
      for (auto x = static_cast<int32_t>(lane); x < count; x += 8) {
         const auto p = squared_gradients(a, x), q = squared_gradients(b, x);
         lower.add(dissimilarity_of(hn::LowerHalf(half, p), hn::LowerHalf(half, q)));
         upper.add(dissimilarity_of(hn::UpperHalf(half, p), hn::UpperHalf(half, q)));
      }
      lower.keep(sums, lane);
      upper.keep(sums, lane + hn::Lanes(half));
   }
}

gmsd_sums folded(const lane_sums &lanes) {
   gmsd_sums sums;
   for (size_t i = 0; i < 8; ++i) {
      sums.dissimilarity += lanes.dissimilarity[i];
      sums.squared += lanes.squared[i];
   }
   return sums;
}

void sum_gmsd(plane<uint8_t> a, plane<uint8_t> b, const gmsd_tiling &tiling, const gmsd_tile_run &run,
              gmsd_sums *sums) {
   const int32_t left = run.column * tiling.tile_width;
   const int32_t columns = std::min(tiling.tile_width, tiling.columns() - left);
   const int32_t first_row = run.first * tiling.tile_height;
   const int32_t end_row = std::min(first_row + run.count * tiling.tile_height, tiling.rows());
   const strip strip_a = {a, tiling, left, columns}, strip_b = {b, tiling, left, columns};
   gmsd_rows rows_a, rows_b;
   lane_sums lanes;
   for (int32_t y = first_row - 1; y <= end_row; ++y) {
      fetch_row(strip_a, y, rows_a.next());
      fetch_row(strip_b, y, rows_b.next());
      if (y <= first_row)
         continue;
      find_gradients(rows_a, columns);
      find_gradients(rows_b, columns);
      add_row(rows_a, rows_b, columns, lanes);
      if (y % tiling.tile_height == 0 || y == end_row) {
         *sums++ = folded(lanes);
         lanes = {};
      }
   }
}

#endif
} // namespace giflab::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace giflab::kernels {

HWY_EXPORT(sum_gmsd);

void sum_gmsd(plane<uint8_t> a, plane<uint8_t> b, const gmsd_tiling &tiling, const gmsd_tile_run &run,
              gmsd_sums *sums, arithmetic choice) {
   if (choice == arithmetic::scalar)
      scalar::sum_gmsd(a, b, tiling, run, sums);
   else
      HWY_DYNAMIC_DISPATCH(sum_gmsd)(a, b, tiling, run, sums);
}

} // namespace giflab::kernels
#endif
