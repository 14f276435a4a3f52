#include "check.cuh"

#include <giflab_kernels/cuda/ssim.hpp>

namespace giflab::kernels::cuda {
namespace {

// A block makes all smaller scales of a piece of the picture, each from the one before it, in shared memory.
constexpr int threads = 128;
constexpr int piece_width = 64, piece_height = 16; // of the first halving

struct pyramid_work {
   pair_list<uint8_t> pairs;
   ssim_layout layout;
   uint16_t *halved;
};

__device__ uint16_t *row_of(const pyramid_work &work, int scale, uint32_t picture, int32_t y) {
   return work.halved + picture * work.layout.samples() + work.layout.samples_before(scale) +
          static_cast<size_t>(y) * static_cast<size_t>(work.layout.stride(scale));
}

__device__ uint32_t sum_of_two_pixels(const uint8_t *at) {
   const uint32_t two = __ldg(reinterpret_cast<const uint16_t *>(at));
   return (two & 0xff) + (two >> 8);
}

__global__ void __launch_bounds__(threads)
    halve_pieces(const __grid_constant__ pyramid_work work, tiling pieces) {
   __shared__ uint16_t kept[piece_height][piece_width];
   const pair_planes<uint8_t> &pair = work.pairs.at[blockIdx.y / 2];
   const plane<uint8_t> &source = blockIdx.y % 2 == 0 ? pair.a : pair.b;
   const tile piece = pieces.at(blockIdx.x);
   for (int i = static_cast<int>(threadIdx.x); i < piece_width * piece_height; i += threads) {
      const int x = i % piece_width, y = i / piece_width;
      if (x >= piece.width || y >= piece.height)
         continue;
      const int64_t upper = 2 * int64_t{piece.y + y};
      const int32_t left = 2 * (piece.x + x);
      const auto sum = static_cast<uint16_t>(sum_of_two_pixels(source.row(upper) + left) +
                                             sum_of_two_pixels(source.row(upper + 1) + left));
      kept[y][x] = sum;
      row_of(work, 1, blockIdx.y, piece.y + y)[piece.x + x] = sum;
   }
   for (int scale = 2; scale < work.layout.scales(); ++scale) {
      const int width = piece_width >> (scale - 1), height = piece_height >> (scale - 1);
      const int i = static_cast<int>(threadIdx.x); // at most 256 samples: two a thread
      __syncthreads();
      uint32_t sums[2] = {};
      for (int part = 0; part < 2; ++part)
         if (const int at = i + part * threads; at < width * height) {
            const int x = at % width, y = at / width;
            sums[part] = kept[2 * y][2 * x] + kept[2 * y][2 * x + 1] + kept[2 * y + 1][2 * x] +
                         kept[2 * y + 1][2 * x + 1];
         }
      __syncthreads();
      for (int part = 0; part < 2; ++part)
         if (const int at = i + part * threads; at < width * height) {
            const int x = at % width, y = at / width;
            const int32_t to_x = (piece.x >> (scale - 1)) + x, to_y = (piece.y >> (scale - 1)) + y;
            kept[y][x] = static_cast<uint16_t>(sums[part]);
            if (to_x < work.layout.width(scale) && to_y < work.layout.height(scale))
               row_of(work, scale, blockIdx.y, to_y)[to_x] = static_cast<uint16_t>(sums[part]);
         }
   }
}

} // namespace

void halve(const pair_list<uint8_t> &pairs, uint32_t count, const ssim_layout &layout, uint16_t *halved,
           cudaStream_t stream) {
   const pyramid_work work = {pairs, layout, halved};
   const tiling pieces = {layout.width(1), layout.height(1), piece_width, piece_height};
   halve_pieces<<<dim3(pieces.count(), 2 * count), threads, 0, stream>>>(work, pieces);
   check_launch();
}

} // namespace giflab::kernels::cuda
