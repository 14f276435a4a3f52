#pragma once
// Where two pictures of one size differ.

#include "media/picture.hpp"

namespace giflab::media {

// Pixels outside of `area` are known to be equal. Throws std::bad_alloc.
changes changes_between(const picture &before, const picture &after, const rectangle &area);
inline changes changes_between(const picture &before, const picture &after) {
   return changes_between(before, after, {0, 0, after.width, after.height});
}

// Which rows of an area differ, from top to bottom.
std::vector<int32_t> changed_rows(const picture &before, const picture &after, const rectangle &area);

// Is every pixel of an area opaque?
bool is_opaque(const picture &shown, const rectangle &area);

} // namespace giflab::media
