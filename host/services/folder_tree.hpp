#pragma once
// Folders as wholes. Links are never followed.

#include "error.hpp"

#include <cstdint>
#include <filesystem>

namespace giflab::services {

// Removes a folder and all that is in it, also where its permissions were taken away; what is not there is
// fine. On error the rest has been removed, as far as that goes.
result<void> remove_tree(const std::filesystem::path &folder);

// What the files in a folder and below take up on the disk, as far as they can be seen.
uint64_t bytes_in_tree(const std::filesystem::path &folder);

} // namespace giflab::services
