#pragma once
// Totals over values that each stand for several pixels.

#include <array>
#include <giflab_kernels/plane.hpp>

namespace giflab::kernels {

// Values are summed in units of 2^-28, as integers: a sum has the same bits in any order and grouping.
inline constexpr double total_unit = 1.0 / (1 << 28);

struct weighted_totals {
   static constexpr std::array<float, 4> thresholds = {1, 2, 3, 5};

   uint64_t sum = 0;                                  // of value times count, in total_unit
   uint64_t pixels = 0;                               // of counts
   std::array<uint64_t, thresholds.size()> over = {}; // pixels whose value is above the threshold
   float max = 0;
};

// The largest count that one value may have; more are given in parts.
inline constexpr uint32_t most_weight = 1 << 15;

// Adds values of 0 to 256 with their counts. Either twin gives the same bits. [any thread]
void add_weighted(const float *values, const uint32_t *counts, size_t size, weighted_totals &totals,
                  arithmetic choice);

} // namespace giflab::kernels
