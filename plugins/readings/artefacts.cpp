// Blocks, blur and noise.

#include "readings.hpp"

#include <cmath>
#include <cstdlib>

namespace giflab::readings {

using namespace kernels;

namespace {

// ---- Blocks

struct steps {
   int64_t on_grid = 0, all = 0; // sums of absolute steps
};

// Of the steps from each pixel to the one before it in its row.
steps steps_along(const giflab_call &call, const luma_picture &picture) {
   steps sums;
   for_each_row(call, picture.width, 0, picture.height, [&](int32_t y) {
      const uint8_t *row = picture.row(y);
      for (int32_t x = 1; x < picture.width; ++x)
         sums.all += std::abs(row[x] - row[x - 1]);
      for (int32_t x = block; x < picture.width; x += block)
         sums.on_grid += std::abs(row[x] - row[x - 1]);
   });
   return sums;
}

// Of the steps from each pixel to the one above it.
steps steps_down(const giflab_call &call, const luma_picture &picture) {
   steps sums;
   for_each_row(call, picture.width, 1, picture.height, [&](int32_t y) {
      const uint8_t *row = picture.row(y), *above = picture.row(y - 1);
      int64_t sum = 0;
      for (int32_t x = 0; x < picture.width; ++x)
         sum += std::abs(row[x] - above[x]);
      sums.all += sum;
      if (y % block == 0)
         sums.on_grid += sum;
   });
   return sums;
}

// B - A of one direction; `length` is the picture's in that direction, `lines` how many there are beside.
double excess_on_grid(const steps &sums, int32_t length, int32_t lines) {
   const double borders = (length - 1) / block, inside = length - 1 - borders;
   return (static_cast<double>(sums.on_grid) / borders -
           static_cast<double>(sums.all - sums.on_grid) / inside) /
          lines;
}

// ---- Blur

constexpr int32_t half_reach = blur_reach / 2;

// Sums over steps, in ninths of a level.
struct variation {
   int64_t there = 0; // |step|
   int64_t lost = 0;  // what of it a mean of nine would take away

   // Means of nine around neighbours differ by the two ends alone.
   void add(int step, int difference_of_ends) {
      const int size = blur_reach * std::abs(step);
      there += size;
      lost += std::max(0, size - std::abs(difference_of_ends));
   }
   double kept() const {
      return there == 0 ? NAN : static_cast<double>(there - lost) / static_cast<double>(there);
   }
};

variation variation_along(const giflab_call &call, const luma_picture &picture) {
   variation sums;
   for_each_row(call, picture.width, 0, picture.height, [&](int32_t y) {
      const uint8_t *row = picture.row(y);
      for (int32_t x = half_reach + 1; x < picture.width - half_reach; ++x)
         sums.add(row[x] - row[x - 1], row[x + half_reach] - row[x - 1 - half_reach]);
   });
   return sums;
}

variation variation_down(const giflab_call &call, const luma_picture &picture) {
   variation sums;
   for_each_row(call, picture.width, half_reach + 1, picture.height - half_reach, [&](int32_t y) {
      const uint8_t *row = picture.row(y), *above = picture.row(y - 1);
      const uint8_t *first = picture.row(y - 1 - half_reach), *last = picture.row(y + half_reach);
      for (int32_t x = 0; x < picture.width; ++x)
         sums.add(row[x] - above[x], last[x] - first[x]);
   });
   return sums;
}

} // namespace

double blockiness(const giflab_call &call, const luma_picture &picture) {
   const double across = excess_on_grid(steps_along(call, picture), picture.width, picture.height);
   const double down = excess_on_grid(steps_down(call, picture), picture.height, picture.width);
   return (across + down) / 2;
}

double blur(const giflab_call &call, const luma_picture &picture) {
   // fmax takes the other where one direction has no steps at all.
   return std::fmax(variation_along(call, picture).kept(), variation_down(call, picture).kept());
}

double noise(const giflab_call &call, const luma_picture &picture) {
   int64_t sum = 0;
   for_each_row(call, picture.width, 1, picture.height - 1, [&](int32_t y) {
      const uint8_t *above = picture.row(y - 1), *here = picture.row(y), *below = picture.row(y + 1);
      for (int32_t x = 1; x < picture.width - 1; ++x)
         sum += std::abs(above[x - 1] - 2 * above[x] + above[x + 1] - 2 * here[x - 1] + 4 * here[x] -
                         2 * here[x + 1] + below[x - 1] - 2 * below[x] + below[x + 1]);
   });
   const double count = (picture.width - 2.0) * (picture.height - 2.0);
   const double root_of_half_pi = 1.2533141373155002512;
   return root_of_half_pi * static_cast<double>(sum) / (6 * count);
}

} // namespace giflab::readings
