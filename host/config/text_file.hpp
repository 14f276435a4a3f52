#pragma once
// Text files that people write: run files, formula files.

#include "error.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace giflab::config {

constexpr std::size_t longest_text_file = std::size_t{1} << 20; // bytes

// The whole text of a file that a person wrote. Refuses folders, pipes and devices (opening a pipe could block
// for ever), and what is longer than longest_text_file. `kind` is "a run file".
result<std::string> read_text_file(const std::string &path, std::string_view kind);

} // namespace giflab::config
