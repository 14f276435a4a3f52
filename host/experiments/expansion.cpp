#include "experiments/expansion.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace giflab::experiments {

namespace {

bool is_there(const std::vector<level> &levels, const std::string &step) {
   return std::any_of(levels.begin(), levels.end(), [&](const level &one) { return one.step == step; });
}

std::size_t combinations_of(const config::run_step &step) {
   std::size_t count = 1;
   for (const config::run_levels &parameter : step.parameters)
      count = std::min(count * parameter.values.size(), most_pipelines + 1);
   return count;
}

// The combination of that number, counted as on a dial.
level level_of(const config::run_step &step, std::size_t number) {
   std::vector<std::size_t> digits(step.parameters.size());
   for (std::size_t i = digits.size(); i-- > 0;) {
      digits[i] = number % step.parameters[i].values.size();
      number /= step.parameters[i].values.size();
   }
   level made{step.name, {step.name}, step.where};
   for (std::size_t i = 0; i < digits.size(); ++i) {
      const config::run_levels &parameter = step.parameters[i];
      const std::string setting = parameter.parameter + "=" + parameter.values[digits[i]];
      made.step += (i == 0 ? ":" : ",") + setting;
      made.labels.push_back(step.name + ":" + setting + ",*");
   }
   return made;
}

const config::run_step &present(const config::run_step &step,
                                const std::function<bool(const std::string &)> &is_available) {
   return step.instead.empty() || is_available(step.name) ? step : present(step.instead.front(), is_available);
}

} // namespace

result<slot_levels> levels_of(const config::run_pipelines &pipelines,
                              const std::function<bool(const std::string &)> &is_available) {
   slot_levels levels;
   std::size_t product = 1;
   for (std::size_t slot = 0; slot < slot_count; ++slot) {
      for (const config::run_step &written : pipelines.slots[slot]) {
         const config::run_step &step = present(written, is_available);
         const std::size_t count = combinations_of(step);
         for (std::size_t i = 0; i < count && count <= most_pipelines; ++i)
            if (level made = level_of(step, i); !is_there(levels[slot], made.step))
               levels[slot].push_back(std::move(made));
         product *= count <= most_pipelines ? 1 : most_pipelines + 1;
      }
      if (levels[slot].empty())
         levels[slot].push_back({"none", {"none"}, {}});
      product = std::min(product * levels[slot].size(), most_pipelines + 1);
   }
   if (product > most_pipelines)
      return failed(problem::usage,
                    fmt::format("[pipelines] gives more than {} pipelines: shorten its lists", most_pipelines));
   return levels;
}

} // namespace giflab::experiments
