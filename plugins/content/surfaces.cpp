// What blocks of a picture are: flat, sloping, drawn or textured.

#include "content.hpp"

#include <array>
#include <limits>

namespace giflab::content {

using namespace kernels;

namespace {

constexpr int flat_range = 2;
constexpr double slope_deviation = 3; // a dither or an edge of more is no slope
constexpr std::size_t drawn_colours = 4;

constexpr int64_t samples = int64_t{block} * block;
constexpr int64_t squared_distances = 1344; // of doubled distances from the middle: 8 * 2 * (1 + 9 + 25 + 49)

struct block_sums {
   int least = std::numeric_limits<int>::max(), most = 0;
   int64_t sum = 0, squares = 0;
   int64_t across = 0, down = 0; // weighted by doubled distances from the middle

   // Of squared distances from the plane that fits best, times the number of samples.
   double deviation() const {
      const auto slopes = static_cast<double>(across * across + down * down) / squared_distances;
      const auto spread = static_cast<double>(squares * samples - sum * sum) / samples;
      return (spread - slopes) / samples;
   }
};

block_sums sums_of(const luma_picture &luma, int32_t left, int32_t top) {
   block_sums all;
   for (int32_t y = 0; y < block; ++y) {
      const uint8_t *row = luma.row(top + y) + left;
      for (int32_t x = 0; x < block; ++x) {
         const int value = row[x];
         all.least = std::min(all.least, value);
         all.most = std::max(all.most, value);
         all.sum += value;
         all.squares += value * value;
         all.across += value * (2 * x - block + 1);
         all.down += value * (2 * y - block + 1);
      }
   }
   return all;
}

bool has_few_colours(const rgb_plane &pixels, int32_t left, int32_t top) {
   std::array<uint32_t, drawn_colours> known{};
   std::size_t count = 0;
   for (int32_t y = 0; y < block; ++y) {
      const uint8_t *pixel = pixels.row(top + y) + 3 * left;
      for (int32_t x = 0; x < block; ++x, pixel += 3) {
         const uint32_t colour = pixel[0] | uint32_t{pixel[1]} << 8 | uint32_t{pixel[2]} << 16;
         const auto end = known.begin() + static_cast<std::ptrdiff_t>(count);
         if (std::find(known.begin(), end, colour) != end)
            continue;
         if (count == known.size())
            return false;
         known[count++] = colour;
      }
   }
   return true;
}

} // namespace

surface_counts surfaces(const giflab_call &call, const luma_picture &luma, const rgb_plane &pixels) {
   surface_counts counts;
   for_each_row(call, luma.width * block, 0, luma.height / block, [&](int32_t row) {
      for (int32_t left = 0; left + block <= luma.width; left += block) {
         const block_sums sums = sums_of(luma, left, row * block);
         if (sums.most - sums.least <= flat_range)
            ++counts.flat;
         else if (sums.deviation() <= slope_deviation * slope_deviation)
            ++counts.sloping;
         else
            ++(has_few_colours(pixels, left, row * block) ? counts.drawn : counts.textured);
      }
   });
   return counts;
}

} // namespace giflab::content
