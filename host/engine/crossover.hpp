#pragma once
// Is a job large enough for a device? Making a CUDA context takes longer than many a comparison of small GIFs.

#include <cstddef>
#include <cstdint>
#include <span>

namespace giflab::engine {

// What could run on a device of one comparison.
struct device_job {
   int64_t pixels = 0;              // of one picture
   double pairs = 0;                // an estimate will do
   std::span<const uint32_t> costs; // GIFLAB_COST_* of each metric that could
   std::size_t threads = 1;         // that would compute them otherwise
};

// How long the processor would take over it, in seconds of the clock.
double host_seconds(const device_job &job);

// Is the device worth it, where comparisons before this one had `spent` seconds of such work done by the
// processor, and the device is open already or not? A cold device is opened once it would have paid for
// itself: whatever is still to come, that costs at most twice what the better choice would have.
bool is_worth_a_device(const device_job &job, double spent, bool open);

} // namespace giflab::engine
