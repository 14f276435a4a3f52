#pragma once
// A guard for the TOML parser, which bounds how deep values nest but not how deep a dotted key does, and takes
// its tables down by recursion: a.a.a.a... of a megabyte would end in a stack overflow.

#include <string_view>

namespace giflab::config {

// The line (from 1) that first has more than `most` dots outside of texts and comments; 0 if none has.
int line_with_too_many_dots(std::string_view toml, int most);

} // namespace giflab::config
