#include "enlarge.hpp"

#include <algorithm>
#include <cmath>

namespace giflab::ocr {

namespace {

// Where sample `at` of the enlarged side lies among `count` samples: the one before it, the one behind, and how
// far.
struct between {
   int32_t before, behind;
   double share;

   between(int32_t at, int times, int32_t count) {
      const double place = std::clamp((at + 0.5) / times - 0.5, 0.0, count - 1.0);
      before = static_cast<int32_t>(place);
      behind = std::min(before + 1, count - 1);
      share = place - before;
   }
   double of(const uint8_t *row) const { return row[before] + share * (row[behind] - row[before]); }
};

} // namespace

int enlargement(int32_t width, int32_t height) {
   const int32_t side = std::max(width, height);
   return side <= 400 ? 3 : side <= 1400 ? 2 : 1;
}

void enlarge(kernels::plane<uint8_t> from, int32_t width, int32_t height, int times, uint8_t *to) {
   for (int32_t y = 0; y < height * times; ++y) {
      const between rows(y, times, height);
      for (int32_t x = 0; x < width * times; ++x) {
         const between columns(x, times, width);
         const double above = columns.of(from.row(rows.before)), below = columns.of(from.row(rows.behind));
         *to++ = static_cast<uint8_t>(std::lround(above + rows.share * (below - above)));
      }
   }
}

} // namespace giflab::ocr
