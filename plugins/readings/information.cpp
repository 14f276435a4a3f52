// Spatial and temporal information, ITU-T P.910.

#include "readings.hpp"

#include <cmath>

namespace giflab::readings {

using namespace kernels;

namespace {

int squared_sobel(const uint8_t *above, const uint8_t *here, const uint8_t *below, int32_t x) {
   const int across =
       above[x + 1] + 2 * here[x + 1] + below[x + 1] - above[x - 1] - 2 * here[x - 1] - below[x - 1];
   const int down = below[x - 1] + 2 * below[x] + below[x + 1] - above[x - 1] - 2 * above[x] - above[x + 1];
   return across * across + down * down;
}

} // namespace

double spatial_information(const giflab_call &call, const luma_picture &picture) {
   // Deviations from a magnitude that occurs keep what is alike everywhere at exactly 0.
   const double typical = std::sqrt(squared_sobel(picture.row(0), picture.row(1), picture.row(2), 1));
   double sum = 0, squared = 0;
   for_each_row(call, picture.width, 1, picture.height - 1, [&](int32_t y) {
      for (int32_t x = 1; x < picture.width - 1; ++x) {
         const double deviation =
             std::sqrt(squared_sobel(picture.row(y - 1), picture.row(y), picture.row(y + 1), x)) - typical;
         sum += deviation;
         squared += deviation * deviation;
      }
   });
   const double count = (picture.width - 2.0) * (picture.height - 2.0);
   const double mean = sum / count;
   return std::sqrt(std::max(0.0, squared / count - mean * mean));
}

double temporal_information(const giflab_call &call, const luma_picture &picture, const luma_picture &before) {
   int64_t sum = 0, squared = 0;
   for_each_row(call, picture.width, 0, picture.height, [&](int32_t y) {
      const uint8_t *now = picture.row(y), *then = before.row(y);
      for (int32_t x = 0; x < picture.width; ++x) {
         const int difference = now[x] - then[x];
         sum += difference;
         squared += difference * difference;
      }
   });
   const double mean = static_cast<double>(sum) / picture.pixels();
   return std::sqrt(std::max(0.0, static_cast<double>(squared) / picture.pixels() - mean * mean));
}

} // namespace giflab::readings
