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

// The maximum of `columns` x `rows` pixels, whose numbers the compiler may know.
HWY_INLINE void take_maximum(const float *corner, size_t pitch, size_t columns, size_t rows, size_t channels,
                             float *to) {
   const floats d;
   for (size_t c = 0; c < channels; c += lanes) {
      real most = hn::LoadU(d, corner + c);
      for (size_t v = 0; v < rows; ++v)
         for (size_t u = 0; u < columns; ++u)
            most = hn::Max(most, hn::LoadU(d, corner + v * pitch + u * channels + c));
      hn::StoreU(most, d, to + c);
   }
}

void take_maxima(const feature_map &source, const feature_map &target, int32_t window, int32_t stride,
                 int32_t y) {
   const int32_t top = y * stride, rows = std::min(window, source.height - top);
   const auto channels = static_cast<size_t>(target.channels);
   for (int32_t x = 0; x < target.width; ++x) {
      const int32_t left = x * stride, columns = std::min(window, source.width - left);
      const float *corner = source.at(left, top);
      if (columns == 3 && rows == 3) // all but the edges of most networks
         take_maximum(corner, source.pitch(), 3, 3, channels, target.at(x, y));
      else
         take_maximum(corner, source.pitch(), static_cast<size_t>(columns), static_cast<size_t>(rows), channels,
                      target.at(x, y));
   }
}

// Features of a pixel of two pictures.
struct two_pixels {
   const float *p, *q;
};

// 1 / norm of both.
struct two_scales {
   float p, q;
};
HWY_INLINE two_scales scales_of(const two_pixels &features, size_t channels) {
   const floats d;
   real sum_p = hn::Zero(d), sum_q = hn::Zero(d);
   for (size_t c = 0; c < channels; c += lanes) {
      const real p = hn::LoadU(d, features.p + c), q = hn::LoadU(d, features.q + c);
      sum_p = hn::MulAdd(p, p, sum_p);
      sum_q = hn::MulAdd(q, q, sum_q);
   }
   const auto inverse = [&](const real &sum) HWY_ATTR {
      return 1 / (std::sqrt(hn::GetLane(hn::SumOfLanes(d, sum))) + least_norm);
   };
   return {inverse(sum_p), inverse(sum_q)};
}

double compare_row(const feature_map &a, const feature_map &b, int32_t y, std::span<const float> weights) {
   const floats d;
   real sum = hn::Zero(d);
   for (int32_t x = 0; x < a.width; ++x) {
      const two_pixels features = {a.at(x, y), b.at(x, y)};
      const two_scales scales = scales_of(features, weights.size());
      const real scale_p = hn::Set(d, scales.p), scale_q = hn::Set(d, scales.q);
      real of_pixel = hn::Zero(d); // a sum of its own, so that the next pixel's need not wait
      for (size_t c = 0; c < weights.size(); c += lanes) {
         const real difference = hn::Sub(hn::Mul(hn::LoadU(d, features.p + c), scale_p),
                                         hn::Mul(hn::LoadU(d, features.q + c), scale_q));
         of_pixel = hn::MulAdd(hn::Mul(difference, difference), hn::LoadU(d, weights.data() + c), of_pixel);
      }
      sum = hn::Add(sum, of_pixel);
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
