#pragma once
// Which pipelines of all that the slots give are run.

#include "experiments/expansion.hpp"

#include <cstdint>
#include <optional>

namespace giflab::experiments {

// A level of each slot, by number.
using combination = std::array<std::size_t, slot_count>;

struct sampling {
   config::pipeline_design design = config::pipeline_design::full;
   uint64_t seed = 1;
   std::optional<std::size_t> size; // of the file's `most`
   std::optional<std::size_t> cap;  // of --max-pipelines
};

// Distinct combinations in the order of the whole product. Whatever the design and the number, each level of a
// slot is among them as often as every other of that slot, or once more or less. The same arguments give the
// same combinations on any machine.
//
//   full        all
//   stratified  `size` of them, else 15 %: also the tools, their parameters and pairs of levels as evenly as
//               can be had by taking the next best each time
//   fraction    a fraction of a factorial design, a Latin square: each pair of levels of two slots occurs, as
//               often as every other pair or once more or less where sizes divide
//   quick       as few as can be with every level
//   random      `size` of them, else 15 %: evenly for levels alone, the rest by chance
//
// Of a design with more than `size` or `cap` as many are taken, as stratified takes them.
std::vector<combination> sampled(const slot_levels &levels, const sampling &how);

} // namespace giflab::experiments
