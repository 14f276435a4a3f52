#pragma once
// Where two planes of pixels differ.

#include "media/picture.hpp"

namespace giflab::media {

// The smallest rectangle inside `area` that holds every differing pixel of two RGBA8 planes; 0x0 if none.
rectangle differing(const pixel_plane &before, const pixel_plane &after, const rectangle &area);

// Every pixel of an RGBA8 plane inside `area` is opaque.
bool is_opaque(const pixel_plane &rgba, const rectangle &area);

} // namespace giflab::media
