#pragma once
// Pairs of pixels as pairs of colours, and where they repeat.

#include <giflab_kernels/plane.hpp>

namespace giflab::kernels {

// Pixels in a row of two pictures; bit i is about pixel i.
struct pixel_pairs {
   static constexpr size_t most = 64;

   uint64_t differing; // it has two colours
   uint64_t ending;    // the next pixel has other colours, or there is none
};

// Of `count` pixels, 1 to pixel_pairs::most, of R, G and B. Their colours go to `colours1` and `colours2`, as
// 0x00BBGGRR; one more of each is overwritten. Reads nothing past the pixels. Either twin finds the same.
// [any thread]
pixel_pairs find_pairs(const uint8_t *first, const uint8_t *second, size_t count, uint32_t *colours1,
                       uint32_t *colours2, arithmetic choice);

} // namespace giflab::kernels
