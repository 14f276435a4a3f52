#pragma once
// Summaries of lists as numpy computes them.

#include <algorithm>
#include <cmath>
#include <span>
#include <vector>

namespace giflab::classic {

// 0 for an empty list.
inline double mean(std::span<const double> values) {
   double sum = 0;
   for (const double value : values)
      sum += value;
   return values.empty() ? 0 : sum / static_cast<double>(values.size());
}

// Of the population; 0 for an empty list.
inline double variance(std::span<const double> values) {
   const double middle = mean(values);
   double sum = 0;
   for (const double value : values)
      sum += (value - middle) * (value - middle);
   return values.empty() ? 0 : sum / static_cast<double>(values.size());
}

// Linearly between neighbours of the sorted list; 0 for an empty one.
inline double percentile(std::span<const double> values, double percent) {
   if (values.empty())
      return 0;
   std::vector<double> sorted(values.begin(), values.end());
   std::sort(sorted.begin(), sorted.end());
   const double position = percent / 100 * static_cast<double>(sorted.size() - 1);
   const auto below = static_cast<size_t>(position);
   const size_t above = std::min(below + 1, sorted.size() - 1);
   return sorted[below] + (sorted[above] - sorted[below]) * (position - static_cast<double>(below));
}

// 0 for an empty list.
inline double largest(std::span<const double> values) {
   return values.empty() ? 0 : *std::max_element(values.begin(), values.end());
}
inline double least(std::span<const double> values) {
   return values.empty() ? 0 : *std::min_element(values.begin(), values.end());
}

inline double clip01(double value) { return std::clamp(value, 0.0, 1.0); }

// Whole numbers evenly from `first` to `last`, as doubles cut off. `count` is 1 at least.
inline std::vector<uint32_t> evenly_spaced(uint32_t first, uint32_t last, uint32_t count) {
   std::vector<uint32_t> numbers(count, first);
   for (uint32_t i = 1; i < count; ++i)
      numbers[i] = first + static_cast<uint32_t>(i * (static_cast<double>(last - first) / (count - 1)));
   if (count > 1)
      numbers[count - 1] = last;
   return numbers;
}

} // namespace giflab::classic
