#pragma once
// What the indices of an indexed image look like.

#include <cstring>
#include <giflab_kernels/images.hpp>
#include <vector>

namespace giflab::kernels {

// The 256 colours of an image that has INDEX8, over the background, as 0x00BBGGRR.
inline const uint32_t *shown_palette(const giflab_image &image) {
   return plane_of<uint32_t>(image, GIFLAB_INDEX8, 2).row(0);
}

// Runs of R, G, B bytes of an image that has RGB8 or INDEX8: as they lie there, or looked up.
class rgb_runs {
 public:
   // Of at most `most` pixels.
   rgb_runs(const giflab_image &image, int32_t most)
       : image_(image), looked_up_(image.views[GIFLAB_RGB8] ? 0 : 3 * static_cast<size_t>(most) + 1) {}

   // Pixels [x, x + count) of row y, until the next call.
   const uint8_t *operator()(int32_t x, int32_t y, int32_t count) {
      if (looked_up_.empty())
         return plane_of<uint8_t>(image_, GIFLAB_RGB8).row(y) + ptrdiff_t{3} * x;
      const uint8_t *indices = plane_of<uint8_t>(image_, GIFLAB_INDEX8).row(y) + x;
      const uint32_t *colours = shown_palette(image_);
      // Four bytes at a time, of which the next pixel overwrites the last.
      uint8_t *to = looked_up_.data();
      for (int32_t i = 0; i < count; ++i, to += 3)
         std::memcpy(to, &colours[indices[i]], 4);
      return looked_up_.data();
   }

 private:
   const giflab_image &image_;
   std::vector<uint8_t> looked_up_;
};

} // namespace giflab::kernels
