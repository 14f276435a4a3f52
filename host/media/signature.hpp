#pragma once
// A picture in 768 bytes, to tell moments of a clip apart without keeping the clip.

#include "media/picture.hpp"

#include <array>

namespace giflab::media {

// Mean R, G, B over white of 16x16 cells, each from at most 8x8 evenly spaced pixels.
struct signature {
   static constexpr int32_t cells = 16; // across and down
   static constexpr int32_t samples = 8;
   static constexpr int32_t size = cells * cells * 3;

   std::array<uint8_t, size> means{};
};

signature signature_of(const picture &shown);

// The same, where that of the picture before it in its file is known: only cells in which something changed are
// looked at.
signature signature_of(const picture &shown, const signature &before);

// Sum of absolute differences: signature::size means one level of 255 on average.
uint32_t distance(const signature &a, const signature &b);

// `better` is at most half of `worse`, and at least two levels of 255 below it on average. Dithering and
// coding noise stay within that.
bool clearly_better(uint32_t better, uint32_t worse);

} // namespace giflab::media
