#pragma once
// A file as bytes. Read whole instead of mapped: a mapped file that somebody shortens kills the process.

#include "error.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace giflab::media {

// The bytes of a regular file that is not empty and not larger than `max_bytes`. Errors name the file, the
// reason and what to do.
result<std::vector<uint8_t>> file_bytes(const std::string &path, int64_t max_bytes);

} // namespace giflab::media
