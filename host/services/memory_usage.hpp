#pragma once
// How much memory a process and its children hold, and how much there may be.

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace giflab::services {

// What is held out of what there may be, in bytes. A limit of 0: there is none.
struct memory_reading {
   std::size_t used = 0, limit = 0;

   double share() const { return limit ? static_cast<double>(used) / static_cast<double>(limit) : 0; }
};

// Where the kernel tells of processes and control groups; tests name others. All functions: any thread. What
// cannot be read counts as 0: no use and no limit.
struct memory_sources {
   std::filesystem::path processes = "/proc", groups = "/sys/fs/cgroup";
};

// Resident bytes of a process and everything below it (programs, workers); pages that they share count for
// each. Needs a kernel with /proc/PID/task/TID/children; without, the process alone is counted.
std::size_t resident_bytes_of_tree(int process, const memory_sources &from = {});

// Resident bytes of this process alone.
std::size_t resident_bytes(const memory_sources &from = {});

// The tightest control group around this process, of either version: what it holds without the file pages that
// the kernel drops first, and its limit.
memory_reading control_group_memory(const memory_sources &from = {});

// The whole machine: what is not available, out of all there is.
memory_reading machine_memory(const memory_sources &from = {});

} // namespace giflab::services
