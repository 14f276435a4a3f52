#pragma once
// From folders, patterns and candidates to pairs of files.

#include "config/run_file.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace giflab::config {

struct input_pair {
   std::string reference, distorted; // usable from the current folder

   bool operator==(const input_pair &) const = default;
};

struct expanded_inputs {
   std::vector<input_pair> pairs;     // each once; by input, then by original, then by candidate
   std::vector<std::string> problems; // one sentence each; what else was found can be compared all the same
};

// Looks into the file system. The rules are in configs/README.md, "Inputs". Files named outright are taken
// unseen, so that whoever opens them can say what is wrong with them.
expanded_inputs expand_inputs(const std::string &folder, std::span<const run_input> inputs);

// Whether `a` comes before `b` as people count: frame2 before frame10. By bytes otherwise, in any locale.
bool natural_less(std::string_view a, std::string_view b);

// Whether a name without '/' fits a pattern of *, ? (one character) and [a-z], [!a-z] (one byte). A leading
// dot has to be written.
bool matches_pattern(std::string_view pattern, std::string_view name);

} // namespace giflab::config
