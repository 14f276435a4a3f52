#include <giflab_kernels/ssim.hpp>

#include <algorithm>
#include <cstring>

#include "scalar.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ssim_vector.cpp"
#include <hwy/foreach_target.h> // IWYU pragma: keep
#include <hwy/highway.h>

#ifndef GIFLAB_SSIM_STRIP
#   define GIFLAB_SSIM_STRIP
namespace giflab::kernels {

// A picture is worked off in strips of columns, so that the last 11 filtered rows stay in the first cache.
constexpr int64_t strip = 64;
constexpr int64_t samples = 80; // of a row that a strip reads: strip + 10, in whole vectors
constexpr int moments = 4;      // a, b, a^2 + b^2, a b

// Of one strip while it moves down. Sums are kept for each column, so that no vector length shows in them.
struct ssim_state {
   alignas(64) double raw[moments][samples];
   alignas(64) double rows[ssim_window][moments][strip];
   alignas(64) double ssim[strip];
   alignas(64) double contrast_structure[strip];
};

} // namespace giflab::kernels
#endif

HWY_BEFORE_NAMESPACE();
namespace giflab::kernels::HWY_NAMESPACE {
#if HWY_TARGET == HWY_SCALAR // nothing to gain

void add_ssim_of_bytes(plane<uint8_t> a, plane<uint8_t> b, int32_t width, int64_t first_row, int64_t rows,
                       double unit, ssim_sums &sums) {
   scalar::add_ssim(a, b, width, first_row, rows, unit, sums);
}
void add_ssim_of_words(plane<uint16_t> a, plane<uint16_t> b, int32_t width, int64_t first_row, int64_t rows,
                       double unit, ssim_sums &sums) {
   scalar::add_ssim(a, b, width, first_row, rows, unit, sums);
}

#else
namespace hn = hwy::HWY_NAMESPACE;

// Eight lanes at most, which is what `samples` and `strip` are multiples of. Products and sums are kept apart:
// a fused multiply-add would give other bits than machines that lack it.
using doubles = hn::CappedTag<double, 8>;
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

HWY_INLINE real folded(const taps &t, const real &v0, const real &v1, const real &v2, const real &v3,
                       const real &v4, const real &v5) {
   return ((t.weight[0] * v0 + t.weight[1] * v1) + (t.weight[2] * v2 + t.weight[3] * v3)) +
          (t.weight[4] * v4 + t.weight[5] * v5);
}

HWY_INLINE void filter_across(const taps &t, const double *raw, double *row) {
   const doubles d;
   for (size_t x = 0; x < strip; x += hn::Lanes(d)) {
      const double *at = raw + x;
      hn::Store(folded(t, hn::LoadU(d, at) + hn::LoadU(d, at + 10), hn::LoadU(d, at + 1) + hn::LoadU(d, at + 9),
                       hn::LoadU(d, at + 2) + hn::LoadU(d, at + 8), hn::LoadU(d, at + 3) + hn::LoadU(d, at + 7),
                       hn::LoadU(d, at + 4) + hn::LoadU(d, at + 6), hn::LoadU(d, at + 5)),
                d, row + x);
   }
}

// rows[i] is the i-th row of the window.
HWY_INLINE real filtered_down(const taps &t, const double *const *rows, size_t at) {
   const doubles d;
   return folded(t, hn::Load(d, rows[0] + at) + hn::Load(d, rows[10] + at),
                 hn::Load(d, rows[1] + at) + hn::Load(d, rows[9] + at),
                 hn::Load(d, rows[2] + at) + hn::Load(d, rows[8] + at),
                 hn::Load(d, rows[3] + at) + hn::Load(d, rows[7] + at),
                 hn::Load(d, rows[4] + at) + hn::Load(d, rows[6] + at), hn::Load(d, rows[5] + at));
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

HWY_INLINE void filter_down(const taps &t, const double *const *rows, const ssim_constants &constants,
                            ssim_state &state) {
   const doubles d;
   for (size_t x = 0; x < strip; x += hn::Lanes(d))
      add_windows(filtered_down(t, rows, x), filtered_down(t, rows, x + strip),
                  filtered_down(t, rows, x + 2 * strip), filtered_down(t, rows, x + 3 * strip), constants,
                  state.ssim + x, state.contrast_structure + x);
}

// Columns [left, left + strip) as far as the picture goes.
template <class T>
void add_strip(plane<T> a, plane<T> b, int64_t width, int64_t left, int64_t first_row, int64_t rows,
               const ssim_constants &constants, ssim_sums &sums) {
   const taps t = load_taps();
   const int64_t columns = std::min(strip, width - ssim_window + 1 - left);
   const bool inside = left + samples <= width; // else rows end before whole vectors do
   T copy_a[samples] = {}, copy_b[samples] = {};
   ssim_state state;
   std::fill_n(state.ssim, strip, 0.0);
   std::fill_n(state.contrast_structure, strip, 0.0);

   for (int64_t y = 0; y < rows + ssim_window - 1; ++y) {
      const T *row_a = a.row(first_row + y) + left, *row_b = b.row(first_row + y) + left;
      if (!inside) {
         const size_t held = static_cast<size_t>(width - left) * sizeof(T);
         row_a = static_cast<const T *>(std::memcpy(copy_a, row_a, std::min(held, sizeof copy_a)));
         row_b = static_cast<const T *>(std::memcpy(copy_b, row_b, std::min(held, sizeof copy_b)));
      }
      load_row(row_a, row_b, state);
      for (int i = 0; i < moments; ++i)
         filter_across(t, state.raw[i], state.rows[y % ssim_window][i]);
      if (y < ssim_window - 1)
         continue;
      const double *window[ssim_window];
      for (int64_t i = 0; i < ssim_window; ++i)
         window[i] = state.rows[(y + 1 + i) % ssim_window][0];
      filter_down(t, window, constants, state);
   }
   for (int64_t x = 0; x < columns; ++x) {
      sums.ssim += state.ssim[x];
      sums.contrast_structure += state.contrast_structure[x];
   }
}

template <class T>
void add_strips(plane<T> a, plane<T> b, int32_t width, int64_t first_row, int64_t rows, double unit,
                ssim_sums &sums) {
   for (int64_t left = 0; left + ssim_window <= width; left += strip)
      add_strip(a, b, width, left, first_row, rows, ssim_constants_for(unit), sums);
}

void add_ssim_of_bytes(plane<uint8_t> a, plane<uint8_t> b, int32_t width, int64_t first_row, int64_t rows,
                       double unit, ssim_sums &sums) {
   add_strips(a, b, width, first_row, rows, unit, sums);
}
void add_ssim_of_words(plane<uint16_t> a, plane<uint16_t> b, int32_t width, int64_t first_row, int64_t rows,
                       double unit, ssim_sums &sums) {
   add_strips(a, b, width, first_row, rows, unit, sums);
}

#endif
} // namespace giflab::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace giflab::kernels {

HWY_EXPORT(add_ssim_of_bytes);
HWY_EXPORT(add_ssim_of_words);

void add_ssim(plane<uint8_t> a, plane<uint8_t> b, int32_t width, int64_t first_row, int64_t rows, double unit,
              ssim_sums &sums, arithmetic choice) {
   if (choice == arithmetic::scalar)
      scalar::add_ssim(a, b, width, first_row, rows, unit, sums);
   else
      HWY_DYNAMIC_DISPATCH(add_ssim_of_bytes)(a, b, width, first_row, rows, unit, sums);
}

void add_ssim(plane<uint16_t> a, plane<uint16_t> b, int32_t width, int64_t first_row, int64_t rows, double unit,
              ssim_sums &sums, arithmetic choice) {
   if (choice == arithmetic::scalar)
      scalar::add_ssim(a, b, width, first_row, rows, unit, sums);
   else
      HWY_DYNAMIC_DISPATCH(add_ssim_of_words)(a, b, width, first_row, rows, unit, sums);
}

} // namespace giflab::kernels
#endif
