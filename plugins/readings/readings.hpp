#pragma once
// What can be read off one picture without another beside it. All take luma bytes, sum integers (so that the
// bits depend on the pixels alone) and throw giflab::failure(GIFLAB_CANCELLED). [any thread]

#include <giflab_kernels/luma.hpp>

namespace giflab::readings {

// Side of the blocks whose grid `blockiness` looks for.
inline constexpr int32_t block = 8;
// `blur` compares means of this many pixels in a row.
inline constexpr int32_t blur_reach = 9;

// SI of ITU-T P.910: standard deviation of the Sobel gradient's magnitude over all pixels that have eight
// neighbours; 0 or more, in levels times 8. At least 3x3.
double spatial_information(const giflab_call &call, const kernels::luma_picture &picture);

// TI of ITU-T P.910: standard deviation over all pixels of the difference from the picture before, in levels.
double temporal_information(const giflab_call &call, const kernels::luma_picture &picture,
                            const kernels::luma_picture &before);

// How much larger steps between neighbours are on the grid of 8x8 blocks that begins at the top left corner
// than off it, in levels: B - A of Wang, Sheikh and Bovik, ICIP 2002. At least 9x9.
double blockiness(const giflab_call &call, const kernels::luma_picture &picture);

// How little of the steps between neighbours more blur would take away: 0 sharp to 1 blurred; NaN where there
// are no steps. Crete, Dolmiere, Ladret and Nicolas, SPIE 6492, 2007. At least 10x10.
double blur(const giflab_call &call, const kernels::luma_picture &picture);

// The standard deviation of white noise that would explain what a mask blind to planes and to straight upright
// edges sees, in levels. Immerkaer, CVIU 64(2), 1996. At least 3x3.
double noise(const giflab_call &call, const kernels::luma_picture &picture);

} // namespace giflab::readings
