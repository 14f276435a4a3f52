#include "engine/crossover.hpp"

#include <giflab/plugin.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace giflab::engine {

namespace {

// A cost class is a bound; what metrics take lies within the decade below it, and this is its middle.
constexpr std::array<double, 5> nanoseconds_of_a_pixel{0.3, 3, 30, 300, 3000};

// Seconds of the processor's work that a device which is not open yet is worth. With an H200, whole comparisons of
// five GIFs took 0.08 to 0.47 s longer on the device than on 16 threads, which did the work in 0.01 to 0.4 s: what a
// context and the modules' first launches cost.
constexpr double cold_crossover = 0.5;
// The same for a device that is open. Not measured: some launches and the way there and back.
constexpr double warm_crossover = 0.01;

} // namespace

double host_seconds(const device_job &job) {
   double nanoseconds = 0;
   for (const uint32_t cost : job.costs)
      nanoseconds += nanoseconds_of_a_pixel[std::min<std::size_t>(cost, nanoseconds_of_a_pixel.size() - 1)];
   // More threads than pairs have nothing to do.
   const double busy = std::clamp(std::ceil(job.pairs * static_cast<double>(job.costs.size())), 1.0,
                                  static_cast<double>(job.threads));
   return nanoseconds * 1e-9 * static_cast<double>(job.pixels) * job.pairs / busy;
}

bool is_worth_a_device(const device_job &job, double spent, bool open) {
   const double seconds = host_seconds(job);
   return open ? seconds > warm_crossover : spent + seconds > cold_crossover;
}

} // namespace giflab::engine
