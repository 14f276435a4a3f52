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

// Differences of groups of pixels: `counts[i]` pixels differ by `values[i]` >= 0. All other pixels of the
// picture do not differ at all.
struct weighted_differences {
   std::span<const float> values;
   std::span<const uint32_t> counts;
   kernels::weighted_totals totals; // of both
   uint64_t pixels;                 // of the picture, 1 to most_pixels
};

// So many that a sum of fixed-point differences fits 64 bits.
inline constexpr uint64_t most_pixels = uint64_t{1} << 28;

// The same bits however the pixels are grouped and ordered. [any thread]
summary summary_of(const giflab_call &call, const weighted_differences &differences);

// Of totals over those of `pixels` pixels that differ, and what stands at p95_of(pixels) among all. [any
// thread]
summary summary_of(const kernels::weighted_totals &totals, uint64_t pixels,
                   const kernels::percentile_values &p95);

} // namespace giflab::ciede2000
