#include "media/index_runs.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "media/index_runs.cpp"
#include <hwy/foreach_target.h> // IWYU pragma: keep
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace giflab::media::HWY_NAMESPACE {
#if HWY_TARGET == HWY_SCALAR || HWY_TARGET == HWY_EMU128 // nothing to gain

bool find_run_ends(const uint8_t *, const uint8_t *, std::size_t, run_ends &) { return false; }

#else
namespace hn = hwy::HWY_NAMESPACE;

using byte_lanes = hn::CappedTag<uint8_t, 64>;

// A bit for each lane.
uint64_t differing(const uint8_t *reference, const uint8_t *distorted) {
   const byte_lanes d;
   const auto stays = [d](const uint8_t *at)
                          HWY_ATTR { return hn::Eq(hn::LoadU(d, at), hn::LoadU(d, at + 1)); };
   std::array<uint8_t, 8> bits{};
   hn::StoreMaskBits(d, hn::Not(hn::And(stays(reference), stays(distorted))), bits.data());
   uint64_t word = 0;
   for (std::size_t i = 0; i < bits.size(); ++i)
      word |= uint64_t{bits[i]} << 8 * i;
   return word;
}

// The last vector may lie over the one before it: what is told twice is the same.
bool find_run_ends(const uint8_t *reference, const uint8_t *distorted, std::size_t count, run_ends &ends) {
   const std::size_t step = hn::Lanes(byte_lanes());
   if (count <= step)
      return false;
   ends.fill(0);
   std::size_t x = 0;
   for (; x + step < count; x += step)
      ends[x / 64] |= differing(reference + x, distorted + x) << x % 64;
   x = count - 1 - step;
   const uint64_t last = differing(reference + x, distorted + x);
   ends[x / 64] |= last << x % 64;
   if (x % 64 + step > 64)
      ends[x / 64 + 1] |= last >> (64 - x % 64);
   return true;
}

#endif
} // namespace giflab::media::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace giflab::media {

HWY_EXPORT(find_run_ends);

bool find_run_ends(const uint8_t *reference, const uint8_t *distorted, std::size_t count, run_ends &ends) {
   return HWY_DYNAMIC_DISPATCH(find_run_ends)(reference, distorted, count, ends);
}

} // namespace giflab::media
#endif
