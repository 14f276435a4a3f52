#pragma once
// Which pipelines are worth keeping, class by class, and why the others are not.

#include "experiments/ranking.hpp"
#include "results/experiment_exports.hpp"
#include "results/findings.hpp"

namespace giflab::experiments {

struct eliminations {
   std::vector<results::elimination_row> rows; // over all classes, then of each in the order of the rules
   std::vector<std::string> notes;             // what of the rules could not be judged: not computed
};

// `quality` is that of the fronts.
result<eliminations> eliminate(results::journal &from, const results::rulebook &rules,
                               const std::vector<results::source_finding> &sources,
                               const results::reading &quality);

} // namespace giflab::experiments
