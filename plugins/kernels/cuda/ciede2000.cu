// Four launches for all pairs: differences with their totals and the counts of their highest digits, then the
// two other digits of the 95th percentile, each kernel finding the digit before from the counts of the kernel
// before; the last one finds the third. All that threads share is added up in integers, so the order does not
// matter.

#include "block_sum.cuh"
#include "check.cuh"

#include <giflab_kernels/ciede2000_single.hpp>
#include <giflab_kernels/cuda/ciede2000.hpp>
#include <giflab_kernels/radix_select.hpp>

namespace giflab::kernels::cuda {
namespace {

constexpr int threads = 256;
constexpr uint32_t run = 2048;      // pixels of a block that computes differences
constexpr uint32_t long_run = 8192; // differences of a block that counts digits

__device__ const single::linear_table linear = single::make_linear_table();

// What the kernels of one pair leave each other. It starts as zeros.
struct alignas(256) pair_work {
   weighted_totals totals;
   uint32_t first[radix_digits[0].bins()], second[radix_digits[1].bins()], third[radix_digits[2].bins()];
   radix_progress found[2]; // with the first digit, and with two
   uint32_t least_above;    // the complement of the least key whose first two digits are above those found

   template <int Digit> __device__ uint32_t *bins() { return Digit == 0 ? first : Digit == 1 ? second : third; }
};

// Where the differences of a pair stand, behind one another.
__host__ __device__ size_t floats_a_pair(uint32_t pixels) { return (size_t{pixels} + 63) / 64 * 64; }

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

// Totals of what one thread sees of a run. Counts take 12 bits each, so that one sum over the block serves all.
struct run_totals {
   static constexpr int counts = 1 + weighted_totals::thresholds.size();
   static_assert(run < 1 << 12 && counts * 12 <= 64);

   unsigned long long sum = 0, packed = 0;
   uint32_t largest = 0; // as bits

   __device__ void add(float value) {
      constexpr float thresholds[] = {0, weighted_totals::thresholds[0], weighted_totals::thresholds[1],
                                      weighted_totals::thresholds[2], weighted_totals::thresholds[3]};
      static_assert(sizeof thresholds / sizeof *thresholds == counts);
      sum += __float2ull_rn(value * static_cast<float>(1 / total_unit));
      for (int i = 0; i < counts; ++i)
         packed += value > thresholds[i] ? 1ull << (12 * i) : 0;
      largest = max(largest, __float_as_uint(value));
   }
   __device__ uint32_t count(int i) const { return static_cast<uint32_t>(packed >> (12 * i)) & 0xFFF; }
};

// Every thread must come here; those of the block join the pair's.
__device__ void add_totals(run_totals totals, weighted_totals &pair) {
   __shared__ unsigned long long parts[2][threads / 32];
   __shared__ uint32_t largest;
   if (threadIdx.x == 0)
      largest = 0;
   totals.sum = block_sum<threads>(totals.sum, parts[0]); // waits for all, so `largest` is 0
   totals.packed = block_sum<threads>(totals.packed, parts[1]);
   add_maximum(totals.largest, largest);
   __syncthreads();
   if (threadIdx.x != 0)
      return;
   add(pair.sum, totals.sum);
   add(pair.pixels, totals.count(0));
   for (int i = 1; i < run_totals::counts; ++i)
      add(pair.over[i - 1], totals.count(i));
   atomicMax(reinterpret_cast<uint32_t *>(&pair.max), largest);
}

// Where a thread stands; a step is `threads` pixels on.
struct pixel_place {
   int32_t row, column;

