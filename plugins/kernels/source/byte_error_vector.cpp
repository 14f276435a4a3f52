#include <giflab_kernels/byte_error.hpp>

#include "scalar.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "byte_error_vector.cpp"
#include <hwy/foreach_target.h> // IWYU pragma: keep
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace giflab::kernels::HWY_NAMESPACE {
#if HWY_TARGET == HWY_SCALAR // nothing to gain

void add_byte_error(plane<uint8_t> a, plane<uint8_t> b, size_t row_bytes, int64_t first_row, int64_t rows,
                    byte_error &sums) {
   scalar::add_byte_error(a, b, row_bytes, first_row, rows, sums);
}

#else
namespace hn = hwy::HWY_NAMESPACE;

using bytes = hn::ScalableTag<uint8_t>;
using words = hn::Repartition<int16_t, bytes>;
using squares = hn::Repartition<int32_t, bytes>;
using absolutes = hn::Repartition<uint64_t, bytes>;

// A lane of squares takes 4 * 255^2 a step: all lanes of 256 steps together still fit 31 bits.
constexpr size_t steps_between_folds = 256;

// Whole vectors only, at most steps_between_folds of them.
void add_steps(const uint8_t *a, const uint8_t *b, size_t count, byte_error &sums) {
   const bytes d8;
   const words d16;
   const squares d32;
   const absolutes d64;
   const auto zero = hn::Zero(d8);
   auto squared0 = hn::Zero(d32), squared1 = hn::Zero(d32), squared2 = hn::Zero(d32);
   auto absolute = hn::Zero(d64);
   for (size_t i = 0; i < count; i += hn::Lanes(d8)) {
      const auto p = hn::LoadU(d8, a + i), q = hn::LoadU(d8, b + i);
      const auto difference = hn::Or(hn::SaturatedSub(p, q), hn::SaturatedSub(q, p));
      const auto lower = hn::BitCast(d16, hn::InterleaveLower(d8, difference, zero));
      const auto upper = hn::BitCast(d16, hn::InterleaveUpper(d8, difference, zero));
      squared0 = hn::ReorderWidenMulAccumulate(d32, lower, lower, squared0, squared2);
      squared1 = hn::ReorderWidenMulAccumulate(d32, upper, upper, squared1, squared2);
      absolute = absolute + hn::SumsOf8(difference);
   }
   const auto squared = squared0 + squared1 + squared2;
   sums.squared += static_cast<uint64_t>(hn::GetLane(hn::SumOfLanes(d32, squared)));
   sums.absolute += hn::GetLane(hn::SumOfLanes(d64, absolute));
}

void add_byte_error(plane<uint8_t> a, plane<uint8_t> b, size_t row_bytes, int64_t first_row, int64_t rows,
                    byte_error &sums) {
   const size_t step = hn::Lanes(bytes());
   const size_t whole = row_bytes / step * step;
   for (int64_t y = first_row; y < first_row + rows; ++y) {
      for (size_t x = 0; x < whole; x += step * steps_between_folds)
         add_steps(a.row(y) + x, b.row(y) + x, HWY_MIN(step * steps_between_folds, whole - x), sums);
      scalar::add_byte_error({a.row(y) + whole, 0}, {b.row(y) + whole, 0}, row_bytes - whole, 0, 1, sums);
   }
}

#endif
} // namespace giflab::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace giflab::kernels {

HWY_EXPORT(add_byte_error);

void add_byte_error(plane<uint8_t> a, plane<uint8_t> b, size_t row_bytes, int64_t first_row, int64_t rows,
                    byte_error &sums, arithmetic choice) {
   if (choice == arithmetic::scalar)
      scalar::add_byte_error(a, b, row_bytes, first_row, rows, sums);
   else
      HWY_DYNAMIC_DISPATCH(add_byte_error)(a, b, row_bytes, first_row, rows, sums);
}

} // namespace giflab::kernels
#endif
