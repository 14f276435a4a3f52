#pragma once
// Structural similarity over an 11x11 Gaussian window, sigma 1.5, valid windows only.
// Z. Wang, A. C. Bovik, H. R. Sheikh, E. P. Simoncelli, "Image quality assessment: from error visibility to
// structural similarity", IEEE Trans. Image Processing 13(4), 2004.

#include <array>
#include <cmath>
#include <giflab_kernels/plane.hpp>
#include <limits>

namespace giflab::kernels {

inline constexpr int ssim_window = 11;

// The two small constants that keep the quotients defined.
struct ssim_constants {
   double luminance; // (K1 L)^2, K1 = 0.01
   double contrast;  // (K2 L)^2, K2 = 0.03
};

// For samples whose full range is 255 * `unit`.
GIFLAB_PIXEL ssim_constants ssim_constants_for(double unit) {
   const double range = 255 * unit;
   return {0.01 * range * (0.01 * range), 0.03 * range * (0.03 * range)};
}

// Weighted means over one window.
struct window_moments {
   double a, b;    // E[a], E[b]
   double squares; // E[a^2] + E[b^2]
   double product; // E[a b]
};

struct ssim_terms {
   double ssim;               // luminance times contrast and structure, -1..1
   double contrast_structure; // -1..1
};

// Equations 6, 9, 10 and 13 of the paper with population (weighted, biased) variances.
GIFLAB_PIXEL ssim_terms ssim_of(const window_moments &mean, const ssim_constants &constants) {
   const double twice_product = 2 * (mean.a * mean.b);
   const double sum_of_squares = mean.a * mean.a + mean.b * mean.b;
   const double structure_above = 2 * mean.product - twice_product + constants.contrast;
   const double structure_below = mean.squares - sum_of_squares + constants.contrast;
   const double structure = structure_above / structure_below;
   return {(twice_product + constants.luminance) / (sum_of_squares + constants.luminance) * structure,
           structure};
}

// The same from a sum and a difference, u = a + b - shift_u and v = a - b - shift_v, in which no digit of a
// small distortion is lost: their means and mean squares over one window. Whatever the shifts are, the values
// are the same but for rounding, which is least where the shifted samples are small.
template <class Real> struct sum_moments {
   Real u, v;
   Real squared_u, squared_v;
};

// The middle between the second least and the second most of what was added, three numbers or more.
class trimmed_middle {
 public:
   GIFLAB_BOTH void add(int32_t number) {
      second_least_ = lesser(second_least_, greater(least_, number));
      least_ = lesser(least_, number);
      second_most_ = greater(second_most_, lesser(most_, number));
      most_ = greater(most_, number);
   }
   GIFLAB_BOTH float value() const { return static_cast<float>((second_least_ + second_most_) / 2); }

 private:
   static GIFLAB_BOTH int32_t lesser(int32_t a, int32_t b) { return a < b ? a : b; }
   static GIFLAB_BOTH int32_t greater(int32_t a, int32_t b) { return a < b ? b : a; }

