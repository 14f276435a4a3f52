#include <giflab_kernels/ssim.hpp>

#include <algorithm>

#include "scalar.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ssim_vector.cpp"
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h> // IWYU pragma: keep
#include <hwy/highway.h>

#ifndef GIFLAB_SSIM_STRIP
#   define GIFLAB_SSIM_STRIP
namespace giflab::kernels {

// Columns of tiles are narrow, so that the rows under the window stay in the first cache. Several rows are
// worked off at once, so that each filtered row is loaded once for all of them.
constexpr int64_t strip = ssim_tiling::tile_width;
constexpr int64_t samples = 64; // of a row that a strip reads: strip + 10, in whole vectors
constexpr int moments = 4;      // a, b, a^2 + b^2, a b
constexpr int64_t together = 4; // rows of windows
static_assert(ssim_tiling::tile_height % together == 0, "the same steps wherever a run of tiles begins");
constexpr int64_t held = ssim_window + together - 1;

// Of one strip while it moves down. Sums are kept for each column, so that no vector length shows in them.
struct ssim_state {
   alignas(64) double raw[moments][samples];
   alignas(64) double rows[held][moments][strip];
   alignas(64) double ssim[strip];
   alignas(64) double contrast_structure[strip];
};

} // namespace giflab::kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace giflab::kernels::HWY_NAMESPACE {
#if HWY_TARGET == HWY_SCALAR // nothing to gain

void sum_ssim_of_bytes(plane<uint8_t> a, plane<uint8_t> b, const ssim_tiling &tiling, const ssim_tile_run &run,
                       double unit, ssim_sums *sums) {
   scalar::sum_ssim(a, b, tiling, run, unit, sums);
}
void sum_ssim_of_words(plane<uint16_t> a, plane<uint16_t> b, const ssim_tiling &tiling,
                       const ssim_tile_run &run, double unit, ssim_sums *sums) {
   scalar::sum_ssim(a, b, tiling, run, unit, sums);
}

#else
namespace hn = hwy::HWY_NAMESPACE;

// Four lanes at most: moving a window along a row takes fewer instructions in short vectors, and `samples` and
// `strip` are multiples of four.
using doubles = hn::CappedTag<double, 4>;
using real = hn::Vec<doubles>;

HWY_INLINE real promoted(const uint8_t *samples8) {
   const hn::Rebind<uint8_t, doubles> d8;
   const hn::Rebind<int32_t, doubles> d32;
   return hn::PromoteTo(doubles(), hn::PromoteTo(d32, hn::LoadU(d8, samples8)));
}

HWY_INLINE real promoted(const uint16_t *samples16) {
   const hn::Rebind<uint16_t, doubles> d16;
   const hn::Rebind<int32_t, doubles> d32;
   return hn::PromoteTo(doubles(), hn::PromoteTo(d32, hn::LoadU(d16, samples16)));
}

