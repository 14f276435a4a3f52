#pragma once
// From one value a pair to one value a clip.

#include "results/comparison.hpp"

#include <cstdint>
#include <functional>
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

// Value, statistics and worst pairs of a metric by the values of its pairs, in display order and not empty.
// `start_of` says when a pair comes on show.
void fill_pooled(results::metric_value &into, std::span<const weighted_value> values, uint32_t pool,
                 const std::function<int64_t(int64_t pair)> &start_of);

// The `count` worst pairs, worst first, the earlier of two equal ones first. Empty without a direction.
std::vector<weighted_value> worst_of(std::span<const weighted_value> values, results::direction direction,
                                     std::size_t count);

} // namespace giflab::engine
