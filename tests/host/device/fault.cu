#include "fault.hpp"

#include <cuda_runtime.h>

namespace giflab::tests {

namespace {

__global__ void write_nowhere(int *nowhere) { *nowhere = 1; }

} // namespace

void launch_fault(cudaStream_t stream) { write_nowhere<<<1, 1, 0, stream>>>(nullptr); }

} // namespace giflab::tests
