#pragma once
// Names and values that others chose, made safe to show. File names are bytes: they may hold anything.

#include <string>
#include <string_view>

namespace giflab::config {

// The same text as valid UTF-8: every byte that is not part of a character becomes \xNN.
std::string valid_utf8(std::string_view text);

// As valid_utf8, and control characters become \xNN too, so that a terminal shows them and obeys none.
std::string printable(std::string_view text);

// As printable, but lines stay lines: for what fills a page.
std::string printable_lines(std::string_view text);

// A text of more bytes than `most` cut with "..." after its last whole character within them.
std::string cut_short(std::string_view text, std::size_t most);

// As printable, in double quotes, and cut with "..." after 100 characters: for error sentences.
std::string in_quotes(std::string_view text);

} // namespace giflab::config
