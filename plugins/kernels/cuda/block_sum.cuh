#pragma once
// Sums over the threads of a block, always in the same order.

namespace giflab::kernels::cuda {

// The sum of `value` over all threads of a one-dimensional block of `Threads` (a power of two, 64 to 1024), for
// thread 0; the others get something else. Every thread must come here. Each call needs `parts` of its own,
// Threads / 32 values in shared memory, or a __syncthreads() before the next one.
template <int Threads, class T> __device__ T block_sum(T value, T *parts) {
   static_assert(Threads % 64 == 0 && (Threads & (Threads - 1)) == 0 && Threads <= 1024);
   constexpr int warps = Threads / 32;
   for (int step = 16; step > 0; step /= 2)
      value += __shfl_down_sync(0xffffffffu, value, step);
   if (threadIdx.x % 32 == 0)
      parts[threadIdx.x / 32] = value;
   __syncthreads();
   if (threadIdx.x < warps) {
      constexpr unsigned mask = warps == 32 ? 0xffffffffu : (1u << warps) - 1;
      value = parts[threadIdx.x];
      for (int step = warps / 2; step > 0; step /= 2)
         value += __shfl_down_sync(mask, value, step);
   }
   return value;
}

} // namespace giflab::kernels::cuda
