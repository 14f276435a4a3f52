#include "scalar.hpp"

#include <algorithm>

namespace giflab::kernels::scalar {
namespace {

struct picture {
   plane<uint8_t> samples;
   int32_t width, height;
};

int at(const picture &source, int32_t x, int32_t y) {
   const bool inside = x >= 0 && y >= 0 && x < source.width && y < source.height;
   return inside ? source.samples.row(y)[x] : 0;
}

// Sample of the halved picture, four times its value; 0 beyond it.
int halved_at(const picture &source, int32_t x, int32_t y) {
   if (x < 0 || y < 0)
      return 0;
   return at(source, 2 * x, 2 * y) + at(source, 2 * x + 1, 2 * y) + at(source, 2 * x, 2 * y + 1) +
          at(source, 2 * x + 1, 2 * y + 1);
}

double squared_gradient_at(const picture &source, int32_t x, int32_t y) {
   int across = 0, down = 0;
   for (int32_t i = -1; i <= 1; ++i) {
      across += halved_at(source, x + 1, y + i) - halved_at(source, x - 1, y + i);
      down += halved_at(source, x + i, y + 1) - halved_at(source, x + i, y - 1);
   }
   return across * across + down * down;
}

} // namespace

void sum_gmsd(plane<uint8_t> a, plane<uint8_t> b, const gmsd_tiling &tiling, const gmsd_tile_run &run,
              gmsd_sums *sums) {
   const picture first = {a, tiling.width, tiling.height}, second = {b, tiling.width, tiling.height};
   const int32_t left = run.column * tiling.tile_width;
   const int32_t right = std::min(left + tiling.tile_width, tiling.columns());
   for (int32_t tile = 0; tile < run.count; ++tile) {
      const int32_t top = (run.first + tile) * tiling.tile_height;
      sums[tile] = {};
      for (int32_t y = top; y < std::min(top + tiling.tile_height, tiling.rows()); ++y)
         for (int32_t x = left; x < right; ++x) {
            const double d =
                gradient_dissimilarity(squared_gradient_at(first, x, y), squared_gradient_at(second, x, y));
            sums[tile].dissimilarity += d;
            sums[tile].squared += d * d;
         }
   }
}

} // namespace giflab::kernels::scalar
