#include <giflab_kernels/ssim.hpp>

#include <algorithm>

#include "scalar.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ssim_vector.cpp"
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h> // IWYU pragma: keep
#include <hwy/highway.h>

#ifndef GIFLAB_SSIM_TILE
#   define GIFLAB_SSIM_TILE
namespace giflab::kernels {

// Tiles are narrow, so that the rows under the window stay in the first cache. Several rows are worked off at
// once, so that each filtered row is loaded once for all of them.
constexpr int64_t tile_columns = ssim_tiling::tile_width;
constexpr int64_t samples = 80; // of a row that a tile reads: its columns + 10, in whole vectors
constexpr int moments = 4;      // u, v, u^2, v^2
constexpr int64_t together = 4; // rows of windows
constexpr int64_t held = ssim_window + together - 1;

// Of one tile. Sums are kept for each column, so that no vector length shows in them.
struct ssim_state {
   alignas(64) float raw[moments][samples];
   alignas(64) float rows[held][moments][tile_columns];
   // [0] of SSIM, [1] of contrast and structure. An index near 1 is the exact sum of 1 and what it lacks,
   // another one is exact by itself.
   alignas(64) float near_one[2][tile_columns]; // windows
   alignas(64) float beside[2][tile_columns];   // sums of what they lack, negative, and of the others
};

// Sums and differences are taken relative to these, so that their squares lose few digits.
struct ssim_shifts {
   float u, v;
};

// Where a tile's windows lie, and how many they are.
struct ssim_tile {
   int64_t left, top, columns, rows;
};

inline ssim_tile tile_at(const ssim_tiling &tiling, int64_t column, int64_t row) {
   const int64_t left = column * tiling.tile_width, top = row * tiling.tile_height;
   return {left, top, std::min<int64_t>(tiling.tile_width, tiling.columns() - left),
           std::min<int64_t>(tiling.tile_height, tiling.rows() - top)};
}

// Near to most samples of a tile: medians of three on its diagonal. A mean would do as well where all is
// smooth, but one strange sample must not shift all others.
template <class T> ssim_shifts shifts_of(plane<T> a, plane<T> b, const ssim_tile &tile) {
   const int64_t width = tile.columns + ssim_window - 1, height = tile.rows + ssim_window - 1;
   float u[3], v[3];
   for (int i = 0; i < 3; ++i) {
      const int64_t x = tile.left + (width - 1) * (1 + i) / 4, y = tile.top + (height - 1) * (1 + i) / 4;
      const auto p = static_cast<float>(a.row(y)[x]), q = static_cast<float>(b.row(y)[x]);
      u[i] = p + q;
      v[i] = p - q;
   }
   const auto median = [](const float(&of)[3]) {
      return std::max(std::min(of[0], of[1]), std::min(std::max(of[0], of[1]), of[2]));
   };
   return {median(u), median(v)};
}

} // namespace giflab::kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace giflab::kernels::HWY_NAMESPACE {
#if HWY_TARGET == HWY_SCALAR // nothing to gain

void sum_ssim_of_bytes(plane<uint8_t> a, plane<uint8_t> b, const ssim_tiling &tiling, const ssim_tile_run &run,
                       double unit, const ssim_sums &sums) {
   scalar::sum_ssim(a, b, tiling, run, unit, sums);
}
void sum_ssim_of_words(plane<uint16_t> a, plane<uint16_t> b, const ssim_tiling &tiling,
                       const ssim_tile_run &run, double unit, const ssim_sums &sums) {
   scalar::sum_ssim(a, b, tiling, run, unit, sums);
}

#else
namespace hn = hwy::HWY_NAMESPACE;

// Eight lanes at most: moving a window along a row takes fewer instructions in short vectors, and `samples` and
// `tile_columns` are multiples of eight.
using floats = hn::CappedTag<float, 8>;
using real = hn::Vec<floats>;

HWY_INLINE real promoted(const uint8_t *samples8) {
   const hn::Rebind<uint8_t, floats> d8;
   const hn::Rebind<int32_t, floats> d32;
   return hn::ConvertTo(floats(), hn::PromoteTo(d32, hn::LoadU(d8, samples8)));
}

