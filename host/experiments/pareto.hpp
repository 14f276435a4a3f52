#pragma once
// Which results are worth choosing: no other is at least as small and at least as good, and better in one.

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace giflab::experiments {

struct outcome {
   double size = 0;    // of the file, as a share of its source's: 0.4
   double quality = 0; // never NaN; may be infinite
};

// For each, nothing if it is on the front, else the number of one on the front that beats it: the best that is
// no larger. Those with equal size and equal quality stay together.
std::vector<std::optional<std::size_t>> dominators(std::span<const outcome> outcomes, bool higher_is_better);

// What a pipeline makes of all sources together.
struct overall_outcome {
   std::optional<outcome> mean; // the geometric mean of sizes, the arithmetic mean of qualities
   std::string absence;         // why there is none
};

// `by_source[source][pipeline]`. A source of which no pipeline made anything counts for none; a pipeline that
// lacks one of the others cannot be compared with those that do not.
std::vector<overall_outcome> overall(const std::vector<std::vector<std::optional<outcome>>> &by_source);

} // namespace giflab::experiments
