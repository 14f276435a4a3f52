#pragma once
// The information that the reference carries and that the distorted picture keeps of it, in the pixel domain.
// H. R. Sheikh, A. C. Bovik, "Image Information and Visual Quality", IEEE Trans. Image Processing 15(2), 2006,
// as libvmaf's float_vif computes it.

#include <cmath>
#include <functional>
#include <giflab_kernels/plane.hpp>
#include <vector>

namespace giflab::vif {

inline constexpr int scales = 4;
inline constexpr int32_t least_side = 16; // below, the coarsest window would see more than the picture's mirror

inline constexpr double sensor_noise = 2;       // variance of what the eye adds
inline constexpr double least_variance = 1e-10; // below, there is none
inline constexpr double gain_limit = 100;       // of contrast that the distortion adds
inline constexpr double largest_squared = 255.0 * 255;

// The window of a scale reaches 8, 4, 2 and 1 samples to either side.
inline constexpr int radius_of(int scale) { return 8 >> scale; }

// A Gaussian with a fifth of the window as sigma; the sum of its 2 radius + 1 weights is 1.
inline std::vector<double> window_of(int scale) {
   const int radius = radius_of(scale);
   const double sigma = (2 * radius + 1) / 5.0;
   std::vector<double> weights;
   double sum = 0;
   for (int i = -radius; i <= radius; ++i) {
      weights.push_back(std::exp(-0.5 * i * i / (sigma * sigma)));
      sum += weights.back();
   }
   for (double &weight : weights)
      weight /= sum;
   return weights;
}

// Pictures go on beyond their edges as a mirror on the last sample shows them.
inline int32_t mirrored(int32_t index, int32_t length) {
   return index < 0 ? -index : index >= length ? 2 * length - 2 - index : index;
}

// In bits, summed over places.
struct information {
   double kept = 0;
   double carried = 0;
};

using kernels::arithmetic;

// A picture pair at one scale: bytes at the finest, doubles of 0..255 below. Planes of doubles are aligned
// to 64.
template <class T> struct picture_pair {
   kernels::plane<T> reference, distorted;
   int32_t width, height;
};

// The information of a pair at the finest scale, and at a coarser one. Sides exceed the window's radius.
// `pause` is called now and then and may throw. The vector twin sums in an order that depends on the size only.
// [any thread]
information information_of(const picture_pair<uint8_t> &pair, const std::function<void()> &pause,
                           arithmetic choice);
information information_of(const picture_pair<double> &pair, int scale, const std::function<void()> &pause,
                           arithmetic choice);

// How many doubles of scratch `halve` needs.
inline size_t halving_scratch(int32_t width) { return static_cast<size_t>(width) + 64; }

// Makes the picture of `scale` from the one before, of width x height: filtered with the window of `scale`,
// every second sample from the first on, an odd last one dropped. `scratch` is aligned to 64. [any thread]
void halve(kernels::plane<uint8_t> source, int32_t width, int32_t height, int scale, double *scratch,
           kernels::target_plane<double> target, const std::function<void()> &pause, arithmetic choice);
void halve(kernels::plane<double> source, int32_t width, int32_t height, int scale, double *scratch,
           kernels::target_plane<double> target, const std::function<void()> &pause, arithmetic choice);

namespace scalar {

template <class T>
information information_of(const picture_pair<T> &pair, int scale, const std::function<void()> &pause);
template <class T>
void halve(kernels::plane<T> source, int32_t width, int32_t height, int scale, double *scratch,
           kernels::target_plane<double> target, const std::function<void()> &pause);

} // namespace scalar
} // namespace giflab::vif
