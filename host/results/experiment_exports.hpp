#pragma once
// The files that an experiment ends in. host/results/README.md says what is in each.

#include "results/journal.hpp"

#include <optional>
#include <span>

namespace giflab::results {

// One pipeline among the others, for one source or for all.
struct front_row {
   std::optional<int64_t> source; // none: for all sources together
   int64_t pipeline = 0;
   double size = statistics::none, quality = statistics::none; // of the source's bytes, 0.4; or both none
   std::optional<int64_t> dominated_by;                        // a pipeline on the front
   std::string reason;                                         // why it is not on the front

   bool on_front() const { return reason.empty(); }
};

// results.csv, results.jsonl, results.sqlite and pareto.csv in `folder`, each whole or as it was before. The
// same journal gives the same bytes: nothing in them tells of times.
result<void> export_experiment(journal &from, std::span<const front_row> fronts, const std::string &quality,
                               const std::string &folder);

} // namespace giflab::results
