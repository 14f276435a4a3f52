#pragma once
// From one value a pair to one value a clip.

#include "results/comparison.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace giflab::engine {

// A value and for how long it was on show. Weights are 0 or more; if all are 0 (stills) each counts once.
struct weighted_value {
   double value = 0; // never NaN; may be infinite
   double weight = 0;
   int64_t pair = 0;
};

// Folds as giflab_output.pool (GIFLAB_POOL_*) says. `values` is not empty.
double pooled(std::span<const weighted_value> values, uint32_t pool);

// `values` are in display order and not empty. A percentile is the smallest value that the clip is at or below
// for that share of its display time. The spread is that of the population.
results::statistics statistics_of(std::span<const weighted_value> values);

// The `count` worst pairs, worst first, the earlier of two equal ones first. Empty without a direction.
std::vector<weighted_value> worst_of(std::span<const weighted_value> values, results::direction direction,
                                     std::size_t count);

} // namespace giflab::engine
