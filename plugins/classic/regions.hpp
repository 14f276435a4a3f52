#pragma once
// Flat windows of a picture, and rectangles that are joined.

#include "clip.hpp"
#include "work.hpp"

#include <vector>

namespace giflab::classic {

struct rectangle {
   int32_t left = 0, top = 0, width = 0, height = 0;

   int32_t right() const { return left + width; }
   int32_t bottom() const { return top + height; }
   bool operator==(const rectangle &) const = default;
};

// Sums over blocks of side x side samples, side a multiple of 8; what does not fill a block is left out.
class block_sums {
 public:
   block_sums(byte_plane plane, int32_t side, pulse &beat);

   // Of the window of 2 x 2 blocks whose first is at these blocks: n^2 times the population variance, in whole
   // numbers.
   int64_t scaled_variance(int32_t block_x, int32_t block_y) const;
   int64_t window_samples() const { return 4 * int64_t{side_} * side_; }

 private:
   struct sums {
      int64_t plain = 0, squared = 0;
   };
   int32_t side_;
   size_t across_;
   std::vector<sums> blocks_;
};

// Windows of side x side at every half side whose variance is below the limit, row by row. One that would touch
// the right or the lower edge is not looked at.
std::vector<rectangle> flat_windows(byte_plane gray, int32_t side, int64_t variance_limit, pulse &beat);

// Each rectangle joins the first of those kept so far that shares more than `share` of the smaller one's area
// with it; both give way to the box around them.
std::vector<rectangle> joined(const std::vector<rectangle> &rectangles, double share, pulse &beat);

} // namespace giflab::classic
