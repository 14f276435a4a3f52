#pragma once
// What work costs, whoever else uses the machine.

#include <ctime>

namespace giflab::services {

// Of the calling thread, since some moment of its own.
inline double processor_seconds() {
   timespec now{};
   clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
   return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

} // namespace giflab::services
