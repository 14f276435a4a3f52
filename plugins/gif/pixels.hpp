#pragma once
// What a GIF can show of a picture: every pixel has a colour, or none.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <giflab_kernels/quantisation.hpp>
#include <vector>

namespace giflab::plugins {

// A colour with 255 in the highest byte, or 0 where a pixel is transparent.
using pixel = uint32_t;

constexpr pixel transparent = 0;
constexpr uint8_t least_opaque_alpha = 128; // GIF knows no half

inline pixel pixel_of(const uint8_t *rgba) {
   return rgba[3] < least_opaque_alpha ? transparent
                                       : 0xFF000000u | kernels::packed({rgba[0], rgba[1], rgba[2]});
}

struct area {
   int32_t left = 0, top = 0, right = 0, bottom = 0; // the last two lie outside

   bool empty() const { return right <= left || bottom <= top; }
   int32_t width() const { return right - left; }
   int32_t height() const { return bottom - top; }
   void take_in(int32_t x, int32_t y) {
      *this = empty()
                  ? area{x, y, x + 1, y + 1}
                  : area{std::min(left, x), std::min(top, y), std::max(right, x + 1), std::max(bottom, y + 1)};
   }
   void take_in(const area &other) {
      if (!other.empty()) {
         take_in(other.left, other.top);
         take_in(other.right - 1, other.bottom - 1);
      }
   }
};

struct canvas {
   int32_t width = 0, height = 0;
   std::vector<pixel> pixels;

   canvas() = default;
   canvas(int32_t w, int32_t h)
       : width(w), height(h), pixels(static_cast<std::size_t>(w) * static_cast<std::size_t>(h), transparent) {}
   pixel *row(int32_t y) {
      return pixels.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(width);
   }
   const pixel *row(int32_t y) const {
      return pixels.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(width);
   }
};

} // namespace giflab::plugins
