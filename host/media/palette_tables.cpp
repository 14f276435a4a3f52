#include "media/palette_tables.hpp"

#include "media/colour_math.hpp"

#include <cstring>

namespace giflab::media {

namespace {

colour_bytes bytes_of(uint32_t packed) {
   return {static_cast<uint8_t>(packed), static_cast<uint8_t>(packed >> 8), static_cast<uint8_t>(packed >> 16)};
}

uint32_t composited(uint32_t rgba, colour background) {
   const auto [red, green, blue] = bytes_of(rgba);
   const uint32_t alpha = rgba >> 24;
   return uint32_t{over(red, alpha, background.red)} | uint32_t{over(green, alpha, background.green)} << 8 |
          uint32_t{over(blue, alpha, background.blue)} << 16;
}

template <class Convert> void fill_three(const uint32_t *rgb, float (&table)[3][256], Convert convert) {
   for (std::size_t i = 0; i < 256; ++i) {
      const colour_floats made = convert(bytes_of(rgb[i]));
      for (std::size_t plane = 0; plane < 3; ++plane)
         table[plane][i] = made[plane];
   }
}

} // namespace

void fill_shown(const picture &source, colour background, uint32_t *colours) {
   const auto *palette = source.indexed()->palette.row<uint32_t>(0);
   for (std::size_t i = 0; i < 256; ++i)
      colours[i] = composited(palette[i], background);
}

void fill_tables(const picture &source, colour background, uint32_t mask, palette_tables &tables) {
   const auto *palette = source.indexed()->palette.row<uint32_t>(0);
   std::memcpy(tables.rgba, palette, sizeof tables.rgba);
   fill_shown(source, background, tables.rgb);
   if (mask & GIFLAB_BIT(GIFLAB_LUMA8))
      for (std::size_t i = 0; i < 256; ++i)
         tables.luma8[i] = luma8(bytes_of(tables.rgb[i]));
   if (mask & GIFLAB_BIT(GIFLAB_LUMA_F32))
      for (std::size_t i = 0; i < 256; ++i)
         tables.luma[i] = luma(bytes_of(tables.rgb[i]));
   if (mask & GIFLAB_BIT(GIFLAB_RGB_F32))
      fill_three(tables.rgb, tables.rgb_f32, by_channel{scaled_values()});
   if (mask & GIFLAB_BIT(GIFLAB_LINEAR_F32))
      fill_three(tables.rgb, tables.linear, by_channel{linear_values()});
   if (mask & GIFLAB_BIT(GIFLAB_XYB_F32))
      fill_three(tables.rgb, tables.xyb, xyb);
   if (mask & GIFLAB_BIT(GIFLAB_LAB_F32))
      fill_three(tables.rgb, tables.lab, lab);
}

} // namespace giflab::media
