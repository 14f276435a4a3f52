#include "experiments/pareto.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace giflab::experiments {

std::vector<std::optional<std::size_t>> dominators(std::span<const outcome> outcomes, bool higher_is_better) {
   const auto good = [&](std::size_t i) {
      return higher_is_better ? outcomes[i].quality : -outcomes[i].quality;
   };
   std::vector<std::size_t> order(outcomes.size());
   std::iota(order.begin(), order.end(), 0);
   std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
      return outcomes[a].size != outcomes[b].size ? outcomes[a].size < outcomes[b].size : good(a) > good(b);
   });
   std::vector<std::optional<std::size_t>> beaten_by(outcomes.size());
   std::optional<std::size_t> best; // of the front so far: the largest and the best
   for (const std::size_t i : order) {
      const bool tie = best && outcomes[*best].size == outcomes[i].size && good(*best) == good(i);
      if (best && !tie && good(i) <= good(*best))
         beaten_by[i] = best;
      else if (!tie)
         best = i;
   }
   return beaten_by;
}

std::vector<overall_outcome> overall(const std::vector<std::vector<std::optional<outcome>>> &by_source) {
   const std::size_t pipelines = by_source.empty() ? 0 : by_source.front().size();
   std::vector<overall_outcome> all(pipelines);
   for (std::size_t pipeline = 0; pipeline < pipelines; ++pipeline) {
      double log_size = 0, quality = 0;
      std::size_t counted = 0, there = 0;
      for (const auto &source : by_source) {
         counted += std::any_of(source.begin(), source.end(), [](const auto &one) { return one.has_value(); });
         if (!source[pipeline])
            continue;
         ++there;
         log_size += std::log(source[pipeline]->size);
         quality += source[pipeline]->quality;
      }
      const auto count = static_cast<double>(there);
      if (there == counted && there > 0)
         all[pipeline].mean = outcome{std::exp(log_size / count), quality / count};
      else
         all[pipeline].absence = counted == 0 ? "no source has a value"
                                              : fmt::format("has a value for {} of {} sources", there, counted);
   }
   return all;
}

} // namespace giflab::experiments
