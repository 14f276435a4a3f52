#pragma once
// What the process that tests has open and runs.

#include "folder_entries.hpp"

#include <sys/wait.h>

namespace giflab::tests {

// With that of the folder which tells of them.
inline std::size_t open_descriptors() { return entries_of("/proc/self/fd"); }

inline std::size_t running_threads() { return entries_of("/proc/self/task"); }

// Also such as ended and wait to be asked for.
inline bool has_children() { return waitid(P_ALL, 0, nullptr, WEXITED | WNOHANG | WNOWAIT) == 0; }

} // namespace giflab::tests
