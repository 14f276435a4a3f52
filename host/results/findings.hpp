#pragma once
// What is said of a run's sources and results once they are measured.

#include "results/journal.hpp"
#include "results/source_origin.hpp"
#include "results/validation.hpp"

#include <optional>
#include <vector>

namespace giflab::results {

struct source_finding {
   source_origin origin;
   content_class content;
   comparison found; // of the source with itself, and its facts
};

// Of every source, in their order. One that was not examined yet is unclassified, and says so.
result<std::vector<source_finding>> source_findings(journal &from, const rulebook &rules);

// A cell's comparison with its facts: what conditions and limits speak of.
comparison with_facts(const experiment_cell &cell, const source_finding &source,
                      const experiment_pipeline &pipeline);

// UNKNOWN where there is no result.
validation validate(const rulebook &rules, const experiment_cell &cell, const source_finding &source,
                    const experiment_pipeline &pipeline);

} // namespace giflab::results
