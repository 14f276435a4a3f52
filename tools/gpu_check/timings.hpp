#pragma once
// Device kernels against their floors: the bytes that they must move over the bandwidth of a copy, or the
// operations that they must do over the rate of fused multiply-adds, both measured here; whichever takes
// longer.

#include <string>
#include <vector>

namespace giflab::gpu_check {

struct machine_rates {
   double copied_bytes; // a second, read and written
   double operations;   // in float, a second; a fused multiply-add counts two
};

machine_rates measure_rates();

struct timing {
   std::string metric;
   int width, height, pairs;
   double microseconds;      // of a launch of all pairs, the median
   double bytes, operations; // that cannot be avoided, of all pairs
};

std::vector<timing> time_everything();

} // namespace giflab::gpu_check
