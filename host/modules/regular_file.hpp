#pragma once
// Files before they are opened.

#include "error.hpp"

#include <string>

namespace giflab::modules {

// Turns away what is there and is no regular file, after links: opening a named pipe waits for a writer for
// ever.
result<void> check_is_file(const std::string &path);

} // namespace giflab::modules
