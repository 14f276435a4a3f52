#pragma once
// All checks over one module file, and the report.

#include "error.hpp"
#include "services/cancellation.hpp"
#include "validator/check.hpp"

#include <functional>
#include <string>
#include <vector>

namespace giflab::validator {

struct validation_options {
   std::vector<std::string> only; // ids of checks; empty = all
   uint64_t seed = 1;
   std::chrono::seconds fuzz_time{0};
   std::size_t at_once = 1; // processes
   bool in_process = false; // run the checks here, for a debugger: what crashes them crashes giflab
   std::vector<std::string> model_folders;
};

// One line of the report.
struct checked {
   const check *what;
   std::string plugin; // empty for checks of the file
   finding found;
   std::chrono::milliseconds wall{0};
};

struct validation {
   std::string path;
   uint64_t seed = 1;
   std::vector<std::string> plugins; // ids
   std::vector<checked> lines;       // file first, then plugin by plugin, each in the order of the checks

   std::size_t count(verdict of) const;
   bool passed() const { return count(verdict::fail) == 0; }
};

// The checks of these ids, in their order; all if there are none. The error names the nearest known id.
result<std::vector<const check *>> wanted_checks(const std::vector<std::string> &only);

// Validates one file. `on_line` hears each line as soon as it and all before it are known. An error means that
// nothing could be checked at all (or that it was cancelled). The process must have one thread only. [main]
result<validation> validate(const std::string &path, const validation_options &options,
                            const services::cancellation &cancelled,
                            const std::function<void(const checked &)> &on_line);

} // namespace giflab::validator
