#include "block_sum.cuh"
#include "check.cuh"

#include <giflab_kernels/cuda/gmsd.hpp>
#include <giflab_kernels/cuda/tiles.hpp>

namespace giflab::kernels::cuda {
namespace {

constexpr int tile_width = 64, tile_height = 32; // of the halved picture
constexpr int rows_a_thread = 8;
constexpr int threads = tile_width * tile_height / rows_a_thread;

tiling tiles_of(int32_t width, int32_t height) {
   return {gmsd_halved(width), gmsd_halved(height), tile_width, tile_height};
}

struct picture_size {
   int32_t width, height;
};

// Two pixels of a row from an even column on; 0 beyond the picture. A second pixel behind the row's end may be
// read, for rows are at least 64 bytes apart, but does not count.
__device__ uint32_t sum_of_two(const plane<uint8_t> &from, picture_size size, int32_t x, int32_t y) {
   if (x >= size.width || y >= size.height)
      return 0;
   const uint32_t two = __ldg(reinterpret_cast<const uint16_t *>(from.row(y) + x));
   return (two & 0xff) + (x + 1 < size.width ? two >> 8 : 0);
}

// A sample of the halved picture, four times its value; 0 beyond it.
__device__ uint32_t halved_at(const plane<uint8_t> &from, picture_size size, int32_t x, int32_t y) {
   if (x < 0 || y < 0)
      return 0;
   return sum_of_two(from, size, 2 * x, 2 * y) + sum_of_two(from, size, 2 * x, 2 * y + 1);
}

// A sample of a in the lower half of a word and one of b in the upper one: sums of a few stay below 2^16.
constexpr uint32_t bias = 1u << 12, both_biases = bias << 16 | bias;

struct gradients {
   float a, b; // squared magnitudes; whole numbers
};

__device__ gradients squared_gradients(uint32_t across, uint32_t down) {
   const auto squared = [](uint32_t x, uint32_t y) {
      const int32_t horizontal = static_cast<int32_t>(x) - static_cast<int32_t>(bias);
      const int32_t vertical = static_cast<int32_t>(y) - static_cast<int32_t>(bias);
      return static_cast<float>(horizontal * horizontal + vertical * vertical);
   };
   return {squared(across & 0xffff, down & 0xffff), squared(across >> 16, down >> 16)};
}

using halved_tile = uint32_t[tile_height + 2][tile_width + 2];

__device__ void load_tile(const pair_planes<uint8_t> &pair, picture_size size, const tile &at,
                          halved_tile &halved) {
   for (int i = static_cast<int>(threadIdx.x); i < (tile_width + 2) * (tile_height + 2); i += threads) {
      const int x = i % (tile_width + 2), y = i / (tile_width + 2);
      halved[y][x] = halved_at(pair.a, size, at.x + x - 1, at.y + y - 1) |
                     halved_at(pair.b, size, at.x + x - 1, at.y + y - 1) << 16;
   }
}

// What one row of three samples gives to the gradients of the row above, of its own and of the one below.
struct row_of_three {
   uint32_t across; // right - left, biased
   uint32_t down;   // left + middle + right
};

__device__ row_of_three row_at(const halved_tile &halved, int x, int y) {
   const uint32_t left = halved[y][x], middle = halved[y][x + 1], right = halved[y][x + 2];
   return {right + both_biases - left, left + middle + right};
}

__global__ void __launch_bounds__(threads) sum_tiles(const __grid_constant__ pair_list<uint8_t> pairs,
                                                     picture_size size, tiling tiles, gmsd_sums *slots) {
   __shared__ halved_tile halved;
   __shared__ double parts[2][threads / 32];
   const tile at = tiles.at(blockIdx.x);
   load_tile(pairs.at[blockIdx.y], size, at, halved);
   __syncthreads();

   const int x = static_cast<int>(threadIdx.x) % tile_width;
   const int first = static_cast<int>(threadIdx.x) / tile_width * rows_a_thread;
   row_of_three above = row_at(halved, x, first), here = row_at(halved, x, first + 1);
   double sum = 0, squared = 0; // GMSD lives on the difference of their means
#pragma unroll
   for (int y = first; y < first + rows_a_thread; ++y) {
      const row_of_three below = row_at(halved, x, y + 2);
      const uint32_t across = above.across + here.across + below.across - 2 * both_biases;
      const gradients g = squared_gradients(across, below.down + both_biases - above.down);
      const float d = x < at.width && y < at.height ? gradient_dissimilarity(g.a, g.b) : 0.0f;
      const auto counted = static_cast<double>(d);
      sum += counted;
      squared = fma(counted, counted, squared);
      above = here;
      here = below;
   }
   const double tile_sum = block_sum<threads>(sum, parts[0]);
   const double tile_squared = block_sum<threads>(squared, parts[1]);
   if (threadIdx.x == 0) {
      gmsd_sums &slot = slots[blockIdx.y * gridDim.x + blockIdx.x];
      slot.dissimilarity = tile_sum;
      slot.squared = tile_squared;
   }
}

} // namespace

uint32_t gmsd_tiles(int32_t width, int32_t height) { return tiles_of(width, height).count(); }

void add_gmsd(const pair_list<uint8_t> &pairs, uint32_t count, int32_t width, int32_t height, gmsd_sums *slots,
              cudaStream_t stream) {
   const tiling tiles = tiles_of(width, height);
   sum_tiles<<<dim3(tiles.count(), count), threads, 0, stream>>>(pairs, picture_size{width, height}, tiles,
                                                                 slots);
   check_launch();
}

} // namespace giflab::kernels::cuda