HWY_INLINE real promoted(const uint16_t *samples16) {
   const hn::Rebind<uint16_t, floats> d16;
   const hn::Rebind<int32_t, floats> d32;
   return hn::ConvertTo(floats(), hn::PromoteTo(d32, hn::LoadU(d16, samples16)));
}

template <class T> void load_row(const T *a, const T *b, const ssim_shifts &shifts, ssim_state &state) {
   const floats d;
   const real shift_u = hn::Set(d, shifts.u), shift_v = hn::Set(d, shifts.v);
   for (size_t x = 0; x < samples; x += hn::Lanes(d)) {
      const real p = promoted(a + x), q = promoted(b + x);
      const real u = p + q - shift_u, v = p - q - shift_v;
      hn::Store(u, d, state.raw[0] + x);
      hn::Store(v, d, state.raw[1] + x);
      hn::Store(u * u, d, state.raw[2] + x);
      hn::Store(v * v, d, state.raw[3] + x);
   }
}

// The window is symmetric: six products serve eleven taps.
struct taps {
   real weight[6];
};

HWY_INLINE taps load_taps() {
   const auto weights = ssim_weights();
   taps result;
   for (size_t i = 0; i < 6; ++i)
      result.weight[i] = hn::Set(floats(), static_cast<float>(weights[i]));
   return result;
}

// Of eleven neighbours.
HWY_INLINE real filtered(const taps &t, const real *at) {
   real sum = t.weight[5] * at[5];
   for (int i = 0; i < 5; ++i)
      sum = hn::MulAdd(t.weight[i], at[i] + at[10 - i], sum);
   return sum;
}

// The vectors that start at each of eleven neighbouring samples. Shuffled from whole ones: loads that straddle
// two cache lines cost double.
HWY_INLINE void window_at(const float *at, real *window) {
   const floats d;
#   if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX3_DL
   const real whole[3] = {hn::Load(d, at), hn::Load(d, at + 8), hn::Load(d, at + 16)};
   for (size_t i = 0; i < 2; ++i) {
      const real half = hn::ConcatLowerUpper(d, whole[i + 1], whole[i]);
      window[8 * i] = whole[i];
      window[8 * i + 1] = hn::CombineShiftRightBytes<4>(d, half, whole[i]);
      window[8 * i + 2] = hn::CombineShiftRightBytes<8>(d, half, whole[i]);
      if (i > 0)
         break;
      window[3] = hn::CombineShiftRightBytes<12>(d, half, whole[0]);
      window[4] = half;
      window[5] = hn::CombineShiftRightBytes<4>(d, whole[1], half);
      window[6] = hn::CombineShiftRightBytes<8>(d, whole[1], half);
      window[7] = hn::CombineShiftRightBytes<12>(d, whole[1], half);
   }
#   else
   for (size_t i = 0; i < ssim_window; ++i)
      window[i] = hn::LoadU(d, at + i);
#   endif
}

HWY_INLINE void filter_across(const taps &t, const float *raw, float *row) {
   const floats d;
   for (size_t x = 0; x < tile_columns; x += hn::Lanes(d)) {
      real window[ssim_window];
      window_at(raw + x, window);
      hn::Store(filtered(t, window), d, row + x);
   }
}

// One moment of `Count` windows, each a row below the one before. rows[i] is the i-th row under the first.
template <int Count>
HWY_INLINE void filter_down(const taps &t, const float *const *rows, size_t at, real *results) {
   real window[ssim_window + Count - 1];
   for (int i = 0; i < ssim_window + Count - 1; ++i)
      window[i] = hn::Load(floats(), rows[i] + at);
   for (int i = 0; i < Count; ++i)
      results[i] = filtered(t, window + i);
}

// What the index needs beside moments.
struct index_constants {
   real shift_u, shift_v, luminance, contrast, one, half;
};

// contrast_structure_of and ssim_of of giflab_kernels/ssim.hpp in lanes. A loss is 0 for equal windows, to the
// bit.
struct variances {
   real structure, v;

   HWY_INLINE variances(const sum_moments<real> &mean, const index_constants &constants)
       : v(mean.squared_v - mean.v * mean.v) {
      structure = constants.half * ((mean.squared_u - mean.u * mean.u) - v) + constants.contrast;
   }
};

