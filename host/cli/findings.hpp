#pragma once
// What `run` makes of a finished run: fronts, classes, statuses, eliminations; and how it tells of them.

#include "cli/workshop.hpp"
#include "experiments/experiment.hpp"
#include "results/experiment_exports.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace giflab::cli {

struct run_findings {
   results::experiment_findings all;
   std::map<std::pair<int64_t, int64_t>, results::validation_status> statuses; // by source and pipeline
   std::vector<std::string> unjudged; // rules that no cell was judged by
   std::vector<std::string> notes;    // what of the rules of elimination could not be judged
};

// The decisions that a run goes by: of --decisions, else of the run file, else those that are built in.
result<results::rulebook> rules_of(const std::string &option, const config::run_file &file);

// The metrics that classes need. Of the built-in rules, what no plugin here computes is left out, and tells so
// where a source is classified; a file that names one is refused.
result<std::vector<engine::planned_metric>> features_for(const results::rulebook &rules,
                                                         opened_workshop &workshop);

result<run_findings> findings_of(const experiments::experiment &of, const results::rulebook &rules,
                                 results::journal &in);

// Lines for classes, statuses and eliminations.
std::string summary_of(const run_findings &found);

// "PASS"; for all sources together "5 PASS, 1 ERROR".
std::string status_of(const run_findings &found, std::optional<int64_t> source, int64_t pipeline);

} // namespace giflab::cli
