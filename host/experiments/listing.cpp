#include "experiments/listing.hpp"

#include <algorithm>

namespace giflab::experiments {

namespace {

// The place of a step among the levels of its slot, made if it is not there.
std::size_t place_of(const std::string &step, const std::string &where, std::vector<level> &levels) {
   const auto found = std::ranges::find(levels, step, &level::step);
   const auto place = static_cast<std::size_t>(found - levels.begin());
   if (found == levels.end())
      levels.push_back({step, {step}, where});
   return place;
}

} // namespace

listed_pipelines listed(const std::vector<config::run_pipeline> &pipelines, std::optional<std::size_t> most) {
   listed_pipelines all;
   for (const config::run_pipeline &pipeline : pipelines) {
      if (most && all.chosen.size() == *most)
         break;
      combination made{};
      for (std::size_t slot = 0; slot < slot_count; ++slot)
         made[slot] = place_of(pipeline.steps[slot], pipeline.where, all.levels[slot]);
      if (std::ranges::find(all.chosen, made) == all.chosen.end())
         all.chosen.push_back(made);
   }
   return all;
}

} // namespace giflab::experiments
