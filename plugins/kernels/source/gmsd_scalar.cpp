#include "scalar.hpp"

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

void add_gmsd(plane<uint8_t> a, plane<uint8_t> b, int32_t width, int32_t height, int32_t first_row,
              int32_t rows, gmsd_sums &sums) {
   const picture first = {a, width, height}, second = {b, width, height};
   for (int32_t y = first_row; y < first_row + rows; ++y)
      for (int32_t x = 0; x < gmsd_halved(width); ++x) {
         const double d =
             gradient_dissimilarity(squared_gradient_at(first, x, y), squared_gradient_at(second, x, y));
         sums.dissimilarity += d;
         sums.squared += d * d;
      }
}

} // namespace giflab::kernels::scalar
