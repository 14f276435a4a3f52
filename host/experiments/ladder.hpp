#pragma once
// Pipelines that differ in one knob alone.

#include "error.hpp"
#include "results/journal.hpp"

#include <string>
#include <vector>

namespace giflab::experiments {

struct ladder {
   std::string text;                   // "palette:colours=64 + gifsicle:lossy=*"
   std::string knob;                   // "lossy"; empty where the pipeline has none and is alone
   std::vector<std::size_t> pipelines; // their numbers from 0, in their order
   std::vector<std::string> values;    // of the knob, one a pipeline
};

// PARAMETER or STEP.PARAMETER, and where it was written.
struct knob_name {
   std::string text, where;
};

// In the order of their first pipelines. An error where a knob is no parameter of any pipeline, a pipeline has
// two of them, or values are no numbers or neither rise nor fall.
result<std::vector<ladder>> ladders_of(const std::vector<results::experiment_pipeline> &pipelines,
                                       const std::vector<knob_name> &knobs);

} // namespace giflab::experiments
