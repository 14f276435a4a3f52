#include "check.cuh"

#include <algorithm>
#include <giflab_kernels/cuda/channel_histogram.hpp>
#include <giflab_kernels/cuda/tiles.hpp>

namespace giflab::kernels::cuda {
namespace {

constexpr int threads = 256;
constexpr int tile_pixels = 1 << 14;
constexpr int pixels_a_load = 4; // 12 bytes: whole words
constexpr int counters = 3 * histogram_bins;
constexpr int lanes = 32;

tiling bands_of(int32_t width, int32_t height) {
   return {width, height, width, std::max(1, tile_pixels / width)};
}

// A counter for each lane of a warp, each in a bank of its own: however many pixels are alike, the threads of a
// warp never wait for each other.
using lane_counters = uint32_t[counters][lanes];

__device__ void count_bytes(uint32_t word, int first_channel, int bytes, lane_counters &counts) {
   for (int i = 0; i < 4; ++i)
      if (i < bytes) {
         const uint32_t bin = word >> (8 * i + 3) & (histogram_bins - 1);
         const int channel = (first_channel + i) % 3;
         atomicAdd(&counts[channel * histogram_bins + static_cast<int>(bin)][threadIdx.x % lanes], 1u);
      }
}

__device__ void count_row(const uint8_t *row, int32_t width, lane_counters &counts) {
   const int32_t loads = (width + pixels_a_load - 1) / pixels_a_load;
   for (int32_t i = static_cast<int32_t>(threadIdx.x) % lanes; i < loads; i += lanes) {
      const auto *words = reinterpret_cast<const uint32_t *>(row) + 3 * i;
      const int32_t bytes = 3 * min(pixels_a_load, width - pixels_a_load * i);
      for (int part = 0; part < 3; ++part)
         if (4 * part < bytes)
            count_bytes(__ldg(words + part), part, bytes - 4 * part, counts);
   }
}

// One block counts one picture's band; each warp takes every eighth row.
__global__ void __launch_bounds__(threads)
    count_bands(const __grid_constant__ pair_list<uint8_t> pairs, tiling bands, pair_histograms *sums) {
   __shared__ lane_counters counts;
   for (int i = static_cast<int>(threadIdx.x); i < counters * lanes; i += threads)
      counts[i / lanes][i % lanes] = 0;
   __syncthreads();
   const tile band = bands.at(blockIdx.x);
   const plane<uint8_t> &from = blockIdx.z == 0 ? pairs.at[blockIdx.y].a : pairs.at[blockIdx.y].b;
   for (int32_t y = static_cast<int32_t>(threadIdx.x) / lanes; y < band.height; y += threads / lanes)
      count_row(from.row(band.y + y), band.width, counts);
   __syncthreads();
   if (const int i = static_cast<int>(threadIdx.x); i < counters) {
      uint32_t sum = 0;
      for (int lane = 0; lane < lanes; ++lane)
         sum += counts[i][(lane + i) % lanes]; // each thread begins in another bank
      // Whole numbers: the same sums in whatever order the blocks come.
      atomicAdd(&sums[blockIdx.y].counts[blockIdx.z][i / histogram_bins][i % histogram_bins], sum);
   }
}

} // namespace

void count_channels(const pair_list<uint8_t> &rgb, uint32_t count, int32_t width, int32_t height,
                    pair_histograms *histograms, cudaStream_t stream) {
   const tiling bands = bands_of(width, height);
   check(cudaMemsetAsync(histograms, 0, count * sizeof *histograms, stream));
   count_bands<<<dim3(bands.count(), count, 2), threads, 0, stream>>>(rgb, bands, histograms);
   check_launch();
}

} // namespace giflab::kernels::cuda
