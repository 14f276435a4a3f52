// What makes two runs the same.

#include "experiments/experiment.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace giflab::experiments {

namespace {

void add_tools(results::run_facts &facts, const experiment &of) {
   const auto add = [&](const engine::pipeline_step &step) {
      const std::string name = "plugin " + step.plugin->id();
      std::string version = step.plugin->table.version;
      if (!step.fingerprint.empty())
         version += ", " + step.fingerprint;
      facts.emplace_back(name, version);
   };
   for (const auto &[format, pipelines] : of.stages)
      for (const planned_stages &planned : pipelines)
         for (const engine::pipeline_stage &stage : planned.stages) {
            for (const engine::pipeline_step &filter : stage.filters)
               add(filter);
            add(stage.encoder);
         }
}

} // namespace

results::run_facts facts_of(const experiment &of, results::run_facts settings) {
   results::run_facts facts = std::move(settings);
   facts.emplace_back("giflab", GIFLAB_VERSION);
   facts.emplace_back("quality of the fronts", fmt::format("{}, statistic {}", of.quality.metric,
                                                           static_cast<int>(of.quality.statistic)));
   int number = 0;
   for (const planned_source &source : of.sources)
      facts.emplace_back(fmt::format("source {:06}", ++number),
                         source.about.content.empty() ? source.failure : source.about.content);
   number = 0;
   for (const results::experiment_pipeline &pipeline : of.pipelines)
      facts.emplace_back(fmt::format("pipeline {:06}", ++number), pipeline.text());
   number = 0;
   for (const engine::planned_metric &metric : of.metrics)
      for (const auto &column : metric.columns)
         facts.emplace_back(fmt::format("metric {:06}", ++number),
                            fmt::format("{} of {} {}{}{}", column.id, metric.plugin->id(),
                                        metric.plugin->table.version, metric.unavailable.empty() ? "" : ", ",
                                        metric.unavailable));
   number = 0;
   for (const engine::planned_metric &feature : of.features)
      for (const auto &column : feature.columns)
         facts.emplace_back(
             fmt::format("feature {:06}", ++number),
             fmt::format("{} of {} {}", column.id, feature.plugin->id(), feature.plugin->table.version));
   for (const config::formula &formula : of.formulas)
      facts.emplace_back("formula " + formula.id, formula.version);
   add_tools(facts, of);
   std::sort(facts.begin(), facts.end());
   facts.erase(std::unique(facts.begin(), facts.end()), facts.end());
   return facts;
}

} // namespace giflab::experiments
