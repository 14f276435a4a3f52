#include "layers.hpp"

#include <algorithm>
#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "layers_vector.cpp"
#include <hwy/foreach_target.h> // IWYU pragma: keep

#include "sums-inl.hpp"
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace giflab::lpips::HWY_NAMESPACE {
#if HWY_TARGET == HWY_SCALAR || HWY_HAVE_SCALABLE

using scalar::compare_row;
using scalar::convolve;
using scalar::take_maxima;

#else
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
      from.weights_pitch = std::min(channels_per_block, out - block);
      for (size_t c = 0; c < from.weights_pitch;) {
         from.weights = layer.packed.data() + block * products + c;
         const size_t channel = block + c;
         if (c + 2 * lanes <= from.weights_pitch) {
            sum_run<finish::bias_and_rectify, 2>(from, layer.bias.data() + channel, to + channel, step,
                                                 where.count);
            c += 2 * lanes;
         } else {
            sum_run<finish::bias_and_rectify, 1>(from, layer.bias.data() + channel, to + channel, step,
                                                 where.count);
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
