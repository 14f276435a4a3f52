#pragma once
// How much two pictures differ where they differ most.

#include <cstdint>
#include <functional>
#include <giflab_kernels/plane.hpp>
#include <vector>

namespace giflab::plugins {

// A picture kept for later: R, G, B, A bytes, rows without padding.
struct kept_picture {
   int32_t width = 0, height = 0;
   std::vector<uint8_t> pixels;

   const uint8_t *row(int32_t y) const {
      return pixels.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(width) * 4;
   }
};

// The largest root mean square difference of any block of 16x16 pixels (smaller at the right and the bottom),
// in levels of R, G and B weighted by alpha, and of alpha itself. 0 for pictures that look equal. A small thing
// that moves counts as much in a large picture as in a small one. `poll` is called before every row of blocks.
double largest_block_difference(const kept_picture &a, kernels::plane<uint8_t> b,
                                const std::function<void()> &poll);

} // namespace giflab::plugins
