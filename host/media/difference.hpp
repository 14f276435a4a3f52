#pragma once
// Where two pictures of one size differ.

#include "media/picture.hpp"

namespace giflab::media {

struct difference {
   changes changed;
   std::vector<int32_t> rows; // that differ, from top to bottom
};

// Pixels outside of `area` are known to be equal. Throws std::bad_alloc.
difference difference_between(const picture &before, const picture &after, const rectangle &area);

inline changes changes_between(const picture &before, const picture &after) {
   return difference_between(before, after, {0, 0, after.width, after.height}).changed;
}

// Runs of squares that are set, of a picture of this size, row by row. The squares are as in giflab_image.
std::vector<rectangle> areas_of(std::span<const uint8_t> squares, int32_t width, int32_t height);

// Are pixels of two pictures the same where their indices are, and only there? So it is where one palette grew
// out of the other.
bool indices_tell(const picture &a, const picture &b);

// Is every pixel of an area opaque?
bool is_opaque(const picture &shown, const rectangle &area);

} // namespace giflab::media
