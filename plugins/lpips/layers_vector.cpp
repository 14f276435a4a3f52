#include "layers.hpp"

#include <algorithm>
#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "layers_vector.cpp"
#include <hwy/foreach_target.h> // IWYU pragma: keep
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace giflab::lpips::HWY_NAMESPACE {
// Tiles of registers are arrays of vectors, which must have a size that the compiler knows.
#if HWY_TARGET == HWY_SCALAR || HWY_HAVE_SCALABLE

using scalar::compare_row;
using scalar::convolve;
using scalar::take_maxima;

#else
namespace hn = hwy::HWY_NAMESPACE;

using floats = hn::CappedTag<float, 16>; // all that a multiple of 16 channels always fills
using real = hn::Vec<floats>;
constexpr size_t lanes = hn::MaxLanes(floats());

// Pixels of a tile: as many as the registers hold two vectors of sums for.
constexpr int32_t wide_tile = HWY_TARGET <= HWY_AVX3 || HWY_ARCH_ARM ? 12 : 6;
constexpr int32_t narrow_tile = wide_tile == 12 ? 4 : 3;

// What the sums of a tile run over.
struct tile_source {
   const float *pixels; // of the corner of the first pixel's window
   size_t step;         // floats from one pixel's window to the next one's
   size_t pitch;        // floats from a row to the next
   size_t rows, span;   // rows of a window, and floats in one
   const float *weights;
   size_t weights_pitch;
};

// Sums for Pixels windows and Vectors vectors of channels.
template <int32_t Pixels, int32_t Vectors>
HWY_INLINE void sum_tile(const tile_source &from, const float *bias, float *target, size_t target_step) {
   const floats d;
   constexpr int32_t group = 3; // pixels that share an address register
   real sums[Pixels][Vectors];
   HWY_UNROLL(12)
   for (int32_t p = 0; p < Pixels; ++p)
      HWY_UNROLL(2)
   for (int32_t v = 0; v < Vectors; ++v)
      sums[p][v] = hn::LoadU(d, bias + v * static_cast<int32_t>(lanes));

   const float *weights = from.weights;
   const size_t step = from.step;
   for (size_t row = 0; row < from.rows; ++row) {
      const float *corner = from.pixels + row * from.pitch;
      for (size_t i = 0; i < from.span; ++i, weights += from.weights_pitch) {
         real weight[Vectors];
         HWY_UNROLL(2)
         for (int32_t v = 0; v < Vectors; ++v)
            weight[v] = hn::LoadU(d, weights + v * static_cast<int32_t>(lanes));
         HWY_UNROLL(12)
         for (int32_t p = 0; p < Pixels; ++p) {
            const float *base = corner + static_cast<size_t>(p / group) * group * step + i;
            const real value = hn::Set(d, base[static_cast<size_t>(p % group) * step]);
            HWY_UNROLL(2)
            for (int32_t v = 0; v < Vectors; ++v)
               sums[p][v] = hn::MulAdd(value, weight[v], sums[p][v]);
         }
      }
   }
   HWY_UNROLL(12)
   for (int32_t p = 0; p < Pixels; ++p)
      HWY_UNROLL(2)
   for (int32_t v = 0; v < Vectors; ++v)
      hn::StoreU(hn::Max(sums[p][v], hn::Zero(d)), d,
                 target + static_cast<size_t>(p) * target_step + static_cast<size_t>(v) * lanes);
}

// A run of pixels. What is left of the wide tiles is done in narrow ones of which the last may begin earlier:
// it writes some pixels again, with the same values.
template <int32_t Vectors>
void sum_run(tile_source from, const float *bias, float *target, size_t target_step, int32_t count) {
   const float *first = from.pixels;
   const auto move_to = [&](int32_t x) HWY_ATTR {
      from.pixels = first + static_cast<size_t>(x) * from.step;
      return target + static_cast<size_t>(x) * target_step;
   };
   int32_t x = 0;
   for (; x + wide_tile <= count; x += wide_tile)
      sum_tile<wide_tile, Vectors>(from, bias, move_to(x), target_step);
   if (count >= narrow_tile)
      for (; x < count; x += narrow_tile)
         sum_tile<narrow_tile, Vectors>(from, bias, move_to(std::min(x, count - narrow_tile)), target_step);
   for (; x < count; ++x)
      sum_tile<1, Vectors>(from, bias, move_to(x), target_step);
}

void convolve(const convolution &layer, const feature_map &source, const feature_map &target,
              int32_t first_channel, run_of_pixels where) {
   const auto in = static_cast<size_t>(layer.in), kernel = static_cast<size_t>(layer.kernel);
   const size_t products = in * kernel * kernel;
   tile_source from = {};
   from.pixels = source.at(where.x * layer.stride - layer.padding, where.y * layer.stride - layer.padding);
   from.step = in * static_cast<size_t>(layer.stride);
   from.pitch = source.pitch();
   from.rows = kernel;
   from.span = in * kernel;
   const auto step = static_cast<size_t>(target.channels);
   float *to = target.at(where.x, where.y) + first_channel;
   const auto out = static_cast<size_t>(layer.out);
   for (size_t block = 0; block < out; block += channels_per_block) {
      from.weights_pitch = std::min<size_t>(channels_per_block, out - block);
      for (size_t c = 0; c < from.weights_pitch;) {
         from.weights = layer.packed.data() + block * products + c;
         const size_t channel = block + c;
         if (c + 2 * lanes <= from.weights_pitch) {
            sum_run<2>(from, layer.bias.data() + channel, to + channel, step, where.count);
            c += 2 * lanes;
         } else {
            sum_run<1>(from, layer.bias.data() + channel, to + channel, step, where.count);
            c += lanes;
         }
      }
   }
}

void take_maxima(const feature_map &source, const feature_map &target, int32_t window, int32_t stride,
                 int32_t y) {
   const floats d;
   const int32_t top = y * stride, bottom = std::min(top + window, source.height);
   const auto channels = static_cast<size_t>(target.channels);
   for (int32_t x = 0; x < target.width; ++x) {
      const int32_t left = x * stride, right = std::min(left + window, source.width);
      float *to = target.at(x, y);
      for (size_t c = 0; c < channels; c += lanes) {
         real most = hn::LoadU(d, source.at(left, top) + c);
         for (int32_t v = top; v < bottom; ++v)
            for (int32_t u = left; u < right; ++u)
               most = hn::Max(most, hn::LoadU(d, source.at(u, v) + c));
         hn::StoreU(most, d, to + c);
      }
   }
}

// 1 / norm.
HWY_INLINE float scale_of(const float *features, size_t channels) {
   const floats d;
   real sum = hn::Zero(d);
   for (size_t c = 0; c < channels; c += lanes) {
      const real value = hn::LoadU(d, features + c);
      sum = hn::MulAdd(value, value, sum);
   }
   return 1 / (std::sqrt(hn::GetLane(hn::SumOfLanes(d, sum))) + least_norm);
}

double compare_row(const feature_map &a, const feature_map &b, int32_t y, std::span<const float> weights) {
   const floats d;
   real sum = hn::Zero(d);
   for (int32_t x = 0; x < a.width; ++x) {
      const float *p = a.at(x, y), *q = b.at(x, y);
      const real scale_p = hn::Set(d, scale_of(p, weights.size()));
      const real scale_q = hn::Set(d, scale_of(q, weights.size()));
      for (size_t c = 0; c < weights.size(); c += lanes) {
         const real difference =
             hn::Sub(hn::Mul(hn::LoadU(d, p + c), scale_p), hn::Mul(hn::LoadU(d, q + c), scale_q));
         sum = hn::MulAdd(hn::Mul(difference, difference), hn::LoadU(d, weights.data() + c), sum);
      }
   }
   return double{hn::GetLane(hn::SumOfLanes(d, sum))};
}

#endif
} // namespace giflab::lpips::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace giflab::lpips {

HWY_EXPORT(convolve);
HWY_EXPORT(take_maxima);
HWY_EXPORT(compare_row);

void convolve(const convolution &layer, const feature_map &source, const feature_map &target,
              int32_t first_channel, run_of_pixels where, arithmetic choice) {
   if (choice == arithmetic::scalar)
      scalar::convolve(layer, source, target, first_channel, where);
   else
      HWY_DYNAMIC_DISPATCH(convolve)(layer, source, target, first_channel, where);
}

void take_maxima(const feature_map &source, const feature_map &target, int32_t window, int32_t stride,
                 int32_t y, arithmetic choice) {
   if (choice == arithmetic::scalar)
      scalar::take_maxima(source, target, window, stride, y);
   else
      HWY_DYNAMIC_DISPATCH(take_maxima)(source, target, window, stride, y);
}

double compare_row(const feature_map &a, const feature_map &b, int32_t y, std::span<const float> weights,
                   arithmetic choice) {
   return choice == arithmetic::scalar ? scalar::compare_row(a, b, y, weights)
                                       : HWY_DYNAMIC_DISPATCH(compare_row)(a, b, y, weights);
}

} // namespace giflab::lpips
#endif
