#pragma once
// The one place where programs are started: no shell, limits, and nothing left behind.

#include "error.hpp"
#include "services/cancellation.hpp"

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace giflab::services {

// What to run, and within which limits.
struct process_request {
   std::vector<std::string> argv;   // argv[0] is the program's absolute path; find_program() gives it
   std::filesystem::path directory; // where it runs; empty: where this process does
   // Set in addition to this process's own environment, or in place of what it has under the name.
   std::vector<std::pair<std::string, std::string>> environment;
   std::chrono::milliseconds deadline{0};   // from the start; 0: none
   std::chrono::milliseconds stall{0};      // the longest time without output; 0: any
   std::size_t memory_limit = 0;            // bytes of address space; 0: none
   const cancellation *cancelled = nullptr; // looked at every 10 ms; may be null
};

enum class process_end { exited, timed_out, stalled, cancelled };

// What became of it.
struct process_outcome {
   process_end end = process_end::exited;
   int exit_code = 0;  // 0 if a signal ended it
   int signal = 0;     // that ended it; 0 if it exited by itself
   std::string output; // the last 64 KiB of standard output and standard error, in their order
   std::chrono::microseconds wall{0}, cpu{0}; // cpu: of it, and of its children that it waited for
};

// Runs a program to its end. It gets a process group of its own, an empty standard input, no descriptor but
// the three standard ones, no core dumps and every signal at its default. At a limit or a wish to stop its
// group gets SIGTERM, and SIGKILL after half a second. When it ends, and also when this process does, however
// it does, all its descendants are killed, whatever their group and session, and reaped: none is left when
// this returns, and nothing in the background holds the call up. (One with another user's rights is out of
// reach; that is an error.) A program that ended, however it did, is an outcome; the error is for one that
// could not be started, and says why. Any thread; blocks.
result<process_outcome> run_process(const process_request &request);

// The absolute path of a program in the absolute folders of PATH; nothing if there is none, or if `name` is
// no bare name.
std::optional<std::filesystem::path> find_program(std::string_view name);

// "exited with 2", "was killed by signal 9 (Killed)", "took longer than its limit and was stopped", ...
std::string described(const process_outcome &outcome);

} // namespace giflab::services
