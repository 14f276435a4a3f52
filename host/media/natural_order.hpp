#pragma once
// The order in which people number files: frame2 before frame10.

#include <string_view>

namespace giflab::media {

// Runs of digits compare by value, everything else by byte; names equal in that sense compare by byte.
bool natural_less(std::string_view a, std::string_view b);

} // namespace giflab::media
