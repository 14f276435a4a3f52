#pragma once
// Budget search: of each source the smallest result that meets goals.

#include "experiments/experiment.hpp"
#include "experiments/ladder.hpp"
#include "results/search_exports.hpp"

#include <functional>
#include <vector>

namespace giflab::experiments {

struct search_plan {
   std::vector<ladder> ladders;
   std::vector<results::gate> goals; // all of which must hold
   std::size_t neighbours = 2;
};

// Runs cells that are not in the journal yet, writes each down there, and tells of it, from one thread at a
// time.
using cell_batch = std::function<result<void>(const std::vector<cell_place> &cells, const cell_listener &told)>;

// Bisects every ladder for every source, all of them side by side, a batch of trials at a time; what the
// journal holds is not tried again. Which cells are tried depends on their values alone. Rows come by source,
// then by ladder.
result<std::vector<results::search_row>> search(const experiment &of, const search_plan &plan,
                                                results::journal &journal, const cell_batch &run);

} // namespace giflab::experiments
