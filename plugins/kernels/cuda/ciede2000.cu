// Four launches for all pairs: differences with their totals and the counts of their highest digits, then the
// two other digits of the 95th percentile, each kernel finding the digit before from the counts of the kernel
// before; the last one finds the third. All that threads share is added up in integers, so the order does not
// matter.

#include "block_sum.cuh"
#include "check.cuh"
#include "launch_behind.cuh"

#include <algorithm>
#include <bit>
#include <giflab_kernels/ciede2000_single.hpp>
#include <giflab_kernels/cuda/ciede2000.hpp>
#include <giflab_kernels/radix_select.hpp>

namespace giflab::kernels::cuda {
namespace {

constexpr int threads = 256;
constexpr uint32_t together =
    4; // pixels of a row that a thread takes at once: twelve bytes, which are whole words

__device__ const single::linear_table linear = single::make_linear_table();

// What the kernels of one pair leave each other. It starts as zeros.
struct alignas(256) pair_work {
   weighted_totals totals;
   uint32_t first[radix_digits[0].bins()], second[radix_digits[1].bins()], third[radix_digits[2].bins()];
   radix_progress found[2]; // with the first digit, and with two
   uint32_t least_above;    // the complement of the least key whose first two digits are above those found
};

// Pixels by fours; the last ones of a row may be fewer. Their differences stand behind one another, with zeros
// for those that are missing, which count as no difference.
struct shape {
   uint32_t width, height;

   __host__ __device__ uint32_t pixels() const { return width * height; }
   __host__ __device__ uint32_t fours_a_row() const { return (width + together - 1) / together; }
   __host__ __device__ uint32_t fours() const { return fours_a_row() * height; }
   __host__ __device__ size_t floats() const { return (size_t{fours()} * together + 63) / 64 * 64; }
};

struct workspace {
   pair_work *pairs;
   float *differences;

   workspace(void *memory, uint32_t count)
       : pairs(static_cast<pair_work *>(memory)), differences(reinterpret_cast<float *>(pairs + count)) {}
};

__device__ void add(uint64_t &to, uint64_t value) {
   static_assert(sizeof(unsigned long long) == sizeof(uint64_t));
   atomicAdd(reinterpret_cast<unsigned long long *>(&to), static_cast<unsigned long long>(value));
}

template <uint32_t Bins> __device__ void clear(uint32_t (&bins)[Bins]) {
   for (uint32_t i = threadIdx.x; i < Bins; i += threads)
      bins[i] = 0;
}

template <uint32_t Bins> __device__ void add_bins(const uint32_t (&bins)[Bins], uint32_t *to) {
   for (uint32_t i = threadIdx.x; i < Bins; i += threads)
      if (bins[i] != 0)
         atomicAdd(&to[i], bins[i]);
}

// The least upper bound over the block joins `shared`, which starts as 0.
__device__ void add_maximum(uint32_t value, uint32_t &shared) {
   for (int step = 16; step > 0; step /= 2)
      value = max(value, __shfl_down_sync(0xffffffffu, value, step));
   if (threadIdx.x % 32 == 0)
      atomicMax(&shared, value);
}

// ---- Differences

// Of what one thread sees.
struct thread_totals {
   unsigned long long sum = 0;
   uint32_t pixels = 0;
   float largest = 0;
};

// Every thread must come here; those of the block join the pair's.
__device__ void add_totals(const thread_totals &totals, weighted_totals &pair) {
   __shared__ unsigned long long sums[threads / 32];
   __shared__ uint32_t counts[threads / 32], largest;
   if (threadIdx.x == 0)
      largest = 0;
   const unsigned long long sum = block_sum<threads>(totals.sum, sums); // waits for all: `largest` is 0
   const uint32_t pixels = block_sum<threads>(totals.pixels, counts);
   add_maximum(__float_as_uint(totals.largest), largest);
   __syncthreads();
   if (threadIdx.x != 0)
      return;
   add(pair.sum, sum);
   add(pair.pixels, pixels);
   atomicMax(reinterpret_cast<uint32_t *>(&pair.max), largest);
}

// Where a thread stands among the fours of a picture; a step is `stride` of them.
class walk {
 public:
   __device__ walk(const shape &of, uint32_t four, uint32_t stride)
       : fours_a_row_(of.fours_a_row()), row_(four / fours_a_row_), column_(four % fours_a_row_),
         rows_(stride / fours_a_row_), columns_(stride % fours_a_row_) {}
   __device__ uint32_t row() const { return row_; }
   __device__ uint32_t column() const { return column_; }
   __device__ void step() {
      row_ += rows_;
      column_ += columns_;
      if (column_ >= fours_a_row_) {
         column_ -= fours_a_row_;
         ++row_;
      }
   }

