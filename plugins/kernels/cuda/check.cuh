#pragma once
// What CUDA says becomes a giflab::failure; what its launches need.

#include <cuda_runtime.h>
#include <giflab/plugin.hpp>

namespace giflab::kernels::cuda {

inline void check(cudaError_t error) {
   if (error == cudaSuccess)
      return;
   const bool memory = error == cudaErrorMemoryAllocation;
   throw failure(memory ? GIFLAB_NO_MEMORY : GIFLAB_DEVICE,
                 std::string("CUDA: ") + cudaGetErrorName(error) + ": " + cudaGetErrorString(error));
}

// To be called behind every <<<...>>>.
inline void check_launch() { check(cudaGetLastError()); }

} // namespace giflab::kernels::cuda
