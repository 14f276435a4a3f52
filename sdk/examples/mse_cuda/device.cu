#include "device.h"
#include "squared_error.h"

#include <cuda_runtime.h>
#include <numeric>

namespace {

constexpr int32_t rows_per_block = 16;
constexpr unsigned threads = 256; // a power of two

struct picture_pair {
   const uint8_t *reference, *distorted;
   size_t reference_stride, distorted_stride;
   int32_t width, height;
};

// Each block sums a band of rows: each thread every 256th pixel, then all threads pairwise, always in the same
// order. No atomics.
__global__ void sum_bands(picture_pair pair, uint64_t *sums) {
   __shared__ uint64_t parts[threads];
   const int32_t first = static_cast<int32_t>(blockIdx.x) * rows_per_block;
   const int32_t last = min(first + rows_per_block, pair.height);
   uint64_t sum = 0;
   for (int32_t y = first; y < last; ++y) {
      const uint8_t *a = pair.reference + static_cast<size_t>(y) * pair.reference_stride;
      const uint8_t *b = pair.distorted + static_cast<size_t>(y) * pair.distorted_stride;
      for (int32_t x = static_cast<int32_t>(threadIdx.x); x < pair.width; x += static_cast<int32_t>(threads))
         sum += squared_error(a[x], b[x]);
   }
   parts[threadIdx.x] = sum;
   for (unsigned half = threads / 2; half > 0; half /= 2) {
      __syncthreads();
      if (threadIdx.x < half)
         parts[threadIdx.x] += parts[threadIdx.x + half];
   }
   if (threadIdx.x == 0)
      sums[blockIdx.x] = parts[0];
}

picture_pair planes_of(const giflab_pair &pair) {
   const giflab_plane &a = pair.reference->views[GIFLAB_LUMA8]->planes[0];
   const giflab_plane &b = pair.distorted->views[GIFLAB_LUMA8]->planes[0];
   return {static_cast<const uint8_t *>(a.data),
           static_cast<const uint8_t *>(b.data),
           a.stride,
           b.stride,
           pair.distorted->width,
           pair.distorted->height};
}

void check(cudaError_t error) {
   if (error != cudaSuccess)
      throw giflab::failure(error == cudaErrorMemoryAllocation ? GIFLAB_NO_MEMORY : GIFLAB_DEVICE,
                            cudaGetErrorString(error));
}

} // namespace

void device_squared_errors(const giflab_call &call, const giflab_cuda &cuda, std::span<const giflab_pair> pairs,
                           std::span<uint64_t> sums) {
   const auto stream = static_cast<cudaStream_t>(cuda.stream(&call));
   const auto bands = static_cast<uint32_t>((pairs[0].distorted->height + rows_per_block - 1) / rows_per_block);
   const auto on_host = giflab::scratch<uint64_t>(call, pairs.size() * bands);
   auto *on_device = static_cast<uint64_t *>(call.scratch(&call, GIFLAB_MEMORY_CUDA, on_host.size_bytes()));
   if (!on_device)
      throw giflab::failure(GIFLAB_NO_MEMORY, "no scratch memory on the device");
   for (size_t i = 0; i < pairs.size(); ++i) {
      giflab::stop_if_cancelled(call);
      picture_pair pair = planes_of(pairs[i]);
      uint64_t *target = on_device + i * bands;
      void *arguments[] = {&pair, &target};
      check(cudaLaunchKernel(reinterpret_cast<const void *>(sum_bands), dim3(bands), dim3(threads), arguments,
                             0, stream));
   }
   // Waits for this stream alone: the rest of the device is not ours.
   check(cudaMemcpyAsync(on_host.data(), on_device, on_host.size_bytes(), cudaMemcpyDeviceToHost, stream));
   check(cudaStreamSynchronize(stream));
   for (size_t i = 0; i < pairs.size(); ++i)
      sums[i] = std::accumulate(on_host.begin() + i * bands, on_host.begin() + (i + 1) * bands, uint64_t{0});
}