 private:
   uint32_t fours_a_row_, row_, column_, rows_, columns_; // rows_ and columns_ are those of a step
};

// R, G, B bytes of four pixels, each as 0x..BBGGRR. Rows are 64 bytes apart, so that whole words may be read to
// a row's end.
struct four_colours {
   uint32_t of[together];
};

__device__ four_colours colours_at(const plane<uint8_t> &from, const walk &at) {
   const auto *words = reinterpret_cast<const uint32_t *>(from.row(at.row())) + 3 * at.column();
   const uint32_t first = __ldg(words), second = __ldg(words + 1), third = __ldg(words + 2);
   return {{first, __funnelshift_r(first, second, 24), __funnelshift_r(second, third, 16), third >> 8}};
}

__device__ float difference_of(uint32_t first, uint32_t second, const uint32_t *table) {
   if (((first ^ second) & 0xffffff) == 0)
      return 0;
   const auto light = [table](uint32_t colour) {
      return single::linear_rgb{table[colour & 0xff], table[colour >> 8 & 0xff], table[colour >> 16 & 0xff]};
   };
   return single::ciede2000(light(first), light(second));
}

using first_bins = uint32_t[radix_digits[0].bins()];

__device__ void count(float difference, thread_totals &totals, first_bins &bins) {
   if (difference == 0)
      return;
   totals.sum += __float2ull_rn(difference * static_cast<float>(1 / total_unit));
   totals.largest = fmaxf(totals.largest, difference);
   ++totals.pixels;
   constexpr radix_digit digit = radix_digits[0];
   atomicAdd(&bins[digit.of(key_above(difference))], 1u);
}

// The blocks of a pair share its pixels evenly.
__global__ void __launch_bounds__(threads)
    measure_pixels(const __grid_constant__ pair_list<uint8_t> pairs, shape of, workspace work) {
   __shared__ uint32_t table[threads];
   __shared__ first_bins bins;
   static_assert(threads == sizeof linear.of / sizeof *linear.of);
   table[threadIdx.x] = linear.of[threadIdx.x];
   clear(bins);
   __syncthreads();

   const pair_planes<uint8_t> &pair = pairs.at[blockIdx.y];
   auto *to = reinterpret_cast<float4 *>(work.differences + blockIdx.y * of.floats());
   const uint32_t stride = gridDim.x * threads;
   uint32_t i = blockIdx.x * threads + threadIdx.x;
   thread_totals totals;
   for (walk at(of, i, stride); i < of.fours(); i += stride, at.step()) {
      const four_colours a = colours_at(pair.a, at), b = colours_at(pair.b, at);
      const uint32_t inside = of.width - at.column() * together;
      float found[together];
#pragma unroll
      for (uint32_t pixel = 0; pixel < together; ++pixel) {
         found[pixel] = pixel < inside ? difference_of(a.of[pixel], b.of[pixel], table) : 0;
         count(found[pixel], totals, bins);
      }
      to[i] = {found[0], found[1], found[2], found[3]};
   }
   __syncthreads();
   pair_work &mine = work.pairs[blockIdx.y];
   add_bins(bins, mine.first);
   add_totals(totals, mine.totals);
}

// ---- The percentile

constexpr uint32_t nowhere = 0xFFFFFFFFu; // as a prefix; more than any

// Finds where the value of rank `rank` goes on after `before`, from the counts of the next digit; prefix is
// `nowhere` if it does not. For all threads of the block, which must all come here.
template <int Digit>
__device__ radix_progress find(const uint32_t *bins, const radix_progress &before, uint32_t rank) {
   constexpr radix_digit digit = radix_digits[Digit];
   constexpr uint32_t mine = digit.bins() / threads;
   __shared__ uint32_t warps[threads / 32];
   __shared__ radix_progress found;
   const uint32_t *my_bins = bins + threadIdx.x * mine;
   uint32_t count = 0;
   for (uint32_t i = 0; i < mine; ++i)
      count += my_bins[i];
   uint32_t up_to = count; // of this warp's threads up to this one
   for (uint32_t step = 1; step < 32; step *= 2) {
      const uint32_t left = __shfl_up_sync(0xffffffffu, up_to, step);
      up_to += threadIdx.x % 32 >= step ? left : 0;
   }
   if (threadIdx.x % 32 == 31)
      warps[threadIdx.x / 32] = up_to;
   if (threadIdx.x == 0)
      found = {nowhere, 0};
   __syncthreads();
   uint32_t below = before.below + up_to - count;
   for (uint32_t warp = 0; warp < threadIdx.x / 32; ++warp)
      below += warps[warp];
   if (below <= rank && rank - below < count)
      found = next_digit(my_bins, threadIdx.x * mine, before.prefix, below, rank, digit);
   __syncthreads();
   const radix_progress result = found;
   __syncthreads(); // it may be overwritten now
   return result;
}

// How many pixels of a pair do not differ: they have the first ranks.
__device__ uint32_t zeros_of(const pair_work &pair, uint32_t pixels) {
   return pixels - static_cast<uint32_t>(pair.totals.pixels);
}

// Counts digit 1 or 2 of the differences that share the digits before with the value of rank `rank`. None does
// where that is 0.
template <int Digit>
__global__ void __launch_bounds__(threads) count_digit(shape of, uint32_t rank, workspace work) {
   constexpr radix_digit digit = radix_digits[Digit];
   __shared__ uint32_t bins[digit.bins()];
   __shared__ uint32_t largest;
   pair_work &mine = work.pairs[blockIdx.y];
   clear(bins);
   if (threadIdx.x == 0)
      largest = 0;
   wait_for_kernel_before();
   const radix_progress found = Digit == 1 ? find<0>(mine.first, {0, zeros_of(mine, of.pixels())}, rank)
                                           : find<1>(mine.second, mine.found[0], rank);
   if (blockIdx.x == 0 && threadIdx.x == 0)
      mine.found[Digit - 1] = found; // for the kernels behind this one

   const auto *differences = reinterpret_cast<const float4 *>(work.differences + blockIdx.y * of.floats());
   const uint32_t above_from = found.prefix + 1; // 0 where the value is 0
   uint32_t above = 0;                           // the largest complement, so of the least key
   const auto look_at = [&](float difference) {
      const uint32_t key = key_above(difference), prefix = digit.prefix_of(key);
      if (prefix == found.prefix)
         atomicAdd(&bins[digit.of(key)], 1u);
      if (Digit == 2 && prefix >= above_from)
         above = max(above, ~key); // 0 of a difference of 0
   };
#pragma unroll 4
   for (uint32_t i = blockIdx.x * threads + threadIdx.x; i < of.fours(); i += gridDim.x * threads) {
      const float4 four = differences[i];
      look_at(four.x);
      look_at(four.y);
      look_at(four.z);
      look_at(four.w);
   }
   if (Digit == 2)
      add_maximum(above, largest);
   __syncthreads();
   add_bins(bins, Digit == 1 ? mine.second : mine.third);
   if (Digit == 2 && threadIdx.x == 0)
      atomicMax(&mine.least_above, largest);
}

// The value of a rank that has the first two digits found, or is the next one up.
__device__ float value_of(const pair_work &pair, uint32_t pixels, uint32_t rank) {
   const radix_progress found = find<2>(pair.third, pair.found[1], rank);
   if (rank < zeros_of(pair, pixels))
      return 0;
   return float_of_key_above(found.prefix == nowhere ? ~pair.least_above : found.prefix);
}

// How many differences are above each threshold: each is the least float of its bin.
__device__ void count_over(const pair_work &pair, weighted_totals &totals) {
   constexpr radix_digit digit = radix_digits[0];
   constexpr auto thresholds = weighted_totals::thresholds;
   __shared__ uint32_t parts[thresholds.size()][threads / 32];
   for (uint32_t i = 0; i < thresholds.size(); ++i) {
      const uint32_t edge = digit.of(__float_as_uint(thresholds[i]));
      uint32_t count = 0;
      for (uint32_t bin = threadIdx.x; bin < digit.bins(); bin += threads)
         count += bin >= edge ? pair.first[bin] : 0;
      totals.over[i] = block_sum<threads>(count, parts[i]);
   }
}
constexpr bool is_least_of_its_bin(float threshold) {
   return (std::bit_cast<uint32_t>(threshold) & ((1u << radix_digits[0].shift) - 1)) == 0;
}
static_assert(std::ranges::all_of(weighted_totals::thresholds, is_least_of_its_bin));

// One block a pair.
__global__ void __launch_bounds__(threads)
    finish(uint32_t pixels, uint32_t rank, uint32_t next_rank, workspace work, colour_difference *results) {
   wait_for_kernel_before();
   const pair_work &mine = work.pairs[blockIdx.x];
   const percentile_values p95 = {value_of(mine, pixels, rank), value_of(mine, pixels, next_rank)};
   weighted_totals totals = mine.totals;
   count_over(mine, totals);
   if (threadIdx.x == 0)
      results[blockIdx.x] = {totals, p95};
}

shape shape_of(int32_t width, int32_t height) {
   return {static_cast<uint32_t>(width), static_cast<uint32_t>(height)};
}

// Blocks for each of `count` pairs: as many as the device runs at once, together. What they find is added up in
// integers, so that it does not depend on how many they are.
template <class Kernel> uint32_t blocks_a_pair(Kernel kernel, const shape &of, uint32_t count) {
   int device = 0, multiprocessors = 0, resident = 0;
   check(cudaGetDevice(&device));
   check(cudaDeviceGetAttribute(&multiprocessors, cudaDevAttrMultiProcessorCount, device));
   check(cudaOccupancyMaxActiveBlocksPerMultiprocessor(&resident, kernel, threads, 0));
   const auto at_once = static_cast<uint32_t>(multiprocessors * resident);
   return std::clamp((at_once + count - 1) / count, 1u, (of.fours() - 1) / threads + 1);
}

} // namespace

size_t ciede2000_work_bytes(uint32_t count, int32_t width, int32_t height) {
   return count * (sizeof(pair_work) + shape_of(width, height).floats() * sizeof(float));
}

void enqueue_ciede2000(const pair_list<uint8_t> &pairs, uint32_t count, int32_t width, int32_t height,
                       void *memory, colour_difference *results, cudaStream_t stream) {
   const shape of = shape_of(width, height);
   const percentile_place place = place_of_percentile(0.95, of.pixels());
   const auto rank = static_cast<uint32_t>(place.below), next_rank = static_cast<uint32_t>(place.above);
   const workspace work(memory, count);
   check(cudaMemsetAsync(work.pairs, 0, count * sizeof(pair_work), stream));
   measure_pixels<<<dim3(blocks_a_pair(measure_pixels, of, count), count), threads, 0, stream>>>(pairs, of,
                                                                                                 work);
   check_launch();
   const dim3 counting(blocks_a_pair(count_digit<1>, of, count), count);
   launch_behind(count_digit<1>, counting, threads, stream, of, rank, work);
   launch_behind(count_digit<2>, counting, threads, stream, of, rank, work);
   launch_behind(finish, dim3(count), threads, stream, of.pixels(), rank, next_rank, work, results);
}

} // namespace giflab::kernels::cuda
