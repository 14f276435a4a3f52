#include "timing.hpp"

#include <algorithm>
#include <cstdlib>
#include <numeric>

namespace giflab::classic {

namespace {

// To the grid of 10 ms, a half to the even step.
int32_t quantised(int32_t ms) {
   const int32_t steps = ms / 10, rest = ms % 10;
   return 10 * (steps + (rest > 5 || (rest == 5 && steps % 2 == 1)));
}

int64_t total(std::span<const int32_t> durations) {
   return std::accumulate(durations.begin(), durations.end(), int64_t{0});
}

} // namespace

int32_t effective_duration(int32_t said_ms, size_t frames) {
   if (frames == 1 || said_ms < 1)
      return 100;
   return std::min(said_ms, 10000);
}

timing_values compare_timing(std::span<const int32_t> a, std::span<const int32_t> b) {
   const size_t common = std::min(a.size(), b.size());
   timing_values values;
   int64_t drift = 0, largest = 0, agreeing = 0;
   for (size_t i = 0; i < common; ++i) {
      drift += a[i] - b[i];
      largest = std::max(largest, std::abs(drift));
      agreeing += quantised(a[i]) == quantised(b[i]);
   }
   int64_t grid = 0;
   for (const int32_t duration : a)
      grid += quantised(duration);
   values.grid_length = static_cast<double>(grid / 10);
   values.max_drift_ms = static_cast<double>(largest);
   values.duration_difference_ms = static_cast<double>(std::abs(total(a) - total(b)));
   values.drift_score = std::min(1.0, (values.max_drift_ms + values.duration_difference_ms) / 500);
   values.accuracy = common ? static_cast<double>(agreeing) / static_cast<double>(common) : 1;
   return values;
}

} // namespace giflab::classic
