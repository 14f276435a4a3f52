#pragma once
// Texts in files that giflab writes for itself to read.

#include <string>
#include <string_view>

namespace giflab::results {

// A basic string of TOML, in quotes. Bytes that are no UTF-8 are beyond TOML and stay as they are.
std::string toml_text(std::string_view text);

} // namespace giflab::results
