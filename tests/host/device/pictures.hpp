#pragma once
// Pictures for devices, made up: indexed ones with a few transparent colours, and full-colour ones.

#include "media/picture.hpp"

#include <algorithm>
#include <cstring>
#include <memory>

namespace giflab::tests {

inline services::block_pool &picture_pool() {
   static services::block_pool pool(std::size_t{64} << 20);
   return pool;
}

// A number as good as random, and always the same for the same place.
inline uint32_t scrambled(uint32_t x, uint32_t y, uint32_t seed) {
   uint32_t value = x * 0x9E3779B9u ^ (y + 1) * 0x85EBCA6Bu ^ (seed + 1) * 0xC2B2AE35u;
   value ^= value >> 15;
   value *= 0x2C1B3C6Du;
   return value ^ value >> 13;
}

// 0xAABBGGRR, some transparent, one half so.
inline uint32_t palette_colour(uint32_t i, uint32_t seed) {
   const uint32_t colour = scrambled(i, 77, seed) & 0xFFFFFF;
   return i == 0 ? 0 : (i == 9 ? 0x80000000u | colour : 0xFF000000u | colour);
}

inline void fill_from_indices(media::picture &made) {
   for (int32_t y = 0; y < made.height; ++y)
      for (int32_t x = 0; x < made.width; ++x)
         made.rgba().row<uint32_t>(y)[x] =
             made.indexed()->palette.row<uint32_t>(0)[made.indexed()->indices.row<uint8_t>(y)[x]];
}

inline std::shared_ptr<media::picture> blank_picture(int32_t width, int32_t height) {
   auto made = std::make_shared<media::picture>();
   made->width = width;
   made->height = height;
   made->changed = {{0, 0, width, height}, {}};
   made->give(media::make_plane(picture_pool(), static_cast<std::size_t>(width) * 4, height));
   return made;
}

inline std::shared_ptr<media::picture> indexed_picture(int32_t width, int32_t height, uint32_t seed) {
   auto made = blank_picture(width, height);
   made->give(media::indexed_pixels{media::make_plane(picture_pool(), static_cast<std::size_t>(width), height),
                                    media::make_plane(picture_pool(), 1024, 1)},
              picture_pool());
   for (uint32_t i = 0; i < 256; ++i)
      made->indexed()->palette.row<uint32_t>(0)[i] = palette_colour(i, seed);
   for (int32_t y = 0; y < height; ++y)
      for (int32_t x = 0; x < width; ++x)
         made->indexed()->indices.row<uint8_t>(y)[x] =
             static_cast<uint8_t>(scrambled(static_cast<uint32_t>(x), static_cast<uint32_t>(y), seed));
   fill_from_indices(*made);
   return made;
}

// `before` with other pixels in a rectangle.
inline std::shared_ptr<media::picture> repainted(const media::picture &before, const media::rectangle &area) {
   auto made = indexed_picture(before.width, before.height, 0);
   std::memcpy(made->indexed()->palette.row<uint32_t>(0), before.indexed()->palette.row<uint32_t>(0), 1024);
   for (int32_t y = 0; y < before.height; ++y)
      std::copy_n(before.indexed()->indices.row<uint8_t>(y), before.width,
                  made->indexed()->indices.row<uint8_t>(y));
   for (int32_t y = area.y; y < area.y + area.height; ++y)
      for (int32_t x = area.x; x < area.x + area.width; ++x)
         made->indexed()->indices.row<uint8_t>(y)[x] ^= 0x5A;
   fill_from_indices(*made);
   made->index = before.index + 1;
   made->changed = {area, {}};
   return made;
}

inline std::shared_ptr<media::picture> full_colour_picture(int32_t width, int32_t height, uint32_t seed) {
   auto made = blank_picture(width, height);
   for (int32_t y = 0; y < height; ++y)
      for (int32_t x = 0; x < width; ++x) {
         const uint32_t colour = scrambled(static_cast<uint32_t>(x), static_cast<uint32_t>(y), seed);
         made->rgba().row<uint32_t>(y)[x] = x % 3 ? colour | 0xFF000000u : colour;
      }
   return made;
}

} // namespace giflab::tests
