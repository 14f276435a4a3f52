#pragma once
// What the indices of an indexed image look like.

#include <array>
#include <cstring>
#include <giflab_kernels/images.hpp>
#include <optional>

namespace giflab::kernels {

// R, G, B as 0x00BBGGRR.
inline uint32_t packed_colour_at(const uint8_t *rgb) {
   return rgb[0] | static_cast<uint32_t>(rgb[1]) << 8 | static_cast<uint32_t>(rgb[2]) << 16;
}

// Of an image that has INDEX8 and RGB8. An opaque entry looks as the palette says; what the host composites is
// not in the palette, and is looked up where a pixel has it.
class shown_palette {
 public:
   static constexpr size_t size = 256;

   explicit shown_palette(const giflab_image &image)
       : image_(image), rgba_(plane_of<uint8_t>(image, GIFLAB_INDEX8, 1).row(0)) {}

   // As 0x00BBGGRR. None if the entry is not opaque and no pixel has the index.
   std::optional<uint32_t> operator[](size_t index) {
      if (!known_[index]) {
         const uint8_t *entry = rgba_ + 4 * index;
         colours_[index] = entry[3] == 255 ? packed_colour_at(entry) : on_show(static_cast<uint8_t>(index));
         known_[index] = true;
      }
      return colours_[index];
   }

 private:
   std::optional<uint32_t> on_show(uint8_t index) const {
      const auto indices = plane_of<uint8_t>(image_, GIFLAB_INDEX8),
                 rgb = plane_of<uint8_t>(image_, GIFLAB_RGB8);
      for (int32_t y = 0; y < image_.height; ++y) {
         const uint8_t *row = indices.row(y);
         if (const void *found = std::memchr(row, index, static_cast<size_t>(image_.width)))
            return packed_colour_at(rgb.row(y) + 3 * (static_cast<const uint8_t *>(found) - row));
      }
      return {};
   }

   const giflab_image &image_;
   const uint8_t *rgba_;
   std::array<std::optional<uint32_t>, size> colours_;
   std::array<bool, size> known_ = {};
};

} // namespace giflab::kernels
