#pragma once
// What changed in a pair against the pair before it: the rectangles that the host tells, and within them only
// the cells whose samples really differ. Two blinking corners change two cells, not the rectangle around them.

#include <algorithm>
#include <cstring>
#include <giflab_kernels/images.hpp>
#include <vector>

namespace giflab::kernels {

// Pixels or samples [x, x + width) of rows [y, y + height).
struct area {
   int32_t x, y, width, height;
};

// Squares of pixels over two pictures of one size, each changed or not.
class changed_cells {
 public:
   static constexpr int32_t side = 16;

   changed_cells(int32_t width, int32_t height)
       : width_(width), height_(height), across_((width + side - 1) / side), down_((height + side - 1) / side),
         changed_(static_cast<size_t>(across_) * static_cast<size_t>(down_)) {}

   // Adds the cells in which a plane of `representation`, `bytes` a pixel, differs from that of the image
   // before.
   // Looks for cancellation now and then.
   void add(const giflab_call &call, const giflab_image &image, uint32_t representation, int32_t bytes) {
      const auto now = plane_of<uint8_t>(image, representation);
      const auto before = plane_of<uint8_t>(*image.previous, representation);
      for (int32_t y = image.changed_y; y < image.changed_y + image.changed_height; ++y) {
         if (y % side == 0)
            stop_if_cancelled(call);
         for (int32_t x = image.changed_x / side * side; x < image.changed_x + image.changed_width; x += side) {
            uint8_t &cell = at(x / side, y / side);
            const auto count = static_cast<size_t>(std::min(side, width_ - x) * bytes);
            const auto first = static_cast<size_t>(x) * static_cast<size_t>(bytes);
            cell = cell || differ(now.row(y) + first, before.row(y) + first, count);
         }
      }
   }
   void add(const giflab_call &call, const giflab_pair &pair, uint32_t representation, int32_t bytes) {
      add(call, *pair.reference, representation, bytes);
      add(call, *pair.distorted, representation, bytes);
   }

   // Is a cell changed that has a pixel of this area? What lies beyond the pictures counts for nothing.
   bool touch(const area &pixels) const {
      const int32_t right = std::min(pixels.x + pixels.width, width_) - 1;
      const int32_t bottom = std::min(pixels.y + pixels.height, height_) - 1;
      for (int32_t y = std::max(pixels.y, 0) / side; y <= bottom / side; ++y)
         for (int32_t x = std::max(pixels.x, 0) / side; x <= right / side; ++x)
            if (changed_[index(x, y)])
               return true;
      return false;
   }

   // Is so much changed that to begin anew costs less than to take out what was there and put in what is?
   bool mostly() const {
      return 3 * static_cast<size_t>(std::count(changed_.begin(), changed_.end(), uint8_t{1})) >
             changed_.size();
   }

   // Calls body(area) for the pixels of changed cells, a run of cells in a row of them at a time. Looks for
   // cancellation before each row.
   template <class Body> void for_each_run(const giflab_call &call, Body &&body) const {
      for (int32_t y = 0; y < down_; ++y) {
         stop_if_cancelled(call);
         for (int32_t x = 0, end = 0; x < across_; x = end + 1) {
            for (end = x; end < across_ && changed_[index(end, y)]; ++end) {
            }
            if (end > x)
               body(area{x * side, y * side, std::min(end * side, width_) - x * side,
                         std::min(side, height_ - y * side)});
         }
      }
   }

 private:
   // A call of memcmp for so few bytes costs more than what it does.
   static bool differ(const uint8_t *a, const uint8_t *b, size_t count) {
      size_t at = 0;
      uint64_t different = 0;
      for (; at + 8 <= count; at += 8) {
         uint64_t p, q;
         std::memcpy(&p, a + at, 8);
         std::memcpy(&q, b + at, 8);
         different |= p ^ q;
      }
      for (; at < count; ++at)
         different |= a[at] ^ b[at];
      return different != 0;
   }

   size_t index(int32_t x, int32_t y) const {
      return static_cast<size_t>(y) * static_cast<size_t>(across_) + static_cast<size_t>(x);
   }
   uint8_t &at(int32_t x, int32_t y) { return changed_[index(x, y)]; }

   int32_t width_, height_, across_, down_;
   std::vector<uint8_t> changed_;
};

} // namespace giflab::kernels
