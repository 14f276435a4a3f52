#pragma once
// Patterns for file names, and the order in which people expect files. Both the same in any locale.

#include <string>
#include <string_view>

namespace giflab::config {

// Whether a text has any of the characters that a pattern gives a meaning.
bool has_wildcards(std::string_view pattern);

// Whether a name without '/' fits a pattern of *, ? (one character) and [a-z], [!a-z] (one byte). A leading
// dot has to be written.
bool matches_pattern(std::string_view pattern, std::string_view name);

// The pattern that fits `text` alone.
std::string escaped_pattern(std::string_view text);

// Whether `a` comes before `b` as people count: frame2 before frame10. By bytes otherwise.
bool natural_less(std::string_view a, std::string_view b);

} // namespace giflab::config
