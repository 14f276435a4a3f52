#include "block_sum.cuh"
#include "check.cuh"
#include "launch_behind.cuh"

#include <giflab_kernels/cuda/ssim.hpp>

namespace giflab::kernels::cuda {
namespace {

// A block walks down a strip of 64 columns, 8 rows a step. Each thread first filters 4 neighbouring windows of
// one row across, from samples in shared memory, then 4 windows below each other, from three steps' filtered
// rows.
constexpr int threads = 128;
constexpr int columns = ssim_tile_width;
constexpr int step = 8;
constexpr int together = 4;
constexpr int halo = ssim_window - 1;
constexpr int held_steps = 3; // windows of one step look at the rows of this step and of two more

// Samples of one step. The pitch puts rows a quarter of a bank line apart, so that threads of two rows together
// meet no bank twice.
constexpr int pitch = 78;
static_assert(pitch >= columns + halo + 2 && pitch * sizeof(float2) % 128 == 112);

struct strip_memory {
   float2 samples[step][pitch];                // u, v
   float4 filtered[held_steps][step][columns]; // across: u, v, u^2, v^2
   double parts[threads / 32];
};

struct taps {
   float weight[ssim_window / 2 + 1]; // the window is symmetric
};

struct ssim_work {
   pair_list<uint8_t> pairs;
   ssim_layout layout;
   const uint16_t *halved;
   taps across_and_down;
};

// Where column `column` of row `row` is kept: so that neither the stores of 4 columns a thread nor the loads of
// one column a thread meet a bank twice.
__device__ int place(int row, int column) { return column ^ ((column >> 3 & 1) << 1) ^ (row & 1); }

template <class T> struct strip {
   plane<T> a, b;
   int32_t width, height; // of the planes
   tile windows;
   ssim_shifts shift;
};

__device__ uint32_t four_samples(const uint8_t *at) { return __ldg(reinterpret_cast<const uint32_t *>(at)); }
__device__ uint2 four_samples(const uint16_t *at) { return __ldg(reinterpret_cast<const uint2 *>(at)); }
__device__ float sample(uint32_t four, int i) { return static_cast<float>(four >> (8 * i) & 0xff); }
__device__ float sample(const uint2 &four, int i) {
   return static_cast<float>((i < 2 ? four.x : four.y) >> (16 * (i % 2)) & 0xffff);
}

// Four neighbouring samples of a row, from a column that is a multiple of four on. Rows are 64 bytes apart, so
// that the whole of the last four may be read; what lies beyond the picture is used for no window that counts.
template <class T>
__device__ void load_four(const strip<T> &from, int32_t first_row, int row, int column, strip_memory &shared) {
   const int32_t y = min(from.windows.y + first_row + row, from.height - 1);
   const int32_t x = min(from.windows.x + column, (from.width - 1) / 4 * 4);
   const auto a = four_samples(from.a.row(y) + x), b = four_samples(from.b.row(y) + x);
   float2 made[4];
#pragma unroll
   for (int i = 0; i < 4; ++i) {
      const float p = sample(a, i), q = sample(b, i);
      made[i] = {p + q - from.shift.u, p - q - from.shift.v};
   }
   auto *to = reinterpret_cast<float4 *>(&shared.samples[row][column]);
   to[0] = {made[0].x, made[0].y, made[1].x, made[1].y};
   to[1] = {made[2].x, made[2].y, made[3].x, made[3].y};
}

// Reads rows [first, first + step) of the strip: a warp two rows of 64 samples, and the first warp what hangs
// over.
template <class T> __device__ void load_rows(const strip<T> &from, int32_t first, strip_memory &shared) {
   const int thread = static_cast<int>(threadIdx.x);
   constexpr int over = (halo + 3) / 4;
   load_four(from, first, thread / 16, thread % 16 * 4, shared);
   if (thread < step * over)
      load_four(from, first, thread / over, columns + thread % over * 4, shared);
}

// Of windows [0, together) over together + halo neighbours.
__device__ void filter(const taps &t, const float *samples, float *results) {
#pragma unroll
   for (int i = 0; i < together; ++i) {
      float sum = t.weight[5] * samples[i + 5];
#pragma unroll
      for (int k = 0; k < 5; ++k)
         sum = fmaf(t.weight[k], samples[i + k] + samples[i + halo - k], sum);
      results[i] = sum;
   }
}

__device__ void filter_and_square(const taps &t, float *samples, float *means, float *mean_squares) {
   filter(t, samples, means);
#pragma unroll
   for (int i = 0; i < together + halo; ++i)
      samples[i] *= samples[i];
   filter(t, samples, mean_squares);
}

__device__ void filter_across(const taps &t, strip_memory &shared, int slot) {
   const int thread = static_cast<int>(threadIdx.x);
   const int row = (thread >> 2 & 1) | thread >> 5 << 1;
   const int first = together * ((thread & 3) | (thread >> 3 & 3) << 2);
   float u[together + halo], v[together + halo];
#pragma unroll
   for (int i = 0; i < together + halo; i += 2) {
      const float4 two = *reinterpret_cast<const float4 *>(&shared.samples[row][first + i]);
      u[i] = two.x, v[i] = two.y, u[i + 1] = two.z, v[i + 1] = two.w;
   }
   float mean_u[together], mean_v[together], squared_u[together], squared_v[together];
   filter_and_square(t, u, mean_u, squared_u);
   filter_and_square(t, v, mean_v, squared_v);
#pragma unroll
   for (int i = 0; i < together; ++i)
      shared.filtered[slot][row][place(row, first + i)] = {mean_u[i], mean_v[i], squared_u[i], squared_v[i]};
}

__device__ void add_weighted(float weight, const float4 &row, sum_moments<float> &mean) {
   mean.u = fmaf(weight, row.x, mean.u);
   mean.v = fmaf(weight, row.y, mean.v);
   mean.squared_u = fmaf(weight, row.z, mean.squared_u);
   mean.squared_v = fmaf(weight, row.w, mean.squared_v);
}

// Windows whose top rows are First to First + together - 1 of the oldest step that is held, in one column.
template <int First>
__device__ void filter_down(const taps &t, const strip_memory &shared, const int (&slots)[held_steps],
                            int column, sum_moments<float> (&means)[together]) {
#pragma unroll
   for (int i = 0; i < together + halo; ++i) {
      constexpr int first = First;
      const int row = (first + i) % step;
      const float4 values = shared.filtered[slots[(first + i) / step]][row][place(row, column)];
#pragma unroll
      for (int window = 0; window < together; ++window) {
         const int tap = i - window;
         if (tap >= 0 && tap <= halo)
            add_weighted(t.weight[tap <= 5 ? tap : halo - tap], values, means[window]);
      }
   }
}

// What is wanted of a scale.
enum class index { ssim, contrast_structure };

struct index_constants {
   float luminance, contrast;
};

// A sum of indices from what each of them has exactly: those near 1 by their losses, the others by their
// values.
class index_sum {
 public:
   __device__ void add(const similarity<float> &window) {
      const bool near = window.loss < 0.5f;
      losses_ += near ? window.loss : 0.0f;
      values_ += near ? 0.0f : window.value;
      near_ += near;
   }
   __device__ double total() const {
      return static_cast<double>(near_) - static_cast<double>(losses_) + static_cast<double>(values_);
   }

