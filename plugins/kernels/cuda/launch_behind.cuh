#pragma once
// Launches that overlap the end of the kernel before them (CUDA C++ Programming Guide, "Programmatic Dependent
// Launch and Synchronization"). Devices before compute capability 9.0 know no such thing: there the stream's
// order does it.

#include "check.cuh"

namespace giflab::kernels::cuda {

// In a kernel: blocks of the next kernel of the stream may start, where there is room, once all blocks came
// here.
__device__ inline void let_next_start() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
   cudaTriggerProgrammaticLaunchCompletion();
#endif
}

// In a kernel started by launch_behind(): waits until the kernel before is done and its memory can be read.
__device__ inline void wait_for_kernel_before() {
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 900
   cudaGridDependencySynchronize();
#endif
}

// Launches `kernel`, which begins before the kernel that precedes it on `stream` is done, and must say where it
// waits; at least one of its blocks has to. Throws giflab::failure.
template <class... Parameters, class... Arguments>
void launch_behind(void (*kernel)(Parameters...), dim3 grid, int threads, cudaStream_t stream,
                   Arguments &&...arguments) {
   int device = 0, generation = 0;
   check(cudaGetDevice(&device));
   check(cudaDeviceGetAttribute(&generation, cudaDevAttrComputeCapabilityMajor, device));
   cudaLaunchAttribute overlap = {};
   overlap.id = cudaLaunchAttributeProgrammaticStreamSerialization;
   overlap.val.programmaticStreamSerializationAllowed = 1;
   cudaLaunchConfig_t config = {};
   config.gridDim = grid;
   config.blockDim = dim3(static_cast<unsigned>(threads));
   config.stream = stream;
   config.attrs = &overlap;
   config.numAttrs = generation >= 9 ? 1 : 0;
   check(cudaLaunchKernelEx(&config, kernel, std::forward<Arguments>(arguments)...));
}

} // namespace giflab::kernels::cuda
