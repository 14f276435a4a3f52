#pragma once
// Checks in processes of their own: whatever a plugin does there, the validator goes on.

#include "error.hpp"
#include "services/cancellation.hpp"
#include "validator/check.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace giflab::validator {

// One thing to do in a process of its own; its result is a text.
struct isolated_job {
   std::function<std::string()> work;
   std::chrono::milliseconds limit{30'000}; // without the time in which it was ready and had no processor
};

// How a job's process ended.
struct isolated_outcome {
   bool finished = false; // `text` is what work() returned
   bool timed_out = false;
   bool garbled = false; // it came to its end, and something else was written to where its result goes
   int exit_code = 0;    // if it ended by itself without a result
   int signal = 0;       // if a signal ended it
   std::string doing;    // what it was doing then; may be empty
   int place = 0;        // fault_place of a fatal access
   uint64_t address = 0; // of it
   std::string text;
   std::string output; // the end of what it wrote to standard output and error
   std::chrono::milliseconds wall{0};
};

// Runs the jobs, at most `at_once` at a time, each forked into a process group of its own that is killed whole
// when its time is up or its leader has ended. `done(i, outcome)` is called in this process as each ends, in
// any order. The calling process must have one thread only. Stops early, killing what runs, when cancelled.
// Throws std::system_error if the machine has no more processes or descriptors.
// [main]
void run_isolated(const std::vector<isolated_job> &jobs, std::size_t at_once,
                  const services::cancellation &cancelled,
                  const std::function<void(std::size_t, const isolated_outcome &)> &done);

} // namespace giflab::validator
