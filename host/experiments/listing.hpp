#pragma once
// Pipelines that a run file lists one by one, as `giflab select` writes them.

#include "experiments/design.hpp"

namespace giflab::experiments {

struct listed_pipelines {
   slot_levels levels;              // what occurs in each slot, in the order of the list
   std::vector<combination> chosen; // in the order of the list, each once
};

// `most`: the first so many; the list may be a ranking.
listed_pipelines listed(const std::vector<config::run_pipeline> &pipelines, std::optional<std::size_t> most);

} // namespace giflab::experiments
