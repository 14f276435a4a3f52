#pragma once
// What changed in a pair against the pair before it: the squares that the host tells. Two blinking corners
// change two squares, not the rectangle around them.

#include <algorithm>
#include <giflab_kernels/images.hpp>
#include <vector>

namespace giflab::kernels {

// Pixels or samples [x, x + width) of rows [y, y + height).
struct area {
   int32_t x, y, width, height;
};

// Squares of pixels over the pictures of one size, each changed or not.
class changed_cells {
 public:
   static constexpr int32_t side = GIFLAB_CHANGED_SIDE;

   explicit changed_cells(const giflab_image &image) : changed_cells(image.width, image.height) { add(image); }
   explicit changed_cells(const giflab_pair &pair) : changed_cells(*pair.reference) { add(*pair.distorted); }

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
   changed_cells(int32_t width, int32_t height)
       : width_(width), height_(height), across_((width + side - 1) / side), down_((height + side - 1) / side),
         changed_(static_cast<size_t>(across_) * static_cast<size_t>(down_)) {}

   void add(const giflab_image &image) {
      if (image.changed_squares) {
         for (size_t i = 0; i < changed_.size(); ++i)
            changed_[i] |= image.changed_squares[i];
         return;
      }
      if (image.changed_width == 0 || image.changed_height == 0)
         return;
      for (int32_t y = image.changed_y / side * side; y < image.changed_y + image.changed_height; y += side)
         for (int32_t x = image.changed_x / side * side; x < image.changed_x + image.changed_width; x += side)
            changed_[index(x / side, y / side)] = 1;
   }

   size_t index(int32_t x, int32_t y) const {
      return static_cast<size_t>(y) * static_cast<size_t>(across_) + static_cast<size_t>(x);
   }

   int32_t width_, height_, across_, down_;
   std::vector<uint8_t> changed_;
};

} // namespace giflab::kernels
