#pragma once
// Was level 3 right? What it found beside what every metric of every pair says.

#include "results/comparison.hpp"
#include "results/gates.hpp"

#include <span>
#include <string>
#include <vector>

namespace giflab::engine {

// How what level 3 found agrees with what every metric of every pair says.
struct progressive_agreement {
   int64_t comparisons = 0, other_verdicts = 0;     // whether any gate fails
   int64_t gates = 0, other_gates = 0, unasked = 0; // single gates; `unasked`: their value was skipped
   int64_t intervals = 0, missed = 0;               // of pooled values; missed: the true value lies outside
   int64_t whole_values = 0, other_values = 0;      // that were measured whole, and differ by a bit or more

   std::vector<std::string> differences; // a sentence each
};

void note_agreement(progressive_agreement &sums, const results::comparison &found,
                    const results::comparison &full, std::span<const results::gate> gates);

} // namespace giflab::engine
