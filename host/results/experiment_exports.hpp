#pragma once
// The files that an experiment ends in. host/results/README.md says what is in each.

#include "results/findings.hpp"

#include <optional>

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

enum class verdict_on_pipeline { kept, eliminated, not_judged };

std::string_view word_for(verdict_on_pipeline value); // "kept", "eliminated", "not judged"

// Whether one pipeline is worth keeping, for the sources of one class or for all.
struct elimination_row {
   std::string content_class; // empty: over all classes
   int64_t pipeline = 0, sources = 0;
   double size = statistics::none, quality = statistics::none; // means over the sources of a class
   verdict_on_pipeline verdict = verdict_on_pipeline::not_judged;
   std::string reason;
};

// What is not in the journal, but comes of it.
struct experiment_findings {
   rulebook rules;
   std::vector<source_finding> sources; // all of them
   std::vector<front_row> fronts;
   std::vector<elimination_row> eliminations;
   std::string quality; // the metric of the fronts
};

// results.csv, results.jsonl, results.sqlite, sources.csv, validation.csv, elimination.csv and pareto.csv in
// `folder`, each whole or as it was before. The same journal gives the same bytes: nothing in them tells of
// times.
result<void> export_experiment(journal &from, const experiment_findings &found, const std::string &folder);

} // namespace giflab::results
