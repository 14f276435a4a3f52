#include "check.cuh"
#include "launch_behind.cuh"

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

// Sums of neighbouring bytes, two and two, as 16-bit halves of words.
__device__ uint32_t sums_of_two(uint32_t bytes) { return (bytes & 0x00ff00ffu) + (bytes >> 8 & 0x00ff00ffu); }

__device__ uint4 sums_of_four(const uint4 &upper, const uint4 &lower) {
   return {sums_of_two(upper.x) + sums_of_two(lower.x), sums_of_two(upper.y) + sums_of_two(lower.y),
           sums_of_two(upper.z) + sums_of_two(lower.z), sums_of_two(upper.w) + sums_of_two(lower.w)};
}

// Each thread makes eight samples of the first halving from sixteen pixels of two rows. What lies behind the
// last whole sample of a row is made of whatever stands there, and used by nobody; rows are 64 bytes apart, so
// that it may be read and written.
__device__ void halve_first(const pyramid_work &work, const plane<uint8_t> &source, const tile &piece,
                            uint16_t (&kept)[piece_height][piece_width]) {
   const int x = static_cast<int>(threadIdx.x) % (piece_width / 8) * 8;
   const int y = static_cast<int>(threadIdx.x) / (piece_width / 8);
   if (x >= piece.width || y >= piece.height)
      return;
   const auto load = [&](int64_t row) {
      return __ldg(reinterpret_cast<const uint4 *>(source.row(row) + 2 * (piece.x + x)));
   };
   const int64_t upper = 2 * int64_t{piece.y + y};
   const uint4 sums = sums_of_four(load(upper), load(upper + 1));
   *reinterpret_cast<uint4 *>(&kept[y][x]) = sums;
   *reinterpret_cast<uint4 *>(row_of(work, 1, blockIdx.y, piece.y + y) + piece.x + x) = sums;
}

__global__ void __launch_bounds__(threads)
    halve_pieces(const __grid_constant__ pyramid_work work, tiling pieces) {
   let_next_start();
   __shared__ __align__(16) uint16_t kept[piece_height][piece_width];
   static_assert(piece_width / 8 * piece_height == threads);
   const pair_planes<uint8_t> &pair = work.pairs.at[blockIdx.y / 2];
   const tile piece = pieces.at(blockIdx.x);
   halve_first(work, blockIdx.y % 2 == 0 ? pair.a : pair.b, piece, kept);
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
