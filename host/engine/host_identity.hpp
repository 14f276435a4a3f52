#pragma once
// What the last bits of a value depend on besides files, plugins and settings.

#include <string>

namespace giflab::engine {

// This program (by the build id of its own file), the processor's model and abilities, by which code for
// vectors is chosen, and the shared libraries of the system (by when they were last registered with the
// loader). The same text means the same arithmetic.
const std::string &host_identity();

} // namespace giflab::engine
