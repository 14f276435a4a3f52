#pragma once
// Whether a text has some words in it.

#include <string_view>

namespace giflab::tests {

inline bool contains(std::string_view text, std::string_view part) {
   return text.find(part) != std::string_view::npos;
}

} // namespace giflab::tests
