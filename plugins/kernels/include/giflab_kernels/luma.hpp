#pragma once
// The luma of one picture, with its size.

#include <giflab_kernels/images.hpp>

namespace giflab::kernels {

struct luma_picture {
   plane<uint8_t> samples;
   int32_t width, height;

   const uint8_t *row(int32_t y) const { return samples.row(y); }
   double pixels() const { return static_cast<double>(width) * height; }
};

// Of an image whose plugin declared LUMA8.
inline luma_picture luma_of(const giflab_image &image) {
   return {plane_of<uint8_t>(image, GIFLAB_LUMA8), image.width, image.height};
}

// Calls body(y) for y in [first, end), and looks for cancellation every 2^17 pixels: well under 10 ms of plain
// code.
template <class Body>
void for_each_row(const giflab_call &call, int32_t width, int32_t first, int32_t end, Body &&body) {
   for_each_band(call, width, end - first, 1 << 17, [&](int32_t begin, int32_t rows) {
      for (int32_t y = first + begin; y < first + begin + rows; ++y)
         body(y);
   });
}

} // namespace giflab::kernels
