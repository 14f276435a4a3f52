#pragma once
// A search in words: what a run file asks for, and what was found.

#include "config/run_file.hpp"
#include "experiments/search.hpp"

#include <string>
#include <vector>

namespace giflab::cli {

// An error where goals or knobs mean nothing in this run.
result<experiments::search_plan> plan_search(const config::run_search &written,
                                             const experiments::experiment &work);

std::size_t most_trials(const experiments::search_plan &plan, std::size_t sources);

// "2 sources x 3 knobs to turn: at most 66 trials of 1206 cells\n"
std::string search_estimate(const experiments::search_plan &plan, const experiments::experiment &work);

// A table of answers, and what is to be said of each source.
std::string search_tables(const experiments::search_plan &plan, const experiments::experiment &work,
                          const std::vector<results::search_row> &rows);

// Whether some source has no answer though its goal could be judged.
bool misses_goal(const std::vector<results::search_row> &rows);

} // namespace giflab::cli
