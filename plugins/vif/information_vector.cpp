#include "information.hpp"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "information_vector.cpp"
#include <hwy/foreach_target.h> // IWYU pragma: keep
#include <hwy/highway.h>

#ifndef GIFLAB_VIF_STRIP
#   define GIFLAB_VIF_STRIP
namespace giflab::vif {

// A picture is worked off in strips of columns, so that the rows under the window stay in the first cache, and
// several rows at once, so that each filtered row is loaded once for all of them.
constexpr int32_t strip = 32;
constexpr int32_t samples = strip + 2 * radius_of(0); // of a row that a strip reads at most
constexpr int32_t together = 4;                       // rows of windows
constexpr int32_t held = 2 * radius_of(0) + together;
constexpr int moments = 5; // a, b, a^2, b^2, a b

// Logarithms are taken of products: so many factors of up to 2^14 stay far within what a double holds.
constexpr int32_t factors = 60;

// Of one strip while it moves down. Sums are kept for each column, so that no vector length shows in them.
struct strip_state {
   alignas(64) double raw[moments][samples];
   alignas(64) double rows[held][moments][strip];
   alignas(64) double linear_kept[strip];
   alignas(64) double linear_carried[strip];
   alignas(64) double kept_above[strip]; // the product of (1 + information) is above / below
   alignas(64) double kept_below[strip];
   alignas(64) double carried[strip];

   strip_state() {
      std::fill_n(linear_kept, strip, 0.0);
      std::fill_n(linear_carried, strip, 0.0);
      reset_products();
   }
   void reset_products() {
      std::fill_n(kept_above, strip, 1.0);
      std::fill_n(kept_below, strip, 1.0);
      std::fill_n(carried, strip, 1.0);
   }
   void take_logarithms(int32_t columns, information &sum) {
      for (int32_t x = 0; x < columns; ++x) {
         sum.kept += std::log2(kept_above[x] / kept_below[x]);
         sum.carried += std::log2(carried[x]);
      }
      reset_products();
   }
};

} // namespace giflab::vif
#endif

HWY_BEFORE_NAMESPACE();
namespace giflab::vif::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using doubles = hn::CappedTag<double, 8>;
using real = hn::Vec<doubles>;

HWY_INLINE real promoted(const uint8_t *bytes) {
   const hn::Rebind<uint8_t, doubles> d8;
   const hn::Rebind<int32_t, doubles> d32;
   return hn::PromoteTo(doubles(), hn::PromoteTo(d32, hn::LoadU(d8, bytes)));
}
HWY_INLINE real promoted(const double *values) { return hn::LoadU(doubles(), values); }

template <int Radius> struct window {
   real weight[Radius + 1]; // from the rim inwards

   explicit HWY_INLINE window(const std::vector<double> &weights) {
      for (size_t i = 0; i <= Radius; ++i)
         weight[i] = hn::Set(doubles(), weights[i]);
   }

   // at(i) is sample i of the window.
   template <class At> HWY_INLINE real mean(At &&at) const {
      real sum = weight[Radius] * at(Radius);
      for (int i = 0; i < Radius; ++i)
         sum = hn::MulAdd(weight[i], at(i) + at(2 * Radius - i), sum);
      return sum;
   }
};

// ---- One row of a strip

// The samples of a row that a strip reads, mirrored where they lie beyond the picture.
template <class T, int Radius> class strip_row {
 public:
   strip_row(kernels::plane<T> source, int32_t width, int32_t left)
       : source_(source), width_(width), first_(left - Radius),
         inside_(first_ >= 0 && first_ + samples <= width) {}

   // Good until the next call.
   const T *row(int32_t y) {
      const T *row = source_.row(y);
      if (inside_)
         return row + first_;
      for (int32_t x = 0; x < samples; ++x) // those past the mirror belong to no column of the picture
         copy_[x] = row[std::clamp(mirrored(first_ + x, width_), 0, width_ - 1)];
      return copy_;
   }

 private:
   kernels::plane<T> source_;
   int32_t width_, first_;
   bool inside_;
   T copy_[samples];
};

template <class T> void load_moments(const T *a, const T *b, strip_state &state) {
   const doubles d;
   for (size_t x = 0; x < samples; x += hn::Lanes(d)) {
      const real p = promoted(a + x), q = promoted(b + x);
      hn::Store(p, d, state.raw[0] + x);
      hn::Store(q, d, state.raw[1] + x);
      hn::Store(p * p, d, state.raw[2] + x);
      hn::Store(q * q, d, state.raw[3] + x);
      hn::Store(p * q, d, state.raw[4] + x);
   }
}

template <int Radius> HWY_INLINE void filter_across(window<Radius> weights, const double *raw, double *row) {
   const doubles d;
   for (size_t x = 0; x < strip; x += hn::Lanes(d))
      hn::Store(weights.mean([&](int i) HWY_ATTR { return hn::LoadU(d, raw + x + i); }), d, row + x);
}

// ---- Windows

