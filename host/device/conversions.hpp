#pragma once
// From what went up to the device to the forms that plugins take: the bodies of the device's kernels, which
// the processor's compiler knows too.

#include "media/colour_formulas.hpp"
#include "media/palette_tables.hpp"

#include <cstddef>
#include <cstdint>

namespace giflab::device {

// The planes of the wanted forms of one picture; null where a form is not wanted. All planes with so many
// bytes a pixel have one stride, with room for the row's width rounded up to 4 pixels.
struct wanted_planes {
   uint32_t *rgba8;
   uint8_t *rgb8, *luma8;
   float *luma;
   float *rgb_f32[3], *linear[3], *xyb[3], *lab[3];
   std::size_t stride_of_1, stride_of_3, stride_of_4;
   int32_t width, height;
};

// By byte: what media/colour_math.hpp calls scaled, linear and exact linear.
struct byte_tables {
   float scaled[256], linear[256];
   double exact_linear[256];
};

struct background_bytes {
   uint8_t red, green, blue;
};

namespace detail {

struct alignas(4) four_bytes {
   uint8_t at[4];
};
struct alignas(16) four_words {
   uint32_t at[4];
};
struct alignas(16) four_floats {
   float at[4];
};

template <class T> GIFLAB_ON_BOTH inline T *row_of(T *plane, std::size_t stride, int32_t y) {
   return reinterpret_cast<T *>(reinterpret_cast<char *>(plane) + static_cast<std::size_t>(y) * stride);
}

template <class T> GIFLAB_ON_BOTH inline const T *row_of(const T *plane, std::size_t stride, int32_t y) {
   return reinterpret_cast<const T *>(reinterpret_cast<const char *>(plane) +
                                      static_cast<std::size_t>(y) * stride);
}

GIFLAB_ON_BOTH inline void look_up_four(const four_bytes &indices, const float *table, float *to) {
   *reinterpret_cast<four_floats *>(to) = {
       {table[indices.at[0]], table[indices.at[1]], table[indices.at[2]], table[indices.at[3]]}};
}

GIFLAB_ON_BOTH inline void look_up_three(const four_bytes &indices, const float (&tables)[3][256],
                                         float *const (&to)[3], std::size_t stride, int32_t x, int32_t y) {
   if (!to[0])
      return;
   look_up_four(indices, tables[0], row_of(to[0], stride, y) + x);
   look_up_four(indices, tables[1], row_of(to[1], stride, y) + x);
   look_up_four(indices, tables[2], row_of(to[2], stride, y) + x);
}

// Four colours of three bytes fill three words.
GIFLAB_ON_BOTH inline void look_up_rgb8(const four_bytes &indices, const uint32_t *colours, uint8_t *to) {
   const uint32_t first = colours[indices.at[0]], second = colours[indices.at[1]];
   const uint32_t third = colours[indices.at[2]], fourth = colours[indices.at[3]];
   auto *words = reinterpret_cast<uint32_t *>(to);
   words[0] = first | second << 24;
   words[1] = second >> 8 | third << 16;
   words[2] = third >> 16 | fourth << 8;
}

GIFLAB_ON_BOTH inline void store_three(const media::three_floats &values, float *const (&to)[3],
                                       std::size_t stride, int32_t x, int32_t y) {
   row_of(to[0], stride, y)[x] = values.at[0];
   row_of(to[1], stride, y)[x] = values.at[1];
   row_of(to[2], stride, y)[x] = values.at[2];
}

} // namespace detail

// Pixels x to x + 3 of row y by their indices; x is a multiple of 4. What lies behind the row's last pixel is
// read and written along: rows have room for it.
GIFLAB_ON_BOTH inline void expand_four(const uint8_t *indices, const media::palette_tables &tables,
                                       const wanted_planes &to, int32_t x, int32_t y) {
   using namespace detail;
   const four_bytes found = *reinterpret_cast<const four_bytes *>(row_of(indices, to.stride_of_1, y) + x);
   if (to.rgba8)
      *reinterpret_cast<four_words *>(row_of(to.rgba8, to.stride_of_4, y) +
                                      x) = {{tables.rgba[found.at[0]], tables.rgba[found.at[1]],
                                             tables.rgba[found.at[2]], tables.rgba[found.at[3]]}};
   if (to.rgb8)
      look_up_rgb8(found, tables.rgb, row_of(to.rgb8, to.stride_of_3, y) + 3 * static_cast<std::size_t>(x));
   if (to.luma8)
      *reinterpret_cast<four_bytes *>(row_of(to.luma8, to.stride_of_1, y) +
                                      x) = {{tables.luma8[found.at[0]], tables.luma8[found.at[1]],
                                             tables.luma8[found.at[2]], tables.luma8[found.at[3]]}};
   if (to.luma)
      look_up_four(found, tables.luma, row_of(to.luma, to.stride_of_4, y) + x);
   look_up_three(found, tables.rgb_f32, to.rgb_f32, to.stride_of_4, x, y);
   look_up_three(found, tables.linear, to.linear, to.stride_of_4, x, y);
   look_up_three(found, tables.xyb, to.xyb, to.stride_of_4, x, y);
   look_up_three(found, tables.lab, to.lab, to.stride_of_4, x, y);
}

// Pixel x of row y by its colour; to.rgba8 is not written. `bias` is media::xyb_bias, and `root_of_bias` its
// cube root as this side computes it.
GIFLAB_ON_BOTH inline void convert_one(const uint32_t *rgba, const byte_tables &tables,
                                       const background_bytes &under, const wanted_planes &to, double bias,
                                       double root_of_bias, int32_t x, int32_t y) {
   using namespace detail;
   const uint32_t pixel = row_of(rgba, to.stride_of_4, y)[x], alpha = pixel >> 24;
   const uint8_t red = media::over(pixel & 255, alpha, under.red);
   const uint8_t green = media::over(pixel >> 8 & 255, alpha, under.green);
   const uint8_t blue = media::over(pixel >> 16 & 255, alpha, under.blue);
   if (to.rgb8) {
      uint8_t *rgb = row_of(to.rgb8, to.stride_of_3, y) + 3 * static_cast<std::size_t>(x);
      rgb[0] = red;
      rgb[1] = green;
      rgb[2] = blue;
   }
   if (to.luma8)
      row_of(to.luma8, to.stride_of_1, y)[x] = media::luma8(red, green, blue);
   if (to.luma)
      row_of(to.luma, to.stride_of_4, y)[x] = media::luma(red, green, blue);
   if (to.rgb_f32[0])
      store_three({{tables.scaled[red], tables.scaled[green], tables.scaled[blue]}}, to.rgb_f32, to.stride_of_4,
                  x, y);
   if (to.linear[0])
      store_three({{tables.linear[red], tables.linear[green], tables.linear[blue]}}, to.linear, to.stride_of_4,
                  x, y);
   const media::linear_colour linear = {tables.exact_linear[red], tables.exact_linear[green],
                                        tables.exact_linear[blue]};
   if (to.xyb[0])
      store_three(media::xyb_of(linear, bias, root_of_bias), to.xyb, to.stride_of_4, x, y);
   if (to.lab[0])
      store_three(media::lab_of(linear), to.lab, to.stride_of_4, x, y);
}

// How many times four pixels a row has.
GIFLAB_ON_BOTH inline uint32_t fours_of(int32_t width) { return (static_cast<uint32_t>(width) + 3) / 4; }

} // namespace giflab::device
