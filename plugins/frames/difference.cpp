#include "difference.hpp"

#include <algorithm>
#include <cmath>

namespace giflab::plugins {

namespace {

constexpr int32_t block = 16;

int32_t weighted(const uint8_t *pixel, int channel) {
   return channel == 3 ? pixel[3] : (pixel[channel] * pixel[3] + 127) / 255;
}

int64_t squared_difference(const uint8_t *a, const uint8_t *b) {
   int64_t sum = 0;
   for (int channel = 0; channel < 4; ++channel) {
      const int64_t d = weighted(a, channel) - weighted(b, channel);
      sum += d * d;
   }
   return sum;
}

} // namespace

double largest_block_difference(const kept_picture &a, kernels::plane<uint8_t> b,
                                const std::function<void()> &poll) {
   double largest = 0;
   for (int32_t top = 0; top < a.height; top += block) {
      poll();
      const int32_t bottom = std::min(top + block, a.height);
      for (int32_t left = 0; left < a.width; left += block) {
         const int32_t right = std::min(left + block, a.width);
         int64_t sum = 0;
         for (int32_t y = top; y < bottom; ++y)
            for (int32_t x = left; x < right; ++x)
               sum += squared_difference(a.row(y) + 4 * x, b.row(y) + 4 * x);
         const int64_t samples = int64_t{3} * (right - left) * (bottom - top);
         largest = std::max(largest, static_cast<double>(sum) / static_cast<double>(samples));
      }
   }
   return std::sqrt(largest);
}

} // namespace giflab::plugins