// information_at of level 0, kept as factors.
HWY_INLINE void add_window(const real *mean, size_t x, strip_state &state) {
   const doubles d;
   const real zero = hn::Zero(d), one = hn::Set(d, 1.0), least = hn::Set(d, least_variance);
   const real noise_of_eye = hn::Set(d, sensor_noise);
   const real variance_a = hn::Max(zero, mean[2] - mean[0] * mean[0]);
   const real variance_b = hn::Max(zero, mean[3] - mean[1] * mean[1]);
   const real covariance = mean[4] - mean[0] * mean[1];

   const auto flat = variance_a < noise_of_eye;
   const real linear = one - variance_b * hn::Set(d, sensor_noise * sensor_noise / largest_squared);
   hn::Store(hn::Load(d, state.linear_kept + x) + hn::IfThenElseZero(flat, linear), d, state.linear_kept + x);
   hn::Store(hn::Load(d, state.linear_carried + x) + hn::IfThenElseZero(flat, one), d,
             state.linear_carried + x);

   const real slope = covariance / (variance_a + least);
   const auto unlike = hn::Or(slope < zero, variance_b < least);
   const real noise = hn::Max(least, hn::IfThenElse(unlike, variance_b, variance_b - slope * covariance));
   const real gain = hn::IfThenZeroElse(unlike, hn::Min(slope, hn::Set(d, gain_limit)));
   const real below = noise + noise_of_eye, above = below + gain * gain * variance_a;
   const real carried = one + variance_a * hn::Set(d, 1 / sensor_noise);
   const auto multiply = [&](double *product, real factor) HWY_ATTR {
      hn::Store(hn::Load(d, product + x) * hn::IfThenElse(flat, one, factor), d, product + x);
   };
   multiply(state.kept_above, above);
   multiply(state.kept_below, below);
   multiply(state.carried, carried);
}

// `Count` windows, each a row below the one before; rows[i] is the i-th row under the first.
template <int Radius, int Count>
void add_windows(window<Radius> weights, const double *const *rows, strip_state &state) {
   const doubles d;
   for (size_t x = 0; x < strip; x += hn::Lanes(d)) {
      real mean[Count][moments];
      for (size_t m = 0; m < moments; ++m)
         for (int row = 0; row < Count; ++row)
            mean[row][m] =
                weights.mean([&](int i) HWY_ATTR { return hn::Load(d, rows[row + i] + m * strip + x); });
      for (int row = 0; row < Count; ++row)
         add_window(mean[row], x, state);
   }
}

// Columns [left, left + strip) as far as the picture goes.
template <class T, int Radius>
void add_strip(const picture_pair<T> &pair, const window<Radius> &weights, int32_t left,
               const std::function<void()> &pause, information &sum) {
   strip_row<T, Radius> a(pair.reference, pair.width, left), b(pair.distorted, pair.width, left);
   const int32_t columns = std::min(strip, pair.width - left);
   strip_state state;
   int32_t filtered = 0, multiplied = 0;
   for (int32_t y = 0; y < pair.height;) {
      const int32_t count = y + together <= pair.height ? together : 1;
      for (; filtered < std::min(y + Radius + count, pair.height); ++filtered) {
         load_moments(a.row(filtered), b.row(filtered), state);
         for (int m = 0; m < moments; ++m)
            filter_across(weights, state.raw[m], state.rows[filtered % held][m]);
      }
      const double *rows[held];
      for (int32_t i = 0; i < 2 * Radius + count; ++i)
         rows[i] = state.rows[mirrored(y + i - Radius, pair.height) % held][0];
      if (count == together)
         add_windows<Radius, together>(weights, rows, state);
      else
         add_windows<Radius, 1>(weights, rows, state);
      y += count;
      multiplied += count;
      if (multiplied + together > factors) {
         pause();
         state.take_logarithms(columns, sum);
         multiplied = 0;
      }
   }
   state.take_logarithms(columns, sum);
   for (int32_t x = 0; x < columns; ++x) {
      sum.kept += state.linear_kept[x];
      sum.carried += state.linear_carried[x];
   }
}

template <class T, int Radius>
information add_strips(const picture_pair<T> &pair, const std::vector<double> &weights,
                       const std::function<void()> &pause) {
   const window<Radius> loaded(weights);
   information sum;
   for (int32_t left = 0; left < pair.width; left += strip) {
      pause();
      add_strip<T, Radius>(pair, loaded, left, pause, sum);
   }
   return sum;
}

information information_of_bytes(const picture_pair<uint8_t> &pair, const std::function<void()> &pause) {
   return add_strips<uint8_t, radius_of(0)>(pair, window_of(0), pause);
}

information information_of_doubles(const picture_pair<double> &pair, int scale,
                                   const std::function<void()> &pause) {
   switch (scale) {
   case 1:
      return add_strips<double, radius_of(1)>(pair, window_of(1), pause);
   case 2:
      return add_strips<double, radius_of(2)>(pair, window_of(2), pause);
   default:
      return add_strips<double, radius_of(3)>(pair, window_of(3), pause);
   }
}

// ---- The next scale

