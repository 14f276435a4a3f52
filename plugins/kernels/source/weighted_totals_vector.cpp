#include <giflab_kernels/weighted_totals.hpp>

#include <algorithm>

#include "scalar.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "weighted_totals_vector.cpp"
#include <hwy/foreach_target.h> // IWYU pragma: keep
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace giflab::kernels::HWY_NAMESPACE {
#if HWY_TARGET == HWY_SCALAR // nothing to gain

void add_weighted(const float *values, const uint32_t *counts, size_t size, weighted_totals &totals) {
   scalar::add_weighted(values, counts, size, totals);
}

#else
namespace hn = hwy::HWY_NAMESPACE;

using doubles = hn::CappedTag<double, 8>;
using longs = hn::RebindToSigned<doubles>;
using floats = hn::Rebind<float, doubles>;
using integers = hn::Rebind<int32_t, doubles>;

// Adding 1.5 * 2^24 to a small double leaves it rounded to a multiple of 2^-28, which stands in the low bits.
constexpr double rounder = 1.5 * (1 << 24);

// Whole vectors only, so few that 32-bit lanes hold their counts.
void add_whole(const float *values, const uint32_t *counts, size_t size, weighted_totals &totals) {
   const doubles d;
   const longs d64;
   const floats f;
   const integers d32;
   const auto magic = hn::Set(d, rounder);
   auto sum = hn::Zero(d64);
   auto pixels = hn::Zero(d32), over0 = pixels, over1 = pixels, over2 = pixels, over3 = pixels;
   auto max = hn::Zero(f);
   const auto thresholds = weighted_totals::thresholds;
   for (size_t i = 0; i < size; i += hn::Lanes(d)) {
      const auto value = hn::LoadU(f, values + i);
      const auto count = hn::BitCast(d32, hn::LoadU(hn::RebindToUnsigned<integers>(), counts + i));
      const auto above = [&](size_t which) HWY_ATTR {
         return hn::IfThenElseZero(hn::RebindMask(d32, value > hn::Set(f, thresholds[which])), count);
      };
      over0 = over0 + above(0);
      over1 = over1 + above(1);
      over2 = over2 + above(2);
      over3 = over3 + above(3);
      pixels = pixels + count;
      max = hn::Max(max, value);

      const auto rounded = (hn::PromoteTo(d, value) + magic) - magic;
      const auto product = rounded * hn::PromoteTo(d, count); // 51 bits at most: exact
      sum = sum + (hn::BitCast(d64, product + magic) - hn::BitCast(d64, magic));
   }
   totals.sum += static_cast<uint64_t>(hn::GetLane(hn::SumOfLanes(d64, sum)));
   totals.pixels += static_cast<uint64_t>(hn::GetLane(hn::SumOfLanes(d32, pixels)));
   totals.over[0] += static_cast<uint64_t>(hn::GetLane(hn::SumOfLanes(d32, over0)));
   totals.over[1] += static_cast<uint64_t>(hn::GetLane(hn::SumOfLanes(d32, over1)));
   totals.over[2] += static_cast<uint64_t>(hn::GetLane(hn::SumOfLanes(d32, over2)));
   totals.over[3] += static_cast<uint64_t>(hn::GetLane(hn::SumOfLanes(d32, over3)));
   totals.max = std::max(totals.max, hn::GetLane(hn::MaxOfLanes(f, max)));
}

void add_weighted(const float *values, const uint32_t *counts, size_t size, weighted_totals &totals) {
   constexpr size_t piece = 4096; // 2^12 counts of 2^15
   const size_t whole = size / hn::Lanes(doubles()) * hn::Lanes(doubles());
   for (size_t i = 0; i < whole; i += piece)
      add_whole(values + i, counts + i, std::min(piece, whole - i), totals);
   scalar::add_weighted(values + whole, counts + whole, size - whole, totals);
}

#endif
} // namespace giflab::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace giflab::kernels {

HWY_EXPORT(add_weighted);

void add_weighted(const float *values, const uint32_t *counts, size_t size, weighted_totals &totals,
                  arithmetic choice) {
   if (choice == arithmetic::scalar)
      scalar::add_weighted(values, counts, size, totals);
   else
      HWY_DYNAMIC_DISPATCH(add_weighted)(values, counts, size, totals);
}

} // namespace giflab::kernels
#endif
