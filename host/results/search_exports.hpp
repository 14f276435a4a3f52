#pragma once
// What a search found, and the files that tell of it.

#include "results/gates.hpp"
#include "results/journal.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

namespace giflab::results {

// One value of a knob that was tried on one source.
struct search_trial {
   int64_t pipeline = 0;
   std::string value;            // of the knob; empty where there is none
   int64_t bytes = 0;            // of the file made; 0 if there is none
   std::vector<double> readings; // what each goal is about; NaN where it is absent
   bool meets = false;           // all goals
   std::string absence;          // why that is not known, and so counts as no
};

enum class search_outcome { found, unreachable, unavailable, failed };

std::string_view word_for(search_outcome value); // "found", ...

// One source along pipelines that differ in one knob.
struct search_row {
   int64_t source = 0;
   std::string ladder, knob;         // "gifsicle:lossy=*", "lossy"
   std::size_t values = 0;           // that the knob could have been set to
   std::vector<search_trial> trials; // the gentlest first
   search_outcome outcome = search_outcome::unreachable;
   std::optional<std::size_t> best; // of trials: the smallest that meets
   std::string reason;              // why there is none
   std::vector<std::string> notes;  // what was not monotone
   bool chosen = false;             // nothing smaller was found for this source
};

// search.csv, a line a trial, and search.jsonl, a document a row, in `folder`; each whole or as it was before.
// host/results/README.md says what is in them.
result<void> export_search(journal &from, std::span<const gate> goals, std::span<const search_row> rows,
                           const std::string &folder);

} // namespace giflab::results
