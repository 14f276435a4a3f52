#pragma once
// Pairs of pixels as pairs of colours, and where they repeat.

#include <array>
#include <giflab_kernels/plane.hpp>

namespace giflab::kernels {

// Up to 64 pixels in a row of two pictures.
struct pixel_pairs {
   static constexpr size_t most = 64;

   std::array<uint32_t, most + 1> first,
       second;         // as 0x00BBGGRR; the last and what is past `count` mean nothing
   uint64_t differing; // bit i: pixel i has two colours
   uint64_t ending;    // bit i: the next pixel has other colours, or there is none
};

// Of `count` pixels, 1 to 64, of R, G and B. Reads nothing past them. Either twin finds the same. [any thread]
void find_pairs(const uint8_t *first, const uint8_t *second, size_t count, pixel_pairs &found,
                arithmetic choice);

} // namespace giflab::kernels
