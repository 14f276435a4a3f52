#pragma once
// giflab.processes/1: programs that plugins may run.

#include <giflab/plugin.h>

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace giflab::modules {

// The programs that plugins may run without anybody saying so: encoders of animations, and what they come with.
std::vector<std::string> known_programs();

// Who may be run, and within which limits.
struct process_policy {
   std::vector<std::string> allowed = known_programs(); // names
   std::map<std::string, std::string> places;           // by name, of those that PATH is not asked for
   std::chrono::milliseconds time_limit = std::chrono::minutes(5); // where the plugin names none
   std::size_t memory_limit = 0; // bytes, where the plugin names none; 0: no limit
};

const giflab_processes &processes_table();

} // namespace giflab::modules
