#include "engine/pooling.hpp"

#include <giflab/plugin.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace giflab::engine {

namespace {

// Weights as they count: each 1 where none was on show for any time.
std::vector<weighted_value> counted(std::span<const weighted_value> values) {
   std::vector<weighted_value> copies(values.begin(), values.end());
   const bool timeless =
       std::all_of(values.begin(), values.end(), [](const auto &one) { return one.weight <= 0; });
   if (timeless)
      for (weighted_value &one : copies)
         one.weight = 1;
   return copies;
}

// The weighted mean of f(value). A pair without any time on show has no say, not even an infinite one.
template <class Function> double mean_of(std::span<const weighted_value> values, Function f) {
   double sum = 0, weights = 0;
   for (const weighted_value &one : values)
      if (one.weight > 0) {
         sum += one.weight * f(one.value);
         weights += one.weight;
      }
   return sum / weights;
}

double mean_of(std::span<const weighted_value> values) {
   return mean_of(values, [](double value) { return value; });
}

double percentile_of(std::vector<weighted_value> values, double share) {
   std::sort(values.begin(), values.end(), [](const auto &a, const auto &b) { return a.value < b.value; });
   double whole = 0, sum = 0;
   for (const weighted_value &one : values)
      whole += one.weight;
   for (const weighted_value &one : values)
      if ((sum += one.weight) >= share * whole && one.weight > 0)
         return one.value;
   return values.back().value;
}

double least_of(std::span<const weighted_value> values) {
   double least = std::numeric_limits<double>::infinity();
   for (const weighted_value &one : values)
      least = std::min(least, one.value);
   return least;
}

double largest_of(std::span<const weighted_value> values) {
   double largest = -std::numeric_limits<double>::infinity();
   for (const weighted_value &one : values)
      largest = std::max(largest, one.value);
   return largest;
}

double sum_of(std::span<const weighted_value> values) {
   double sum = 0;
   for (const weighted_value &one : values)
      sum += one.value;
   return sum;
}

void add_positions(results::statistics &found, std::span<const weighted_value> values) {
   found.first = values.front().value;
   found.middle = values[values.size() / 2].value;
   found.last = values.back().value;
   const double mean = (found.first + found.middle + found.last) / 3;
   const auto squared = [&](double value) { return (value - mean) * (value - mean); };
   found.positional_variance = (squared(found.first) + squared(found.middle) + squared(found.last)) / 3;
}

} // namespace

double pooled(std::span<const weighted_value> values, uint32_t pool) {
   const std::vector<weighted_value> weighted = counted(values);
   switch (pool) {
   case GIFLAB_POOL_HARMONIC_MEAN:
      return 1 / mean_of(weighted, [](double value) { return 1 / value; });
   case GIFLAB_POOL_MIN:
      return least_of(weighted);
   case GIFLAB_POOL_MAX:
      return largest_of(weighted);
   case GIFLAB_POOL_P05:
      return percentile_of(weighted, 0.05);
   case GIFLAB_POOL_P95:
      return percentile_of(weighted, 0.95);
   case GIFLAB_POOL_SUM:
      return sum_of(weighted);
   case GIFLAB_POOL_DECIBEL_MEAN:
      return -10 * std::log10(mean_of(weighted, [](double value) { return std::pow(10, -value / 10); }));
   default:
      return mean_of(weighted);
   }
}

results::statistics statistics_of(std::span<const weighted_value> values) {
   const std::vector<weighted_value> weighted = counted(values);
   results::statistics found;
   found.mean = mean_of(weighted);
   found.std =
       std::sqrt(mean_of(weighted, [&](double value) { return (value - found.mean) * (value - found.mean); }));
   found.min = least_of(weighted);
   found.max = largest_of(weighted);
   found.p05 = percentile_of(weighted, 0.05);
   found.p95 = percentile_of(weighted, 0.95);
   add_positions(found, values);
   return found;
}

std::vector<weighted_value> worst_of(std::span<const weighted_value> values, results::direction direction,
                                     std::size_t count) {
   if (direction == results::direction::neither)
      return {};
   std::vector<weighted_value> worst(values.begin(), values.end());
   std::stable_sort(worst.begin(), worst.end(), [&](const auto &a, const auto &b) {
      return direction == results::direction::higher ? a.value < b.value : a.value > b.value;
   });
   worst.resize(std::min(count, worst.size()));
   return worst;
}

void fill_pooled(results::metric_value &into, std::span<const weighted_value> values, uint32_t pool,
                 const std::function<int64_t(int64_t pair)> &start_of) {
   constexpr std::size_t worst_count = 5;
   into.frames = static_cast<int64_t>(values.size());
   into.value = pooled(values, pool);
   into.statistics = statistics_of(values);
   for (const weighted_value &one : worst_of(values, into.direction, worst_count))
      into.worst.push_back({one.pair, start_of(one.pair), one.value});
}

} // namespace giflab::engine
