#pragma once
// Local binary patterns: T. Ojala, M. Pietikainen, T. Maenpaa, "Multiresolution Gray-Scale and Rotation
// Invariant Texture Classification with Local Binary Patterns", IEEE Trans. PAMI 24(7), 2002.

#include <array>
#include <giflab_kernels/luma.hpp>

namespace giflab::structure {

// LBP of 8 neighbours on a circle of radius 1, uniform and rotation invariant: how many neighbours are at least
// as light as the pixel, or 9 where they do not stand in one run.
inline constexpr int texture_codes = 10;
using texture_histogram = std::array<uint64_t, texture_codes>;

// Counts of the codes of all pixels that have eight neighbours. The four neighbours between the axes are
// interpolated from the four pixels around them, exactly. At least 3x3. [any thread]
texture_histogram textures_of(const giflab_call &call, const kernels::luma_picture &picture);

} // namespace giflab::structure
