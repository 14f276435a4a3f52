#pragma once
// From the slots of a run file to the levels that each can take: lists and ranges multiply.

#include "config/run_file.hpp"
#include "error.hpp"

#include <array>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace giflab::experiments {

constexpr std::size_t slot_count = config::slot_names.size();

// One thing that a slot can hold.
struct level {
   std::string step;                // "gifsicle:lossy=40", as the engine reads it; "none" passes through
   std::vector<std::string> labels; // "gifsicle" and "gifsicle:lossy=40,*": what it has in common with others
   std::string where;               // in the run file
};

using slot_levels = std::array<std::vector<level>, slot_count>;

constexpr std::size_t most_pipelines = 1'000'000;

// Every combination of the values of a step is a level, in the order of the file; the parameter that comes last
// by name changes fastest. A level that is there already counts once; a slot without any is passed through.
// `is_available` says of a step's name whether its tool is here, and is asked only where something stands
// ready instead. An error where slots give more than most_pipelines.
result<slot_levels> levels_of(const config::run_pipelines &pipelines,
                              const std::function<bool(const std::string &)> &is_available);

} // namespace giflab::experiments
