#include "information.hpp"

#include <algorithm>

namespace giflab::vif::scalar {
namespace {

using kernels::plane;
using kernels::target_plane;

// Weighted means over a window.
struct moments {
   double a = 0, b = 0, aa = 0, bb = 0, ab = 0;

   void add(double weight, const moments &more) {
      a += weight * more.a;
      b += weight * more.b;
      aa += weight * more.aa;
      bb += weight * more.bb;
      ab += weight * more.ab;
   }
};

template <class T>
moments column_at(const picture_pair<T> &pair, const std::vector<double> &window, int32_t x, int32_t y) {
   const auto radius = static_cast<int32_t>(window.size() / 2);
   moments mean;
   for (int32_t i = -radius; i <= radius; ++i) {
      const int32_t row = mirrored(y + i, pair.height);
      const double a = pair.reference.row(row)[x], b = pair.distorted.row(row)[x];
      mean.add(window[static_cast<size_t>(i + radius)], {a, b, a * a, b * b, a * b});
   }
   return mean;
}

moments window_at(const std::vector<moments> &columns, const std::vector<double> &window, int32_t x) {
   const auto radius = static_cast<int32_t>(window.size() / 2), width = static_cast<int32_t>(columns.size());
   moments mean;
   for (int32_t i = -radius; i <= radius; ++i)
      mean.add(window[static_cast<size_t>(i + radius)], columns[static_cast<size_t>(mirrored(x + i, width))]);
   return mean;
}

// The distorted picture as the reference times a gain plus noise. Where the reference has less variance than
// the eye's noise, what counts is how little the distorted one adds.
information information_at(const moments &mean) {
   const double variance_a = std::max(0.0, mean.aa - mean.a * mean.a);
   const double variance_b = std::max(0.0, mean.bb - mean.b * mean.b);
   const double covariance = mean.ab - mean.a * mean.b;
   if (variance_a < sensor_noise)
      return {1 - variance_b * (sensor_noise * sensor_noise / largest_squared), 1};

   double gain = covariance / (variance_a + least_variance);
   double noise = variance_b - gain * covariance;
   if (gain < 0 || variance_b < least_variance) {
      gain = 0;
      noise = variance_b;
   }
   noise = std::max(noise, least_variance);
   gain = std::min(gain, gain_limit);
   return {std::log2(1 + gain * gain * variance_a / (noise + sensor_noise)),
           std::log2(1 + variance_a / sensor_noise)};
}

} // namespace

template <class T>
information information_of(const picture_pair<T> &pair, int scale, const std::function<void()> &pause) {
   const std::vector<double> window = window_of(scale);
   std::vector<moments> columns(static_cast<size_t>(pair.width));
   information sum;
   for (int32_t y = 0; y < pair.height; ++y) {
      pause();
      for (int32_t x = 0; x < pair.width; ++x)
         columns[static_cast<size_t>(x)] = column_at(pair, window, x, y);
      for (int32_t x = 0; x < pair.width; ++x) {
         const information here = information_at(window_at(columns, window, x));
         sum.kept += here.kept;
         sum.carried += here.carried;
      }
   }
   return sum;
}

template <class T>
void halve(plane<T> source, int32_t width, int32_t height, int scale, double *scratch,
           target_plane<double> target, const std::function<void()> &pause) {
   const std::vector<double> window = window_of(scale);
   const int32_t radius = radius_of(scale);
   for (int32_t y = 0; y < height / 2; ++y) {
      pause();
      for (int32_t x = 0; x < width; ++x) {
         scratch[x] = 0;
         for (int32_t i = -radius; i <= radius; ++i)
            scratch[x] += window[static_cast<size_t>(i + radius)] * source.row(mirrored(2 * y + i, height))[x];
      }
      for (int32_t x = 0; x < width / 2; ++x) {
         double sum = 0;
         for (int32_t i = -radius; i <= radius; ++i)
            sum += window[static_cast<size_t>(i + radius)] * scratch[mirrored(2 * x + i, width)];
         target.row(y)[x] = sum;
      }
   }
}

template information information_of(const picture_pair<uint8_t> &, int, const std::function<void()> &);
template information information_of(const picture_pair<double> &, int, const std::function<void()> &);
template void halve(plane<uint8_t>, int32_t, int32_t, int, double *, target_plane<double>,
                    const std::function<void()> &);
template void halve(plane<double>, int32_t, int32_t, int, double *, target_plane<double>,
                    const std::function<void()> &);

} // namespace giflab::vif::scalar
