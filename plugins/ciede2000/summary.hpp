#pragma once
// What is told about the colour differences of a picture.

#include <array>
#include <cstdint>
#include <giflab/plugin.hpp>
#include <giflab_kernels/percentile.hpp>
#include <giflab_kernels/weighted_totals.hpp>
#include <span>

namespace giflab::ciede2000 {

inline constexpr auto thresholds = kernels::weighted_totals::thresholds;

struct summary {
   double mean;
   double p95; // interpolated linearly between order statistics, as numpy does
   double max;
   std::array<double, thresholds.size()> percent_over; // of pixels above each threshold
};

// Of one difference a pixel; at least one. Reorders them. Throws giflab::failure when cancelled. [any thread]
summary summary_of(const giflab_call &call, std::span<double> differences);

// So many that a sum of fixed-point differences fits 64 bits.
inline constexpr uint64_t most_pixels = uint64_t{1} << 28;

// Of totals over those of `pixels` pixels that differ, and what stands at the 95th percentile's two ranks among
// all. [any thread]
summary summary_of(const kernels::weighted_totals &totals, uint64_t pixels,
                   const kernels::percentile_values &p95);

// Takes differences of groups of pixels. All go into the sums; only those that may yet stand at the 95th
// percentile are kept, so that what is looked through at the end fits a cache. The same bits however the pixels
// are grouped and ordered.
class tally {
 public:
   // Of a picture of 1 to most_pixels pixels; pixels that are never added do not differ at all. Keeps
   // differences in `values` and `counts`, which have room for one a pixel.
   tally(const giflab_call &call, uint64_t pixels, std::span<float> values, std::span<uint32_t> counts);

   // counts[i] pixels, at most kernels::most_weight, differ by values[i] >= 0.
   void add(std::span<const float> values, std::span<const uint32_t> counts);
   summary finish();

 private:
   void tighten();
   kernels::percentile_values p95();

   const giflab_call &call_;
   const uint64_t pixels_, wanted_; // how many of the largest differences matter
   std::span<float> values_;
   std::span<uint32_t> counts_;
   size_t kept_ = 0, limit_;
   float threshold_; // the least that is kept
   kernels::weighted_totals totals_;
};

} // namespace giflab::ciede2000
