#pragma once
// --profile and --trace: where the time of a command went.

#include "error.hpp"
#include "services/profile.hpp"

#include <CLI/App.hpp>

#include <functional>
#include <memory>
#include <string>

namespace giflab::cli {

struct profiling_options {
   bool table = false;
   std::string trace; // empty: none
   // What to note times in, as long as the command runs; null if nobody asked.
   std::shared_ptr<services::profile> into;
};

void add_profiling_options(CLI::App &command, profiling_options &options);

// Runs a command, noting times if that is asked for, and tells them behind it: as a table on standard error, as
// Chrome trace events in a file. They are told of a command that failed too.
result<int> profiled(profiling_options &options, const std::function<result<int>()> &command);

} // namespace giflab::cli
