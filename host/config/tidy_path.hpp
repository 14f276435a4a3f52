#pragma once

#include <filesystem>
#include <string>

namespace giflab::config {

// The same place without "." and "..", unless a symbolic link on the way makes that another place.
std::string tidy_path(const std::filesystem::path &path);

} // namespace giflab::config
