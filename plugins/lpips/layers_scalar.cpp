// The plain twins, in double precision and with the weights as PyTorch keeps them: they judge the vectors.

#include "layers.hpp"

#include <algorithm>
#include <cmath>

namespace giflab::lpips {

void clear_border(const feature_map &map) {
   if (map.border == 0)
      return;
   const size_t pitch = map.pitch(), border = static_cast<size_t>(map.border);
   const size_t side = border * static_cast<size_t>(map.channels);
   std::fill_n(map.data, border * pitch, 0.0f);
   for (int32_t y = 0; y < map.height; ++y) {
      float *row = map.data + (static_cast<size_t>(y) + border) * pitch;
      std::fill_n(row, side, 0.0f);
      std::fill_n(row + pitch - side, side, 0.0f);
   }
   std::fill_n(map.data + (static_cast<size_t>(map.height) + border) * pitch, border * pitch, 0.0f);
}

void pack(const convolution &layer, std::span<float> packed) {
   const int32_t kernel = layer.kernel, width = static_cast<int32_t>(channels_per_block);
   float *to = packed.data();
   for (int32_t first = 0; first < layer.out; first += width)
      for (int32_t ky = 0; ky < kernel; ++ky)
         for (int32_t kx = 0; kx < kernel; ++kx)
            for (int32_t in = 0; in < layer.in; ++in)
               for (int32_t out = first; out < std::min(first + width, layer.out); ++out)
                  *to++ =
                      layer.weights[static_cast<size_t>(((out * layer.in + in) * kernel + ky) * kernel + kx)];
}

namespace scalar {

namespace {

double convolved(const convolution &layer, const feature_map &source, int32_t out, int32_t x, int32_t y) {
   const float *weights =
       layer.weights.data() + static_cast<ptrdiff_t>(out) * layer.in * layer.kernel * layer.kernel;
   double sum = layer.bias[static_cast<size_t>(out)];
   for (int32_t ky = 0; ky < layer.kernel; ++ky)
      for (int32_t kx = 0; kx < layer.kernel; ++kx) {
         const float *pixel =
             source.at(x * layer.stride + kx - layer.padding, y * layer.stride + ky - layer.padding);
         for (int32_t in = 0; in < layer.in; ++in)
            sum += double{weights[(in * layer.kernel + ky) * layer.kernel + kx]} * double{pixel[in]};
      }
   return sum;
}

double norm(const float *features, size_t channels) {
   double sum = 0;
   for (size_t c = 0; c < channels; ++c)
      sum += double{features[c]} * double{features[c]};
   return std::sqrt(sum) + double{least_norm};
}

} // namespace

void convolve(const convolution &layer, const feature_map &source, const feature_map &target,
              int32_t first_channel, run_of_pixels where) {
   for (int32_t x = where.x; x < where.x + where.count; ++x)
      for (int32_t out = 0; out < layer.out; ++out)
         target.at(x, where.y)[first_channel + out] =
             static_cast<float>(std::max(0.0, convolved(layer, source, out, x, where.y)));
}

void take_maxima(const feature_map &source, const feature_map &target, int32_t window, int32_t stride,
                 int32_t y) {
   for (int32_t x = 0; x < target.width; ++x)
      for (int32_t c = 0; c < target.channels; ++c) {
         float most = source.at(x * stride, y * stride)[c];
         for (int32_t v = y * stride; v < std::min(y * stride + window, source.height); ++v)
            for (int32_t u = x * stride; u < std::min(x * stride + window, source.width); ++u)
               most = std::max(most, source.at(u, v)[c]);
         target.at(x, y)[c] = most;
      }
}

double compare_row(const feature_map &a, const feature_map &b, int32_t y, std::span<const float> weights) {
   double sum = 0;
   for (int32_t x = 0; x < a.width; ++x) {
      const float *p = a.at(x, y), *q = b.at(x, y);
      const double norm_p = norm(p, weights.size()), norm_q = norm(q, weights.size());
      for (size_t c = 0; c < weights.size(); ++c) {
         const double difference = p[c] / norm_p - q[c] / norm_q;
         sum += double{weights[c]} * difference * difference;
      }
   }
   return sum;
}

} // namespace scalar

} // namespace giflab::lpips