HWY_INLINE similarity<real> contrast_structure_of(const variances &of, const index_constants &constants) {
   const real share = constants.one / (of.structure + of.v);
   return {of.structure * share, of.v * share};
}

HWY_INLINE similarity<real> ssim_of(const sum_moments<real> &mean, const variances &of,
                                    const index_constants &constants) {
   const real u = mean.u + constants.shift_u, v = mean.v + constants.shift_v, squared_v = v * v;
   const real light = constants.half * ((u - v) * (u + v)) + constants.luminance;
   const real share = constants.one / ((of.structure + of.v) * (light + squared_v));
   return {of.structure * light * share, (of.v * (light + squared_v) + squared_v * of.structure) * share};
}

// Sums of an index over windows one below the other.
struct index_sums {
   real near_one, beside;

   HWY_INLINE void add(const similarity<real> &one, const index_constants &constants) {
      const auto is_near = one.loss < constants.half;
      near_one = near_one + hn::IfThenElseZero(is_near, constants.one);
      beside = beside + hn::IfThenElse(is_near, hn::Neg(one.loss), one.value);
   }
};

// What is wanted of each window.
enum class wanted { ssim, contrast_structure, both };

template <wanted Wanted, int Count>
void add_rows(const taps &t, const float *const *rows, const index_constants &constants, ssim_state &state) {
   const floats d;
   for (size_t x = 0; x < tile_columns; x += hn::Lanes(d)) {
      real u[Count], v[Count], squared_u[Count], squared_v[Count];
      filter_down<Count>(t, rows, x, u);
      filter_down<Count>(t, rows, x + tile_columns, v);
      filter_down<Count>(t, rows, x + 2 * tile_columns, squared_u);
      filter_down<Count>(t, rows, x + 3 * tile_columns, squared_v);
      index_sums sums[2];
      for (int i = 0; i < 2; ++i)
         sums[i] = {hn::Load(d, state.near_one[i] + x), hn::Load(d, state.beside[i] + x)};
      for (int i = 0; i < Count; ++i) {
         const sum_moments<real> mean = {u[i], v[i], squared_u[i], squared_v[i]};
         const variances of(mean, constants);
         if constexpr (Wanted != wanted::contrast_structure)
            sums[0].add(ssim_of(mean, of, constants), constants);
         if constexpr (Wanted != wanted::ssim)
            sums[1].add(contrast_structure_of(of, constants), constants);
      }
      for (int i = 0; i < 2; ++i) {
         hn::Store(sums[i].near_one, d, state.near_one[i] + x);
         hn::Store(sums[i].beside, d, state.beside[i] + x);
      }
   }
}

// What a tile reads of one picture, its rows in reach of whole vectors.
template <class T> class tile_rows {
 public:
   tile_rows(plane<T> source, int64_t width, int64_t left)
       : source_(source), left_(left), kept_(std::min(samples, width - left)) {}

   // Good until the next call.
   const T *row(int64_t y) {
      const T *row = source_.row(y) + left_;
      return kept_ == samples ? row : std::copy_n(row, kept_, copy_) - kept_;
   }

 private:
   plane<T> source_;
   int64_t left_, kept_;
   T copy_[samples] = {};
};

inline double folded(const ssim_state &state, int index, int64_t columns) {
   double sum = 0;
   for (int64_t x = 0; x < columns; ++x)
      sum += static_cast<double>(state.near_one[index][x]) + static_cast<double>(state.beside[index][x]);
   return sum;
}

