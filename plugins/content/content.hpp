#pragma once
// What a picture is made of, without another one beside it. All count integers, so that the bits depend on the
// pixels alone, and throw giflab::failure(GIFLAB_CANCELLED). [any thread]

#include <giflab_kernels/luma.hpp>

namespace giflab::content {

using rgb_plane = kernels::plane<uint8_t>; // R, G, B bytes

// How many colours a picture has. `room`: colour_room() for it; what was in it does not matter.
int64_t distinct_colours(const giflab_call &call, const rgb_plane &pixels, int32_t width, int32_t height,
                         std::span<uint64_t> room);

// In units of 8 bytes: 4 bytes a pixel, but for large pictures a bit for every colour that there is.
std::size_t colour_room(int32_t width, int32_t height);

// How many pixels differ between two pictures of one size.
int64_t differing_pixels(const giflab_call &call, const rgb_plane &now, const rgb_plane &before, int32_t width,
                         int32_t height);

// Side of the blocks that surfaces are told by.
inline constexpr int32_t block = 8;

// Blocks of 8x8 from the top left corner on; what is left at the right and at the bottom is not looked at.
struct surface_counts {
   int64_t flat = 0;     // luma within 2 levels
   int64_t sloping = 0;  // else, within 3 levels (root mean square) of a plane
   int64_t drawn = 0;    // else, at most 4 colours
   int64_t textured = 0; // the rest

   int64_t all() const { return flat + sloping + drawn + textured; }
};

// At least 8x8.
surface_counts surfaces(const giflab_call &call, const kernels::luma_picture &luma, const rgb_plane &pixels);

} // namespace giflab::content
