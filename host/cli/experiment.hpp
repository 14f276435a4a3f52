#pragma once
// `giflab run` with a file that has pipelines.

#include "cli/comparing.hpp"

#include <optional>
#include <string>
#include <vector>

namespace giflab::cli {

struct experiment_options {
   std::vector<std::string> inputs; // of --input, relative to the current folder; besides those of the file
   std::string output;              // of --output; empty: numbered folders in runs/
   std::string decisions;           // of --decisions; empty: what the file says, or those that are built in
   std::optional<std::size_t> max_pipelines;
   bool estimate = false, resume = false;

   bool any() const {
      return !inputs.empty() || !output.empty() || !decisions.empty() || max_pipelines || estimate || resume;
   }
};

// Gives the exit code.
result<int> run_experiment(const comparing_options &comparing, const experiment_options &options,
                           const config::run_file &file);

} // namespace giflab::cli
