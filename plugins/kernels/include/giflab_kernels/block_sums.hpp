#pragma once
// How FSIM and MDSI shrink pictures before they look at them: means over blocks of F x F pixels, F about a
// 256th of the shorter side, so that a picture is judged as if seen from where all of it is in view.

#include <algorithm>
#include <giflab_kernels/plane.hpp>
#include <span>

namespace giflab::kernels {

// F = max(1, round(shorter side / 256)), halves rounded up.
inline int32_t block_side_for(int32_t width, int32_t height) {
   return static_cast<int32_t>(std::max<int64_t>(1, (std::min<int64_t>(width, height) + 128) / 256));
}

// Blocks along a side of `length` pixels.
inline int32_t blocks_along(int32_t length, int32_t block_side) {
   return length / block_side + (length % block_side != 0);
}

// How many uint16_t of scratch sum_blocks needs.
inline size_t block_scratch(int32_t width) { return 3 * static_cast<size_t>(width); }

// One row of blocks: sums[3 i + c] becomes the sum of channel c over block i of row `row` of blocks; divide by
// block_side^2 for the mean. Blocks stand as in MATLAB's conv2(picture, ones(F), 'same')(1:F:end, 1:F:end): the
// first begins (F - 1) / 2 pixels, rounded down, before the picture's edge, and pixels beyond edges count as 0.
// `sums` has 3 * blocks_along(width) elements, `scratch` has block_scratch(width). Sides of blocks are at most
// 257. [any thread]
void sum_blocks(plane<uint8_t> rgb, int32_t width, int32_t height, int32_t block_side, int32_t row,
                std::span<uint16_t> scratch, std::span<uint32_t> sums);

} // namespace giflab::kernels
