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

// Is every pixel of an area opaque?
bool is_opaque(const picture &shown, const rectangle &area);

} // namespace giflab::media