template <class T> void load_row(const T *a, const T *b, ssim_state &state) {
   const doubles d;
   for (size_t x = 0; x < samples; x += hn::Lanes(d)) {
      const real p = promoted(a + x), q = promoted(b + x);
      hn::Store(p, d, state.raw[0] + x);
      hn::Store(q, d, state.raw[1] + x);
      hn::Store(p * p + q * q, d, state.raw[2] + x);
      hn::Store(p * q, d, state.raw[3] + x);
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
      result.weight[i] = hn::Set(doubles(), weights[i]);
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
HWY_INLINE void window_at(const double *at, real *window) {
   const doubles d;
#   if HWY_TARGET == HWY_AVX2 || HWY_TARGET == HWY_AVX3 || HWY_TARGET == HWY_AVX3_DL
   const real whole[4] = {hn::Load(d, at), hn::Load(d, at + 4), hn::Load(d, at + 8), hn::Load(d, at + 12)};
   for (size_t i = 0; i < 3; ++i) {
      const real half = hn::ConcatLowerUpper(d, whole[i + 1], whole[i]);
      window[4 * i] = whole[i];
      window[4 * i + 1] = hn::CombineShiftRightBytes<8>(d, half, whole[i]);
      window[4 * i + 2] = half;
      if (i < 2)
         window[4 * i + 3] = hn::CombineShiftRightBytes<8>(d, whole[i + 1], half);
   }
#   else
   for (size_t i = 0; i < ssim_window; ++i)
      window[i] = hn::LoadU(d, at + i);
#   endif
}

HWY_INLINE void filter_across(const taps &t, const double *raw, double *row) {
   const doubles d;
   for (size_t x = 0; x < strip; x += hn::Lanes(d)) {
      real window[ssim_window + 1];
      window_at(raw + x, window);
      hn::Store(filtered(t, window), d, row + x);
   }
}

// One moment of `Count` windows, each a row below the one before. rows[i] is the i-th row under the first.
template <int Count>
HWY_INLINE void filter_down(const taps &t, const double *const *rows, size_t at, real *results) {
   real window[ssim_window + Count - 1];
   for (int i = 0; i < ssim_window + Count - 1; ++i)
      window[i] = hn::Load(doubles(), rows[i] + at);
   for (int i = 0; i < Count; ++i)
      results[i] = filtered(t, window + i);
}

// ssim_of in lanes.
HWY_INLINE void add_windows(const real &a, const real &b, const real &squares, const real &product,
                            const ssim_constants &constants, double *ssim, double *contrast_structure) {
   const doubles d;
   const real two = hn::Set(d, 2.0);
   const real luminance = hn::Set(d, constants.luminance), contrast = hn::Set(d, constants.contrast);
   const real twice_product = two * (a * b), sum_of_squares = a * a + b * b;
   const real above = two * product - twice_product + contrast, below = squares - sum_of_squares + contrast;
   const real structure = above / below;
   const real whole = (twice_product + luminance) / (sum_of_squares + luminance) * structure;
   hn::Store(hn::Load(d, ssim) + whole, d, ssim);
   hn::Store(hn::Load(d, contrast_structure) + structure, d, contrast_structure);
}

template <int Count>
void add_rows(const taps &t, const double *const *rows, const ssim_constants &constants, ssim_state &state) {
   const doubles d;
   for (size_t x = 0; x < strip; x += hn::Lanes(d)) {
      real a[Count], b[Count], squares[Count], products[Count];
      filter_down<Count>(t, rows, x, a);
      filter_down<Count>(t, rows, x + strip, b);
      filter_down<Count>(t, rows, x + 2 * strip, squares);
      filter_down<Count>(t, rows, x + 3 * strip, products);
      for (int i = 0; i < Count; ++i)
         add_windows(a[i], b[i], squares[i], products[i], constants, state.ssim + x,
                     state.contrast_structure + x);
   }
}

// The strip of one picture, its rows in reach of whole vectors.
template <class T> class strip_rows {
 public:
   strip_rows(plane<T> source, int64_t width, int64_t left)
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

// The sums of one tile; the next one begins with none.
HWY_INLINE ssim_sums take_sums(ssim_state &state, int64_t columns) {
   ssim_sums sums;
   for (int64_t x = 0; x < columns; ++x) {
      sums.ssim += state.ssim[x];
      sums.contrast_structure += state.contrast_structure[x];
   }
   std::fill_n(state.ssim, strip, 0.0);
   std::fill_n(state.contrast_structure, strip, 0.0);
   return sums;
}

template <class T>
void sum_tiles(plane<T> a, plane<T> b, const ssim_tiling &tiling, const ssim_tile_run &run,
               const ssim_constants &constants, ssim_sums *sums) {
   const taps t = load_taps();
   const int64_t left = run.column * strip, columns = std::min<int64_t>(strip, tiling.columns() - left);
   const int64_t first_row = int64_t{run.first} * tiling.tile_height;
   const int64_t rows = std::min<int64_t>(int64_t{run.count} * tiling.tile_height, tiling.rows() - first_row);
   const int64_t last_row = first_row + rows + ssim_window - 2;
   strip_rows<T> rows_a(a, tiling.width, left), rows_b(b, tiling.width, left);
   ssim_state state;
   take_sums(state, 0);

   int64_t filtered_rows = 0;
   for (int64_t y = 0; y < rows;) {
      const int64_t count = y + together <= rows ? together : 1;
      for (; filtered_rows < y + ssim_window - 1 + count; ++filtered_rows) {
         hwy::Prefetch(a.row(std::min(first_row + filtered_rows + 12, last_row)) + left);
         hwy::Prefetch(b.row(std::min(first_row + filtered_rows + 12, last_row)) + left);
         load_row(rows_a.row(first_row + filtered_rows), rows_b.row(first_row + filtered_rows), state);
         for (int i = 0; i < moments; ++i)
            filter_across(t, state.raw[i], state.rows[filtered_rows % held][i]);
      }
      const double *window[held];
      for (int64_t i = 0; i < held; ++i)
         window[i] = state.rows[(y + i) % held][0];
      if (count == together)
         add_rows<together>(t, window, constants, state);
      else
         add_rows<1>(t, window, constants, state);
      y += count;
      if (y % tiling.tile_height == 0 || y == rows)
         *sums++ = take_sums(state, columns);
   }
}

void sum_ssim_of_bytes(plane<uint8_t> a, plane<uint8_t> b, const ssim_tiling &tiling, const ssim_tile_run &run,
                       double unit, ssim_sums *sums) {
   sum_tiles(a, b, tiling, run, ssim_constants_for(unit), sums);
}
void sum_ssim_of_words(plane<uint16_t> a, plane<uint16_t> b, const ssim_tiling &tiling,
                       const ssim_tile_run &run, double unit, ssim_sums *sums) {
   sum_tiles(a, b, tiling, run, ssim_constants_for(unit), sums);
}

#endif
} // namespace giflab::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace giflab::kernels {

HWY_EXPORT(sum_ssim_of_bytes);
HWY_EXPORT(sum_ssim_of_words);

void sum_ssim(plane<uint8_t> a, plane<uint8_t> b, const ssim_tiling &tiling, const ssim_tile_run &run,
              double unit, ssim_sums *sums, arithmetic choice) {
   if (choice == arithmetic::scalar)
      scalar::sum_ssim(a, b, tiling, run, unit, sums);
   else
      HWY_DYNAMIC_DISPATCH(sum_ssim_of_bytes)(a, b, tiling, run, unit, sums);
}

void sum_ssim(plane<uint16_t> a, plane<uint16_t> b, const ssim_tiling &tiling, const ssim_tile_run &run,
              double unit, ssim_sums *sums, arithmetic choice) {
   if (choice == arithmetic::scalar)
      scalar::sum_ssim(a, b, tiling, run, unit, sums);
   else
      HWY_DYNAMIC_DISPATCH(sum_ssim_of_words)(a, b, tiling, run, unit, sums);
}

} // namespace giflab::kernels
#endif