   __device__ pixel_place(uint32_t pixel, int32_t width)
       : row(static_cast<int32_t>(pixel / width)), column(static_cast<int32_t>(pixel % width)) {}
   __device__ void step(int32_t width, int32_t rows, int32_t columns) {
      row += rows;
      column += columns;
      if (column >= width) {
         column -= width;
         ++row;
      }
   }
};

__device__ float difference_at(const pair_planes<uint8_t> &pair, pixel_place at, const uint32_t *table) {
   const uint8_t *a = pair.a.row(at.row) + 3 * at.column, *b = pair.b.row(at.row) + 3 * at.column;
   const uint32_t red1 = __ldg(a), green1 = __ldg(a + 1), blue1 = __ldg(a + 2);
   const uint32_t red2 = __ldg(b), green2 = __ldg(b + 1), blue2 = __ldg(b + 2);
   if (red1 == red2 && green1 == green2 && blue1 == blue2)
      return 0;
   return single::ciede2000(single::linear_rgb{table[red1], table[green1], table[blue1]},
                            single::linear_rgb{table[red2], table[green2], table[blue2]});
}

__global__ void __launch_bounds__(threads) measure_runs(const __grid_constant__ pair_list<uint8_t> pairs,
                                                        int32_t width, uint32_t pixels, workspace work) {
   __shared__ uint32_t table[threads];
   constexpr radix_digit digit = radix_digits[0];
   __shared__ uint32_t bins[digit.bins()];
   static_assert(threads == sizeof linear.of / sizeof *linear.of);
   table[threadIdx.x] = linear.of[threadIdx.x];
   clear(bins);
   __syncthreads();

   const pair_planes<uint8_t> &pair = pairs.at[blockIdx.y];
   float *differences = work.differences + blockIdx.y * floats_a_pair(pixels);
   const uint32_t first = blockIdx.x * run, end = min(first + run, pixels);
   const int32_t rows_a_step = threads / width, columns_a_step = threads % width;
   pixel_place at(first + threadIdx.x, width);
   run_totals totals;
   for (uint32_t i = first + threadIdx.x; i < end; i += threads) {
      const float difference = difference_at(pair, at, table);
      differences[i] = difference;
      totals.add(difference);
      if (difference > 0)
         atomicAdd(&bins[digit.of(__float_as_uint(difference))], 1u);
      at.step(width, rows_a_step, columns_a_step);
   }
   __syncthreads();
   pair_work &mine = work.pairs[blockIdx.y];
   add_bins(bins, mine.first);
   add_totals(totals, mine.totals);
}

// ---- The percentile

constexpr uint32_t nowhere = 0xFFFFFFFFu;

// Finds where the value of rank `rank` goes on after `before`, from the counts of the next digit; prefix is
// `nowhere` if it has another prefix. For all threads of the block, which must all come here.
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

// Counts digit 1 or 2 of the differences that share the digits before with the value of rank `rank`.
template <int Digit>
__global__ void __launch_bounds__(threads) count_digit(uint32_t pixels, uint32_t rank, workspace work) {
   constexpr radix_digit digit = radix_digits[Digit];
   __shared__ uint32_t bins[digit.bins()];
   __shared__ uint32_t largest;
   pair_work &mine = work.pairs[blockIdx.y];
   clear(bins);
   if (threadIdx.x == 0)
      largest = 0;
   const radix_progress found =
       find<Digit - 1>(mine.bins<Digit - 1>(), Digit == 1 ? radix_progress{} : mine.found[0], rank);
   if (blockIdx.x == 0 && threadIdx.x == 0)
      mine.found[Digit - 1] = found; // for the kernels behind this one

   const auto *keys = reinterpret_cast<const uint32_t *>(work.differences + blockIdx.y * floats_a_pair(pixels));
   const uint32_t first = blockIdx.x * long_run, end = min(first + long_run, pixels);
   uint32_t zeros = 0, above = 0; // above: as the complement
#pragma unroll 8
   for (uint32_t i = first + threadIdx.x; i < end; i += threads) {
      const uint32_t key = keys[i];
      if (key == 0) // most pixels of many pictures: not one by one into the same bin
         ++zeros;
      else if (digit.prefix_of(key) == found.prefix)
         atomicAdd(&bins[digit.of(key)], 1u);
      else if (Digit == 2 && digit.prefix_of(key) > found.prefix)
         above = max(above, ~key);
   }
   if (found.prefix == 0 && zeros > 0)
      atomicAdd(&bins[0], zeros);
   if (Digit == 2)
      add_maximum(above, largest);
   __syncthreads();
   add_bins(bins, mine.bins<Digit>());
   if (Digit == 2 && threadIdx.x == 0)
      atomicMax(&mine.least_above, largest);
}

// One block a pair.
__global__ void __launch_bounds__(threads)
    finish(uint32_t rank, uint32_t next_rank, workspace work, colour_difference *results) {
   pair_work &mine = work.pairs[blockIdx.x];
   const uint32_t below = find<2>(mine.third, mine.found[1], rank).prefix;
   const uint32_t next = find<2>(mine.third, mine.found[1], next_rank).prefix;
   if (threadIdx.x == 0)
      results[blockIdx.x] = {
          mine.totals, {__uint_as_float(below), __uint_as_float(next == nowhere ? ~mine.least_above : next)}};
}

uint32_t pixels_of(int32_t width, int32_t height) {
   return static_cast<uint32_t>(width) * static_cast<uint32_t>(height);
}

} // namespace

size_t ciede2000_work_bytes(uint32_t count, int32_t width, int32_t height) {
   return count * (sizeof(pair_work) + floats_a_pair(pixels_of(width, height)) * sizeof(float));
}

void enqueue_ciede2000(const pair_list<uint8_t> &pairs, uint32_t count, int32_t width, int32_t height,
                       void *memory, colour_difference *results, cudaStream_t stream) {
   const uint32_t pixels = pixels_of(width, height);
   const percentile_place place = place_of_percentile(0.95, pixels);
   const auto rank = static_cast<uint32_t>(place.below), next_rank = static_cast<uint32_t>(place.above);
   const workspace work(memory, count);
   check(cudaMemsetAsync(work.pairs, 0, count * sizeof(pair_work), stream));
   measure_runs<<<dim3((pixels - 1) / run + 1, count), threads, 0, stream>>>(pairs, width, pixels, work);
   check_launch();
   const dim3 long_runs((pixels - 1) / long_run + 1, count);
   count_digit<1><<<long_runs, threads, 0, stream>>>(pixels, rank, work);
   check_launch();
   count_digit<2><<<long_runs, threads, 0, stream>>>(pixels, rank, work);
   check_launch();
   finish<<<count, threads, 0, stream>>>(rank, next_rank, work, results);
   check_launch();
}

} // namespace giflab::kernels::cuda
