#include "block_sum.cuh"
#include "check.cuh"

#include <giflab_kernels/cuda/byte_error.hpp>
#include <giflab_kernels/cuda/tiles.hpp>

namespace giflab::kernels::cuda {
namespace {

constexpr int threads = 256;
constexpr int ahead = 4; // loads of a thread under way at once
constexpr int32_t word = 16;
constexpr int32_t tile_bytes = 1 << 15;

// Bands of whole rows: a picture's rows lie behind one another, and long reads are fast ones.
tiling bands_of(size_t row_bytes, int32_t height) {
   const auto width = static_cast<int32_t>(row_bytes);
   return {width, height, width, std::max(1, tile_bytes / width)};
}

// Of a few words; 32 bits hold thousands.
struct word_sums {
   uint32_t squared = 0, absolute = 0;
};

__device__ void add_four(uint32_t a, uint32_t b, word_sums &sums) {
   const uint32_t difference = __vabsdiffu4(a, b);
   sums.squared = __dp4a(difference, difference, sums.squared);
   sums.absolute = __dp4a(difference, 0x01010101u, sums.absolute);
}

// Keeps the first `count` bytes, 1 to 15, of 16.
__device__ uint4 first_bytes(uint4 bytes, int32_t count) {
   const auto kept = [count](uint32_t part, int32_t before) {
      const int32_t inside = count - before;
      return inside >= 4 ? part : inside <= 0 ? 0u : part & ((1u << (8 * inside)) - 1);
   };
   return {kept(bytes.x, 0), kept(bytes.y, 4), kept(bytes.z, 8), kept(bytes.w, 12)};
}

__device__ void add_word(const uint4 &a, const uint4 &b, word_sums &sums) {
   add_four(a.x, b.x, sums);
   add_four(a.y, b.y, sums);
   add_four(a.z, b.z, sums);
   add_four(a.w, b.w, sums);
}

// Where a thread stands among the words of a band; a step is `threads` words.
struct word_place {
   int32_t row, column;

   __device__ void step(int32_t words_a_row, int32_t rows_a_step, int32_t columns_a_step) {
      row += rows_a_step;
      column += columns_a_step;
      if (column >= words_a_row) {
         column -= words_a_row;
         ++row;
      }
   }
};

// Every row is a multiple of 64 bytes apart from the next, so whole words may be read to its end; what lies
// behind the picture is masked away.
__global__ void __launch_bounds__(threads)
    sum_bands(const __grid_constant__ pair_list<uint8_t> pairs, tiling bands, byte_error *slots) {
   const pair_planes<uint8_t> &pair = pairs.at[blockIdx.y];
   const tile band = bands.at(blockIdx.x);
   const int32_t words_a_row = (band.width + word - 1) / word;
   const int32_t rows_a_step = threads / words_a_row, columns_a_step = threads % words_a_row;
   const auto load = [&](const plane<uint8_t> &from, word_place at) {
      const uint4 bytes = __ldg(reinterpret_cast<const uint4 *>(from.row(band.y + at.row)) + at.column);
      const int32_t inside = band.width - at.column * word;
      return inside >= word ? bytes : first_bytes(bytes, inside);
   };

   word_place at = {static_cast<int32_t>(threadIdx.x) / words_a_row,
                    static_cast<int32_t>(threadIdx.x) % words_a_row};
   unsigned long long squared = 0, absolute = 0;
   while (at.row < band.height) {
      word_sums sums;
      uint4 a[ahead], b[ahead];
      for (int i = 0; i < ahead; ++i) {
         const bool inside = at.row < band.height;
         a[i] = inside ? load(pair.a, at) : uint4{};
         b[i] = inside ? load(pair.b, at) : uint4{};
         at.step(words_a_row, rows_a_step, columns_a_step);
      }
      for (int i = 0; i < ahead; ++i)
         add_word(a[i], b[i], sums);
      squared += sums.squared;
      absolute += sums.absolute;
   }
   __shared__ unsigned long long parts[2][threads / 32];
   squared = block_sum<threads>(squared, parts[0]);
   absolute = block_sum<threads>(absolute, parts[1]);
   if (threadIdx.x == 0) {
      byte_error &slot = slots[blockIdx.y * gridDim.x + blockIdx.x];
      slot.squared = squared;
      slot.absolute = absolute;
   }
}

} // namespace

uint32_t byte_error_tiles(size_t row_bytes, int32_t height) { return bands_of(row_bytes, height).count(); }

void add_byte_error(const pair_list<uint8_t> &pairs, uint32_t count, size_t row_bytes, int32_t height,
                    byte_error *slots, cudaStream_t stream) {
   const tiling bands = bands_of(row_bytes, height);
   sum_bands<<<dim3(bands.count(), count), threads, 0, stream>>>(pairs, bands, slots);
   check_launch();
}

} // namespace giflab::kernels::cuda
