#include "device/conversion_kernels.hpp"

#include <algorithm>
#include <cuda_runtime.h>

namespace giflab::device {

namespace {

// A warp walks along a row.
constexpr uint32_t threads_along = 32, threads_down = 8;
constexpr uint32_t most_blocks_down = 65535; // what a launch takes; rows beyond come in further rounds

dim3 blocks_for(uint32_t along, int32_t rows) {
   const uint32_t down = (static_cast<uint32_t>(rows) + threads_down - 1) / threads_down;
   return dim3((along + threads_along - 1) / threads_along, std::min(down, most_blocks_down));
}

struct place {
   uint32_t x, y;
};

__device__ place first_place() {
   return {blockIdx.x * threads_along + threadIdx.x, blockIdx.y * threads_down + threadIdx.y};
}

// One thread four pixels of one row.
__global__ void __launch_bounds__(threads_along *threads_down)
    expand_indices(const uint8_t *__restrict__ indices, const media::palette_tables *__restrict__ tables,
                   const wanted_planes to, uint32_t fours) {
   auto [four, y] = first_place();
   if (four < fours)
      for (; y < static_cast<uint32_t>(to.height); y += gridDim.y * threads_down)
         expand_four(indices, *tables, to, static_cast<int32_t>(4 * four), static_cast<int32_t>(y));
}

// One thread one pixel.
__global__ void __launch_bounds__(threads_along *threads_down)
    convert_pixels(const uint32_t *__restrict__ rgba, const byte_tables *__restrict__ tables,
                   const background_bytes under, const wanted_planes to, double bias) {
   auto [x, y] = first_place();
   if (x >= static_cast<uint32_t>(to.width))
      return;
   const double root_of_bias = to.xyb[0] ? cbrt(bias) : 0.0;
   for (; y < static_cast<uint32_t>(to.height); y += gridDim.y * threads_down)
      convert_one(rgba, *tables, under, to, bias, root_of_bias, static_cast<int32_t>(x),
                  static_cast<int32_t>(y));
}

} // namespace

int launch_expand(cudaStream_t stream, const uint8_t *indices, const media::palette_tables *tables,
                  const wanted_planes &to) {
   const uint32_t fours = fours_of(to.width);
   expand_indices<<<blocks_for(fours, to.height), dim3(threads_along, threads_down), 0, stream>>>(
       indices, tables, to, fours);
   return cudaGetLastError();
}

int launch_convert(cudaStream_t stream, const uint32_t *rgba, const byte_tables *tables,
                   const background_bytes &under, const wanted_planes &to) {
   convert_pixels<<<blocks_for(static_cast<uint32_t>(to.width), to.height), dim3(threads_along, threads_down),
                    0, stream>>>(rgba, tables, under, to, media::xyb_bias);
   return cudaGetLastError();
}

} // namespace giflab::device
