#include "engine/progressive_agreement.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace giflab::engine {

namespace {

using results::metric_value;
using results::status;

void note_value(progressive_agreement &sums, const metric_value &found, const metric_value &full,
                const std::string &path) {
   if (found.status != status::present || full.status != status::present)
      return;
   if (found.sample) {
      const results::sampled_statistic &within = found.sample->intervals.front();
      const bool holds = within.low <= full.value && full.value <= within.high;
      ++sums.intervals;
      sums.missed += holds ? 0 : 1;
      if (!holds)
         sums.differences.push_back(fmt::format("{} of {} is {:.8g}, outside of {:.8g} to {:.8g}", found.id,
                                                path, full.value, within.low, within.high));
      return;
   }
   const bool same = std::memcmp(&found.value, &full.value, sizeof found.value) == 0;
   ++sums.whole_values;
   sums.other_values += same ? 0 : 1;
   if (!same)
      sums.differences.push_back(
          fmt::format("{} of {} is {:.17g}, and not {:.17g}", found.id, path, full.value, found.value));
}

} // namespace

void note_agreement(progressive_agreement &sums, const results::comparison &found,
                    const results::comparison &full, std::span<const results::gate> gates) {
   ++sums.comparisons;
   bool passed = true, full_passed = true;
   for (const results::gate &gate : gates) {
      const auto about = std::ranges::find(found.metrics, gate.about.metric, &metric_value::id);
      const bool skipped = about != found.metrics.end() && about->status == status::skipped;
      const bool here = results::judge(gate, found).passed, there = results::judge(gate, full).passed;
      passed = passed && here;
      full_passed = full_passed && there;
      (skipped ? sums.unasked : sums.gates) += 1;
      if (!skipped && here != there) {
         ++sums.other_gates;
         sums.differences.push_back(fmt::format("the gate '{}' {} for {}, and not by all pairs", gate.text,
                                                here ? "passes" : "fails", found.distorted.path));
      }
   }
   sums.other_verdicts += passed == full_passed ? 0 : 1;
   for (const metric_value &value : found.metrics) {
      const auto same = std::ranges::find(full.metrics, value.id, &metric_value::id);
      if (same != full.metrics.end())
         note_value(sums, value, *same, found.distorted.path);
   }
}

} // namespace giflab::engine
