#pragma once
// Showing times as the old package reads them: frame i against frame i.

#include <cstdint>
#include <span>

namespace giflab::classic {

struct timing_values {
   double grid_length = 0, duration_difference_ms = 0, drift_score = 0, max_drift_ms = 0, accuracy = 1;
};

// What the file says of each frame in milliseconds (-1: nothing) becomes what the old package took it for.
int32_t effective_duration(int32_t said_ms, size_t frames);

// Effective durations of all frames.
timing_values compare_timing(std::span<const int32_t> a, std::span<const int32_t> b);

} // namespace giflab::classic