template <wanted Wanted, class T>
void sum_tile(plane<T> a, plane<T> b, int64_t width, const ssim_tile &tile, const taps &t,
              const ssim_constants &constants, const ssim_sums &sums) {
   const floats d;
   const ssim_shifts shifts = shifts_of(a, b, tile);
   const index_constants index = {hn::Set(d, shifts.u),
                                  hn::Set(d, shifts.v),
                                  hn::Set(d, static_cast<float>(constants.luminance)),
                                  hn::Set(d, static_cast<float>(constants.contrast)),
                                  hn::Set(d, 1.0f),
                                  hn::Set(d, 0.5f)};
   const int64_t last_row = tile.top + tile.rows + ssim_window - 2;
   tile_rows<T> rows_a(a, width, tile.left), rows_b(b, width, tile.left);
   ssim_state state;
   std::fill_n(state.near_one[0], 2 * tile_columns, 0.0f);
   std::fill_n(state.beside[0], 2 * tile_columns, 0.0f);
   int64_t filtered_rows = 0;
   for (int64_t y = 0; y < tile.rows;) {
      const int64_t count = y + together <= tile.rows ? together : 1;
      for (; filtered_rows < y + ssim_window - 1 + count; ++filtered_rows) {
         const int64_t row = tile.top + filtered_rows;
         hwy::Prefetch(a.row(std::min(row + 12, last_row)) + tile.left);
         hwy::Prefetch(b.row(std::min(row + 12, last_row)) + tile.left);
         load_row(rows_a.row(row), rows_b.row(row), shifts, state);
         for (int i = 0; i < moments; ++i)
            filter_across(t, state.raw[i], state.rows[filtered_rows % held][i]);
      }
      const float *window[held];
      for (int64_t i = 0; i < held; ++i)
         window[i] = state.rows[(y + i) % held][0];
      if (count == together)
         add_rows<Wanted, together>(t, window, index, state);
      else
         add_rows<Wanted, 1>(t, window, index, state);
      y += count;
   }
   if (Wanted != wanted::contrast_structure)
      *sums.ssim = folded(state, 0, tile.columns);
   if (Wanted != wanted::ssim)
      *sums.contrast_structure = folded(state, 1, tile.columns);
}

template <class T>
void sum_tiles(plane<T> a, plane<T> b, const ssim_tiling &tiling, const ssim_tile_run &run, double unit,
               const ssim_sums &sums) {
   const taps t = load_taps();
   const ssim_constants constants = ssim_constants_for(unit);
   for (int32_t i = 0; i < run.count; ++i) {
      const ssim_tile tile = tile_at(tiling, run.column, run.first + i);
      const ssim_sums to = sums.from(static_cast<size_t>(i));
      if (!sums.contrast_structure)
         sum_tile<wanted::ssim>(a, b, tiling.width, tile, t, constants, to);
      else if (!sums.ssim)
         sum_tile<wanted::contrast_structure>(a, b, tiling.width, tile, t, constants, to);
      else
         sum_tile<wanted::both>(a, b, tiling.width, tile, t, constants, to);
   }
}

void sum_ssim_of_bytes(plane<uint8_t> a, plane<uint8_t> b, const ssim_tiling &tiling, const ssim_tile_run &run,
                       double unit, const ssim_sums &sums) {
   sum_tiles(a, b, tiling, run, unit, sums);
}
void sum_ssim_of_words(plane<uint16_t> a, plane<uint16_t> b, const ssim_tiling &tiling,
                       const ssim_tile_run &run, double unit, const ssim_sums &sums) {
   sum_tiles(a, b, tiling, run, unit, sums);
}

#endif
} // namespace giflab::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace giflab::kernels {

HWY_EXPORT(sum_ssim_of_bytes);
HWY_EXPORT(sum_ssim_of_words);

void sum_ssim(plane<uint8_t> a, plane<uint8_t> b, const ssim_tiling &tiling, const ssim_tile_run &run,
              double unit, const ssim_sums &sums, arithmetic choice) {
   if (choice == arithmetic::scalar)
      scalar::sum_ssim(a, b, tiling, run, unit, sums);
   else
      HWY_DYNAMIC_DISPATCH(sum_ssim_of_bytes)(a, b, tiling, run, unit, sums);
}

void sum_ssim(plane<uint16_t> a, plane<uint16_t> b, const ssim_tiling &tiling, const ssim_tile_run &run,
              double unit, const ssim_sums &sums, arithmetic choice) {
   if (choice == arithmetic::scalar)
      scalar::sum_ssim(a, b, tiling, run, unit, sums);
   else
      HWY_DYNAMIC_DISPATCH(sum_ssim_of_words)(a, b, tiling, run, unit, sums);
}

} // namespace giflab::kernels
#endif
