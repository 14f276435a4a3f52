#include "regions.hpp"

#include "bytes.hpp"

#include <algorithm>

namespace giflab::classic {

block_sums::block_sums(byte_plane plane, int32_t side, pulse &beat)
    : side_(side), across_(static_cast<size_t>(plane.size.width / side)),
      blocks_(across_ * static_cast<size_t>(plane.size.height / side)) {
   const auto length = static_cast<size_t>(side), width = across_ * length;
   std::vector<uint64_t> plain(width / 8);
   std::vector<int32_t> squared(width / 2);
   for (int32_t block_y = 0; block_y < plane.size.height / side; ++block_y) {
      std::fill(plain.begin(), plain.end(), 0);
      std::fill(squared.begin(), squared.end(), 0);
      for (int32_t y = block_y * side; y < (block_y + 1) * side; ++y) {
         beat(plane.size.width / 4);
         add_short_sums(plane.row(y), width, plain.data(), squared.data());
      }
      sums *row = blocks_.data() + static_cast<size_t>(block_y) * across_;
      for (size_t x = 0; x < width; x += 2) {
         row[x / length].squared += squared[x / 2];
         if (x % 8 == 0)
            row[x / length].plain += static_cast<int64_t>(plain[x / 8]);
      }
   }
}

int64_t block_sums::scaled_variance(int32_t block_x, int32_t block_y) const {
   const sums *first = blocks_.data() + static_cast<size_t>(block_y) * across_ + static_cast<size_t>(block_x);
   const sums *second = first + across_;
   const int64_t plain = first[0].plain + first[1].plain + second[0].plain + second[1].plain;
   const int64_t squared = first[0].squared + first[1].squared + second[0].squared + second[1].squared;
   return window_samples() * squared - plain * plain;
}

std::vector<rectangle> flat_windows(byte_plane gray, int32_t side, int64_t variance_limit, pulse &beat) {
   const int32_t step = side / 2;
   const block_sums sums(gray, step, beat);
   const int64_t limit = variance_limit * sums.window_samples() * sums.window_samples();
   std::vector<rectangle> flat;
   for (int32_t y = 0; y < gray.size.height - side; y += step)
      for (int32_t x = 0; x < gray.size.width - side; x += step)
         if (sums.scaled_variance(x / step, y / step) < limit)
            flat.push_back({x, y, side, side});
   return flat;
}

namespace {

int64_t area(const rectangle &r) { return int64_t{r.width} * r.height; }

int64_t shared_area(const rectangle &a, const rectangle &b) {
   const int64_t width = std::min(a.right(), b.right()) - std::max(a.left, b.left);
   const int64_t height = std::min(a.bottom(), b.bottom()) - std::max(a.top, b.top);
   return width > 0 && height > 0 ? width * height : 0;
}

rectangle around(const rectangle &a, const rectangle &b) {
   const int32_t left = std::min(a.left, b.left), top = std::min(a.top, b.top);
   return {left, top, std::max(a.right(), b.right()) - left, std::max(a.bottom(), b.bottom()) - top};
}

} // namespace

std::vector<rectangle> joined(const std::vector<rectangle> &rectangles, double share, pulse &beat) {
   std::vector<rectangle> kept;
   for (const rectangle &next : rectangles) {
      beat(static_cast<int64_t>(kept.size()));
      const auto found = std::find_if(kept.begin(), kept.end(), [&](const rectangle &old) {
         return static_cast<double>(shared_area(old, next)) >
                share * static_cast<double>(std::min(area(old), area(next)));
      });
      if (found == kept.end())
         kept.push_back(next);
      else
         *found = around(*found, next);
   }
   return kept;
}

} // namespace giflab::classic