// Row `y` of the picture, filtered down.
template <int Radius, class T>
void filter_row(const window<Radius> &weights, kernels::plane<T> source, int32_t width, int32_t height,
                int32_t y, const std::vector<double> &taps, double *row) {
   const doubles d;
   const T *rows[2 * Radius + 1];
   for (int32_t i = 0; i <= 2 * Radius; ++i)
      rows[i] = source.row(mirrored(y + i - Radius, height));
   const auto step = static_cast<int32_t>(hn::Lanes(d));
   int32_t x = 0;
   for (; x + step <= width; x += step)
      hn::StoreU(weights.mean([&](int i) HWY_ATTR { return promoted(rows[i] + x); }), d, row + x);
   for (; x < width; ++x) {
      row[x] = taps[Radius] * rows[Radius][x];
      for (size_t i = 0; i < Radius; ++i)
         row[x] += taps[i] * (static_cast<double>(rows[i][x]) + rows[2 * Radius - i][x]);
   }
}

template <int Radius, class T>
void halve_with(kernels::plane<T> source, int32_t width, int32_t height, const std::vector<double> &taps,
                double *scratch, kernels::target_plane<double> target, const std::function<void()> &pause) {
   const doubles d;
   const window<Radius> weights(taps);
   double *row = scratch + 8; // with a mirrored margin, and whole vectors behind it
   std::fill_n(scratch, halving_scratch(width), 0.0);
   for (int32_t y = 0; y < height / 2; ++y) {
      if (y % 16 == 0)
         pause();
      filter_row(weights, source, width, height, 2 * y, taps, row);
      for (int32_t i = 1; i <= Radius; ++i) {
         row[-i] = row[i];
         row[width - 1 + i] = row[width - 1 - i];
      }
      const auto step = static_cast<int32_t>(hn::Lanes(d));
      for (int32_t x = 0; x < width / 2; x += step) {
         real pairs[2 * Radius + 2];
         for (int32_t i = 0; i <= Radius; ++i)
            hn::LoadInterleaved2(d, row + 2 * x + 2 * i - Radius, pairs[2 * i], pairs[2 * i + 1]);
         hn::Store(weights.mean([&](int i) HWY_ATTR { return pairs[i]; }), d, target.row(y) + x);
      }
   }
}

template <class T>
void halve_any(kernels::plane<T> source, int32_t width, int32_t height, int scale, double *scratch,
               kernels::target_plane<double> target, const std::function<void()> &pause) {
   const std::vector<double> taps = window_of(scale);
   switch (radius_of(scale)) {
   case 4:
      return halve_with<4>(source, width, height, taps, scratch, target, pause);
   case 2:
      return halve_with<2>(source, width, height, taps, scratch, target, pause);
   default:
      return halve_with<1>(source, width, height, taps, scratch, target, pause);
   }
}
void halve_bytes(kernels::plane<uint8_t> source, int32_t width, int32_t height, int scale, double *scratch,
                 kernels::target_plane<double> target, const std::function<void()> &pause) {
   halve_any(source, width, height, scale, scratch, target, pause);
}
void halve_doubles(kernels::plane<double> source, int32_t width, int32_t height, int scale, double *scratch,
                   kernels::target_plane<double> target, const std::function<void()> &pause) {
   halve_any(source, width, height, scale, scratch, target, pause);
}

} // namespace giflab::vif::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace giflab::vif {

HWY_EXPORT(information_of_bytes);
HWY_EXPORT(information_of_doubles);
HWY_EXPORT(halve_bytes);
HWY_EXPORT(halve_doubles);

information information_of(const picture_pair<uint8_t> &pair, const std::function<void()> &pause,
                           arithmetic choice) {
   return choice == arithmetic::scalar ? scalar::information_of(pair, 0, pause)
                                       : HWY_DYNAMIC_DISPATCH(information_of_bytes)(pair, pause);
}
information information_of(const picture_pair<double> &pair, int scale, const std::function<void()> &pause,
                           arithmetic choice) {
   return choice == arithmetic::scalar ? scalar::information_of(pair, scale, pause)
                                       : HWY_DYNAMIC_DISPATCH(information_of_doubles)(pair, scale, pause);
}

void halve(kernels::plane<uint8_t> source, int32_t width, int32_t height, int scale, double *scratch,
           kernels::target_plane<double> target, const std::function<void()> &pause, arithmetic choice) {
   if (choice == arithmetic::scalar)
      scalar::halve(source, width, height, scale, scratch, target, pause);
   else
      HWY_DYNAMIC_DISPATCH(halve_bytes)(source, width, height, scale, scratch, target, pause);
}
void halve(kernels::plane<double> source, int32_t width, int32_t height, int scale, double *scratch,
           kernels::target_plane<double> target, const std::function<void()> &pause, arithmetic choice) {
   if (choice == arithmetic::scalar)
      scalar::halve(source, width, height, scale, scratch, target, pause);
   else
      HWY_DYNAMIC_DISPATCH(halve_doubles)(source, width, height, scale, scratch, target, pause);
}

} // namespace giflab::vif
#endif
