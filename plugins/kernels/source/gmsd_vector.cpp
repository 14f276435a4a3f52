#include <giflab_kernels/gmsd.hpp>

#include <algorithm>

#include "scalar.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "gmsd_vector.cpp"
#include <hwy/foreach_target.h> // IWYU pragma: keep
#include <hwy/highway.h>

#ifndef GIFLAB_GMSD_ROWS
#   define GIFLAB_GMSD_ROWS
namespace giflab::kernels {

// Rows of scratch: a vector's room before and after, so that neighbours and whole vectors can be touched.
constexpr size_t row_margin = 64;
inline size_t row_pitch(int32_t width) { return static_cast<size_t>(gmsd_halved(width)) + 2 * row_margin; }

// The last three halved rows of a picture and the two gradients of the middle one. A row has a 0 on either
// side.
struct gmsd_rows {
   uint16_t *halved[3];
   int16_t *across, *down;

   gmsd_rows(uint16_t *scratch, size_t pitch) {
      for (auto &row : halved) {
         row = scratch + row_margin;
         scratch += pitch;
      }
      across = reinterpret_cast<int16_t *>(scratch) + row_margin;
      down = across + pitch;
   }
};
constexpr size_t rows_each = 5;

} // namespace giflab::kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace giflab::kernels::HWY_NAMESPACE {
#if HWY_TARGET == HWY_SCALAR // nothing to gain

void add_gmsd(plane<uint8_t> a, plane<uint8_t> b, int32_t width, int32_t height, int32_t first_row,
              int32_t rows, uint16_t *, gmsd_sums &sums) {
   scalar::add_gmsd(a, b, width, height, first_row, rows, sums);
}

#else
namespace hn = hwy::HWY_NAMESPACE;

using words = hn::ScalableTag<uint16_t>;
using shorts = hn::RebindToSigned<words>;
using doubles = hn::CappedTag<double, 8>;
using real = hn::Vec<doubles>;

// Sums of the two bytes in each 16-bit lane.
HWY_INLINE hn::Vec<words> pair_sums(const uint8_t *row) {
   const words d;
   const auto pairs = hn::BitCast(d, hn::LoadU(hn::Repartition<uint8_t, words>(), row));
   return hn::And(pairs, hn::Set(d, 0xFF)) + hn::ShiftRight<8>(pairs);
}

// Two rows of a picture to one; `lower` may be null: the row beyond the last.
void halve_row(const uint8_t *upper, const uint8_t *lower, int32_t width, uint16_t *halved) {
   const words d;
   const size_t pairs = static_cast<size_t>(width) / 2, step = hn::Lanes(d);
   size_t x = 0;
   for (; x + step <= pairs; x += step) {
      const auto below = lower ? pair_sums(lower + 2 * x) : hn::Zero(d);
      hn::StoreU(pair_sums(upper + 2 * x) + below, d, halved + x);
   }
   for (; x < pairs; ++x)
      halved[x] = static_cast<uint16_t>(upper[2 * x] + upper[2 * x + 1] +
                                        (lower ? lower[2 * x] + lower[2 * x + 1] : 0));
   if (width % 2 != 0) {
      halved[x] = static_cast<uint16_t>(upper[2 * x] + (lower ? lower[2 * x] : 0));
      ++x;
   }
   std::fill_n(halved + x, row_margin, uint16_t{0});
   halved[-1] = 0;
}

// Row `y` of the halved picture, or zeros beyond it.
void fetch_row(plane<uint8_t> source, int32_t width, int32_t height, int32_t y, uint16_t *halved) {
   if (y < 0 || y >= gmsd_halved(height))
      std::fill_n(halved - 1, static_cast<size_t>(gmsd_halved(width)) + 1 + row_margin, uint16_t{0});
   else
      halve_row(source.row(2 * y), 2 * y + 1 < height ? source.row(2 * y + 1) : nullptr, width, halved);
}