   static constexpr int32_t beyond = 1 << 20; // what two samples add up to or differ by
   int32_t least_ = beyond, second_least_ = beyond, second_most_ = -beyond, most_ = -beyond;
};

struct ssim_shifts {
   float u, v;
};

// Shifts for the samples in reach of `columns` x `rows` windows, from nine of them, without the least and the
// most: one strange sample must not shift all others. The middle between the others is as near to one half of
// a tile as to the other where two areas meet.
template <class T>
GIFLAB_PIXEL ssim_shifts ssim_shifts_of(plane<T> a, plane<T> b, int64_t left, int64_t top, int64_t columns,
                                        int64_t rows) {
   const int64_t across = columns + ssim_window - 2, down = rows + ssim_window - 2; // to the last sample
   trimmed_middle u, v;
   for (int i = 0; i < 9; ++i) {
      const int64_t x = left + across * (1 + i % 3) / 4, y = top + down * (1 + i / 3) / 4;
      const int32_t p = a.row(y)[x], q = b.row(y)[x];
      u.add(p + q);
      v.add(p - q);
   }
   return {u.value(), v.value()};
}

// A variance that is a smaller part of the mean square than this may be all rounding: of flat samples,
// filtering across and then down in float left 6.4e-7 at most.
template <class Real> inline constexpr Real ssim_rounding = 6 * std::numeric_limits<Real>::epsilon();

// V(u) and V(v). Only the second one is a loss, of which flat windows must have none: drawings have so many of
// them that what rounding leaves in each would show in the mean.
template <class Real> struct ssim_variances { Real u, v; };
template <class Real> GIFLAB_PIXEL ssim_variances<Real> variances_of(const sum_moments<Real> &mean) {
   const Real u = mean.squared_u - mean.u * mean.u, v = mean.squared_v - mean.v * mean.v;
   return {u, v > ssim_rounding<Real> * mean.squared_v ? v : 0};
}

// An index and 1 minus it. The smaller of the two is right to the last digits but a few; a loss is 0 for equal
// windows, to the bit.
template <class Real> struct similarity { Real value, loss; };

// With V for a variance: 2 cov(a, b) = (V(u) - V(v)) / 2 and V(a) + V(b) = (V(u) + V(v)) / 2; and so for the
// products of means. Contrast and structure alone:
template <class Real>
GIFLAB_PIXEL similarity<Real> contrast_structure_of(const sum_moments<Real> &mean, Real contrast) {
   const auto [variance_u, variance_v] = variances_of(mean);
   const Real above = (variance_u - variance_v) / 2 + contrast;
   const Real share = ratio(Real{1}, above + variance_v);
   return {above * share, variance_v * share};
}

// and with luminance:
template <class Real>
GIFLAB_PIXEL similarity<Real> ssim_of(const sum_moments<Real> &mean, Real shift_u, Real shift_v, Real luminance,
                                      Real contrast) {
   const auto [variance_u, variance_v] = variances_of(mean);
   const Real u = mean.u + shift_u, v = mean.v + shift_v, squared_v = v * v;
   const Real structure = (variance_u - variance_v) / 2 + contrast;
   const Real light = (u - v) * (u + v) / 2 + luminance;
   const Real share = ratio(Real{1}, (structure + variance_v) * (light + squared_v));
   return {structure * light * share, (variance_v * (light + squared_v) + squared_v * structure) * share};
}

// The 11 weights of one direction; their sum is 1.
inline std::array<double, ssim_window> ssim_weights() {
   std::array<double, ssim_window> weights;
   double sum = 0;
   for (int i = 0; i < ssim_window; ++i)
      sum += weights[i] = std::exp(-(i - 5) * (i - 5) / (2 * 1.5 * 1.5));
   for (double &weight : weights)
      weight /= sum;
   return weights;
}

// Windows are summed tile by tile, so that tiles whose pixels did not change keep their sums: a tile has the
// same bits whatever else is computed with it, and on every instruction set.
struct ssim_tiling {
   static constexpr int32_t tile_width = 64, tile_height = 32; // in windows

   int32_t width, height; // of the planes, both at least 11

   GIFLAB_BOTH int32_t columns() const { return width - ssim_window + 1; } // of windows
   GIFLAB_BOTH int32_t rows() const { return height - ssim_window + 1; }
   int32_t across() const { return (columns() + tile_width - 1) / tile_width; } // of tiles
   int32_t down() const { return (rows() + tile_height - 1) / tile_height; }
   size_t count() const { return static_cast<size_t>(across()) * static_cast<size_t>(down()); }
};

// Tiles [first, first + count) of one column of tiles, from top to bottom.
struct ssim_tile_run {
   int32_t column, first, count;
};

// Where the sums over the windows of each tile of a run go, to be divided by their number. Null for what is not
// wanted; something is.
struct ssim_sums {
   double *ssim, *contrast_structure;

   // The same from a later tile on.
   ssim_sums from(size_t tile) const {
      return {ssim ? ssim + tile : nullptr, contrast_structure ? contrast_structure + tile : nullptr};
   }
};

// `sums` begin with tile `run.first`. `unit` is the sample value that stands for 1 of 255: 1 for bytes, 4^s for
// a plane halved s times by `halve`. The plain twin computes in double, the other one in float from sums and
// differences of the samples, as sum_moments above: a tile's mean is within 1e-6 of the plain one. A sum has
// the same bits whether the other one is wanted or not. [any thread]
void sum_ssim(plane<uint8_t> a, plane<uint8_t> b, const ssim_tiling &tiling, const ssim_tile_run &run,
              double unit, const ssim_sums &sums, arithmetic choice);
void sum_ssim(plane<uint16_t> a, plane<uint16_t> b, const ssim_tiling &tiling, const ssim_tile_run &run,
              double unit, const ssim_sums &sums, arithmetic choice);

// Halves a plane: each sample of `target` is the sum, not the mean, of a 2x2 block, so that nothing rounds; an
// odd last row or column is dropped. `width` and `height` are the target's. Four halvings of bytes fit. [any
// thread]
void halve(plane<uint8_t> source, target_plane<uint16_t> target, int32_t width, int32_t height,
           arithmetic choice);
void halve(plane<uint16_t> source, target_plane<uint16_t> target, int32_t width, int32_t height,
           arithmetic choice);

} // namespace giflab::kernels
