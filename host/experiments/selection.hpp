#pragma once
// The best pipelines of a run, from what its journal holds.

#include "experiments/ranking.hpp"
#include "results/gates.hpp"

namespace giflab::experiments {

struct selection_wish {
   std::size_t top = 3;
   std::string by = "ratio";         // as yardstick_of reads it
   std::vector<results::gate> where; // which have to hold for every source
};

struct selected_pipeline {
   int64_t pipeline = 0;
   standing by, size;   // `size` as a share of the sources'
   std::string refusal; // why it may not be chosen, though it has a rank: a condition does not hold
};

struct selection {
   yardstick by;
   std::vector<std::string> sources; // paths of those that count
   std::vector<results::experiment_pipeline> pipelines;
   std::vector<selected_pipeline> best;   // the best first; more than were asked for where the last ones tie
   std::vector<selected_pipeline> others; // by number
};

// Pipelines that a condition excludes take nobody's place.
result<selection> select_pipelines(results::journal &from, const selection_wish &wish);

} // namespace giflab::experiments
