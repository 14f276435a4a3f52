#pragma once
// From a file to the table that it exports.

#include "error.hpp"

#include <giflab/plugin.h>

#include <string>

namespace giflab::modules {

// Loads a module for the rest of the process and gives its entry table, as yet unchecked. The error says why
// the file is no module. `path` is absolute. Runs what the library runs as it is loaded, and nothing else of
// it.
result<const giflab_module *> open_module_file(const std::string &path);

} // namespace giflab::modules