// Gradients of the middle row; 0 past its end, where they shall count as equal.
void find_gradients(const gmsd_rows &rows, size_t count) {
   const shorts d;
   const auto *above = reinterpret_cast<const int16_t *>(rows.halved[0]);
   const auto *here = reinterpret_cast<const int16_t *>(rows.halved[1]);
   const auto *below = reinterpret_cast<const int16_t *>(rows.halved[2]);
   for (size_t x = 0; x < count; x += hn::Lanes(d)) {
      const auto above_left = hn::LoadU(d, above + x - 1), below_left = hn::LoadU(d, below + x - 1);
      const auto above_right = hn::LoadU(d, above + x + 1), below_right = hn::LoadU(d, below + x + 1);
      const auto left = above_left + hn::LoadU(d, here + x - 1) + below_left;
      const auto right = above_right + hn::LoadU(d, here + x + 1) + below_right;
      const auto upper = above_left + hn::LoadU(d, above + x) + above_right;
      const auto lower = below_left + hn::LoadU(d, below + x) + below_right;
      hn::StoreU(right - left, d, rows.across + x);
      hn::StoreU(lower - upper, d, rows.down + x);
   }
   std::fill_n(rows.across + count, 8, int16_t{0});
   std::fill_n(rows.down + count, 8, int16_t{0});
}

HWY_INLINE real promoted(const int16_t *gradients) {
   const hn::Rebind<int16_t, doubles> d16;
   const hn::Rebind<int32_t, doubles> d32;
   return hn::PromoteTo(doubles(), hn::PromoteTo(d32, hn::LoadU(d16, gradients)));
}

HWY_INLINE real squared_gradients(const gmsd_rows &rows, size_t x) {
   const real across = promoted(rows.across + x), down = promoted(rows.down + x);
   return across * across + down * down;
}

// Eight sums, sample x into sum x % 8 whatever the vector length.
struct lane_sums {
   alignas(64) double dissimilarity[8] = {};
   alignas(64) double squared[8] = {};
};

// gradient_dissimilarity in lanes.
void add_row(const gmsd_rows &a, const gmsd_rows &b, size_t count, lane_sums &sums) {
   const doubles d;
   const real constant = hn::Set(d, gmsd_constant), two = hn::Set(d, 2.0);
   for (size_t x = 0; x < count; x += hn::Lanes(d)) {
      const real p = squared_gradients(a, x), q = squared_gradients(b, x);
      const real sum = p + q;
      const real dissimilarity = (sum - two * hn::Sqrt(p * q)) / (sum + constant);
      double *lanes = sums.dissimilarity + x % 8, *squared_lanes = sums.squared + x % 8;
      hn::Store(hn::Load(d, lanes) + dissimilarity, d, lanes);
      hn::Store(hn::Load(d, squared_lanes) + dissimilarity * dissimilarity, d, squared_lanes);
   }
}

void shift_in(plane<uint8_t> source, int32_t width, int32_t height, int32_t y, gmsd_rows &rows) {
   std::rotate(rows.halved, rows.halved + 1, rows.halved + 3);
   fetch_row(source, width, height, y, rows.halved[2]);
}

void add_gmsd(plane<uint8_t> a, plane<uint8_t> b, int32_t width, int32_t height, int32_t first_row,
              int32_t rows, uint16_t *scratch, gmsd_sums &sums) {
   const size_t pitch = row_pitch(width), count = static_cast<size_t>(gmsd_halved(width));
   gmsd_rows rows_a(scratch, pitch), rows_b(scratch + rows_each * pitch, pitch);
   lane_sums lanes;
   for (int32_t y = first_row - 1; y <= first_row + rows; ++y) {
      shift_in(a, width, height, y, rows_a);
      shift_in(b, width, height, y, rows_b);
      if (y <= first_row)
         continue;
      find_gradients(rows_a, count);
      find_gradients(rows_b, count);
      add_row(rows_a, rows_b, count, lanes);
   }
   for (size_t i = 0; i < 8; ++i) {
      sums.dissimilarity += lanes.dissimilarity[i];
      sums.squared += lanes.squared[i];
   }
}

#endif
} // namespace giflab::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace giflab::kernels {

HWY_EXPORT(add_gmsd);

size_t gmsd_scratch(int32_t width) { return 2 * rows_each * row_pitch(width); }

void add_gmsd(plane<uint8_t> a, plane<uint8_t> b, int32_t width, int32_t height, int32_t first_row,
              int32_t rows, uint16_t *scratch, gmsd_sums &sums, arithmetic choice) {
   if (choice == arithmetic::scalar)
      scalar::add_gmsd(a, b, width, height, first_row, rows, sums);
   else
      HWY_DYNAMIC_DISPATCH(add_gmsd)(a, b, width, height, first_row, rows, scratch, sums);
}

} // namespace giflab::kernels
#endif
