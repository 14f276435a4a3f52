#pragma once
// How much is in a folder.

#include <cstddef>
#include <filesystem>
#include <iterator>

namespace giflab::tests {

// Hidden ones too, and not those of folders in it.
inline std::size_t entries_of(const std::filesystem::path &folder) {
   return static_cast<std::size_t>(
       std::distance(std::filesystem::directory_iterator(folder), std::filesystem::directory_iterator()));
}

} // namespace giflab::tests
