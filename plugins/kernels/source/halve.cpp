#include <giflab_kernels/ssim.hpp>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "halve.cpp"
#include <hwy/foreach_target.h> // IWYU pragma: keep
#include <hwy/highway.h>

#ifndef GIFLAB_HALVE_PLAIN
#   define GIFLAB_HALVE_PLAIN
namespace giflab::kernels {

// Sums of a row pair from sample `first` of the target on.
template <class T>
void halve_row(const T *upper, const T *lower, int64_t first, int64_t width, uint16_t *sums) {
   for (int64_t x = first; x < width; ++x)
      sums[x] = static_cast<uint16_t>(upper[2 * x] + upper[2 * x + 1] + lower[2 * x] + lower[2 * x + 1]);
}

} // namespace giflab::kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace giflab::kernels::HWY_NAMESPACE {
#if HWY_TARGET == HWY_SCALAR // nothing to gain

int64_t halve_whole(const uint8_t *, const uint8_t *, int64_t, uint16_t *) { return 0; }
int64_t halve_whole_again(const uint16_t *, const uint16_t *, int64_t, uint16_t *) { return 0; }

#else
namespace hn = hwy::HWY_NAMESPACE;

// Whole vectors of a row pair; how many samples that made.
int64_t halve_whole(const uint8_t *upper, const uint8_t *lower, int64_t width, uint16_t *sums) {
   const hn::ScalableTag<uint16_t> d16;
   const hn::Repartition<uint8_t, decltype(d16)> d8;
   const auto low_byte = hn::Set(d16, 0xFF);
   const auto step = static_cast<int64_t>(hn::Lanes(d16));
   int64_t x = 0;
   for (; x + step <= width; x += step) {
      const auto above = hn::BitCast(d16, hn::LoadU(d8, upper + 2 * x));
      const auto below = hn::BitCast(d16, hn::LoadU(d8, lower + 2 * x));
      hn::StoreU(hn::And(above, low_byte) + hn::ShiftRight<8>(above) + hn::And(below, low_byte) +
                     hn::ShiftRight<8>(below),
                 d16, sums + x);
   }
   return x;
}

// The same of what was halved before.
int64_t halve_whole_again(const uint16_t *upper, const uint16_t *lower, int64_t width, uint16_t *sums) {
   const hn::ScalableTag<int32_t> d32;
   const hn::Repartition<uint16_t, decltype(d32)> d16;
   const hn::Rebind<uint16_t, decltype(d32)> half;
   const auto low_word = hn::Set(d32, 0xFFFF);
   const auto added = [&](const uint16_t *samples) HWY_ATTR {
      const auto pairs = hn::BitCast(d32, hn::LoadU(d16, samples));
      const hn::RebindToUnsigned<decltype(d32)> unsigned32;
      const auto second = hn::BitCast(d32, hn::ShiftRight<16>(hn::BitCast(unsigned32, pairs)));
      return hn::And(pairs, low_word) + second;
   };
   const auto step = static_cast<int64_t>(hn::Lanes(d32));
   int64_t x = 0;
   for (; x + step <= width; x += step)
      hn::StoreU(hn::DemoteTo(half, added(upper + 2 * x) + added(lower + 2 * x)), half, sums + x);
   return x;
}

#endif
} // namespace giflab::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace giflab::kernels {

HWY_EXPORT(halve_whole);
HWY_EXPORT(halve_whole_again);

namespace {

// `whole` makes the first samples of a row, and tells how many; the plain twin has none.
template <class T, class Whole>
void halve_rows(plane<T> source, target_plane<uint16_t> target, int32_t width, int32_t height,
                arithmetic choice, Whole whole) {
   for (int64_t y = 0; y < height; ++y) {
      const T *upper = source.row(2 * y), *lower = source.row(2 * y + 1);
      const int64_t done = choice == arithmetic::scalar ? 0 : whole(upper, lower, width, target.row(y));
      halve_row(upper, lower, done, width, target.row(y));
   }
}

} // namespace

void halve(plane<uint8_t> source, target_plane<uint16_t> target, int32_t width, int32_t height,
           arithmetic choice) {
   halve_rows(source, target, width, height, choice, HWY_DYNAMIC_DISPATCH(halve_whole));
}

void halve(plane<uint16_t> source, target_plane<uint16_t> target, int32_t width, int32_t height,
           arithmetic choice) {
   halve_rows(source, target, width, height, choice, HWY_DYNAMIC_DISPATCH(halve_whole_again));
}

} // namespace giflab::kernels
#endif
