#pragma once
// From folders, patterns and candidates to pairs of files.

#include "config/run_file.hpp"

#include <span>
#include <string>
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

struct expanded_sources {
   std::vector<std::string> files;    // usable from the current folder, each once
   std::vector<std::string> problems; // as above
};

// The same for [[sources]]: files, all picture files of folders, and patterns.
expanded_sources expand_sources(const std::string &folder, std::span<const run_source> sources);

} // namespace giflab::config