 private:
   float losses_ = 0, values_ = 0; // of few windows: see sum_step
   int near_ = 0;
};

template <index Wanted>
__device__ similarity<float> index_of(const sum_moments<float> &mean, const ssim_shifts &shift,
                                      const index_constants &constants) {
   if constexpr (Wanted == index::contrast_structure)
      return contrast_structure_of(mean, constants.contrast);
   else
      return ssim_of(mean, shift.u, shift.v, constants.luminance, constants.contrast);
}

// The windows of this thread whose top rows are in the step that begins with row `y` of the strip.
template <index Wanted, class T>
__device__ double sum_step(const strip<T> &from, const taps &t, const index_constants &constants,
                           const strip_memory &shared, const int (&slots)[held_steps], int32_t y) {
   const int column = static_cast<int>(threadIdx.x) % columns;
   const int half = static_cast<int>(threadIdx.x) / columns; // upper or lower rows of a step
   sum_moments<float> means[together] = {};
   if (half == 0)
      filter_down<0>(t, shared, slots, column, means);
   else
      filter_down<together>(t, shared, slots, column, means);
   const int32_t rows = column < from.windows.width ? from.windows.height - y - half * together : 0;
   index_sum sum;
#pragma unroll
   for (int i = 0; i < together; ++i)
      if (i < rows)
         sum.add(index_of<Wanted>(means[i], from.shift, constants));
   return sum.total();
}

template <index Wanted, class T>
__device__ double sum_strip(const strip<T> &from, const taps &t, const index_constants &constants,
                            strip_memory &shared) {
   const int32_t rows = from.windows.height + halo;
   for (int ahead = 0; ahead < held_steps - 1; ++ahead) {
      load_rows(from, ahead * step, shared);
      __syncthreads();
      filter_across(t, shared, ahead);
      __syncthreads();
   }
   load_rows(from, (held_steps - 1) * step, shared);
   int slots[held_steps] = {0, 1, 2};
   double sum = 0;
   for (int32_t y = 0; y < from.windows.height; y += step) {
      __syncthreads();
      if (y + (held_steps - 1) * step < rows) // else no window that counts reaches these rows
         filter_across(t, shared, slots[2]);
      __syncthreads();
      if (y + held_steps * step < rows)
         load_rows(from, y + held_steps * step, shared);
      sum += sum_step<Wanted>(from, t, constants, shared, slots, y);
      const int oldest = slots[0];
      slots[0] = slots[1], slots[1] = slots[2], slots[2] = oldest;
   }
   return sum;
}

template <class T>
__device__ double sum_windows(plane<T> a, plane<T> b, const ssim_work &work, int scale, uint32_t number,
                              strip_memory &shared) {
   const tile windows = work.layout.windows(scale).at(number);
   const ssim_shifts shift = ssim_shifts_of(a, b, windows.x, windows.y, windows.width, windows.height);
   const strip<T> from = {a, b, work.layout.width(scale), work.layout.height(scale), windows, shift};
   const ssim_constants exact = ssim_constants_for(static_cast<double>(1 << 2 * scale));
   const index_constants constants = {static_cast<float>(exact.luminance), static_cast<float>(exact.contrast)};
   return scale == work.layout.scales() - 1
              ? sum_strip<index::ssim>(from, work.across_and_down, constants, shared)
              : sum_strip<index::contrast_structure>(from, work.across_and_down, constants, shared);
}

__device__ plane<uint16_t> halved_plane(const ssim_work &work, int scale, uint32_t picture) {
   const uint16_t *data = work.halved + picture * work.layout.samples() + work.layout.samples_before(scale);
   return {data, static_cast<size_t>(work.layout.stride(scale)) * sizeof(uint16_t)};
}

// Blocks that shall run at once on a multiprocessor; on the older ones shared memory has no room for more
// than 5.
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ < 860
constexpr int blocks_at_once = 5;
#else
constexpr int blocks_at_once = 7;
#endif

__global__ void __launch_bounds__(threads, blocks_at_once)
    sum_tiles(const __grid_constant__ ssim_work work, double *slots) {
   __shared__ strip_memory shared;
   int scale = 0;
   while (blockIdx.x >= work.layout.first_tile(scale + 1))
      ++scale;
   const uint32_t number = blockIdx.x - work.layout.first_tile(scale);
   if (scale > 0)
      wait_for_kernel_before(); // halve()
   const pair_planes<uint8_t> &pair = work.pairs.at[blockIdx.y];
   const double sum =
       scale == 0 ? sum_windows(pair.a, pair.b, work, scale, number, shared)
                  : sum_windows(halved_plane(work, scale, 2 * blockIdx.y),
                                halved_plane(work, scale, 2 * blockIdx.y + 1), work, scale, number, shared);
   const double total = block_sum<threads>(sum, shared.parts);
   if (threadIdx.x == 0)
      slots[blockIdx.y * gridDim.x + blockIdx.x] = total;
}

taps taps_of_window() {
   const auto weights = ssim_weights();
   taps t = {};
   for (size_t i = 0; i < std::size(t.weight); ++i)
      t.weight[i] = static_cast<float>(weights[i]);
   return t;
}

} // namespace

void add_ssim(const pair_list<uint8_t> &pairs, uint32_t count, const ssim_layout &layout,
              const uint16_t *halved, double *slots, cudaStream_t stream) {
   const ssim_work work = {pairs, layout, halved, taps_of_window()};
   const dim3 grid(layout.tiles(), count);
   if (layout.scales() > 1) // tiles of the picture itself need not wait for halve()
      return launch_behind(sum_tiles, grid, threads, stream, work, slots);
   sum_tiles<<<grid, threads, 0, stream>>>(work, slots);
   check_launch();
}

} // namespace giflab::kernels::cuda
