#include "results/findings.hpp"

#include "results/facts.hpp"

namespace giflab::results {

result<std::vector<source_finding>> source_findings(journal &from, const rulebook &rules) {
   auto sources = from.sources();
   if (!sources)
      return tl::unexpected(sources.error());
   auto features = from.features();
   if (!features)
      return tl::unexpected(features.error());
   std::vector<source_finding> all;
   for (std::size_t i = 0; i < sources->size(); ++i) {
      source_finding one;
      one.origin = origin_of((*sources)[i].path);
      if (const auto found = features->find(static_cast<int64_t>(i) + 1); found != features->end())
         one.found = found->second;
      else
         one.found.failure = "the source was not examined";
      one.found.reference.path = (*sources)[i].path;
      one.found.reference.bytes = (*sources)[i].bytes;
      if (one.found.failure.empty())
         add_source_facts(one.found);
      one.content = classify(rules, one.found);
      all.push_back(std::move(one));
   }
   return all;
}

comparison with_facts(const experiment_cell &cell, const source_finding &source,
                      const experiment_pipeline &pipeline) {
   comparison about = cell.found;
   if (about.failure.empty())
      add_result_facts(about, source.found, pipeline);
   return about;
}

validation validate(const rulebook &rules, const experiment_cell &cell, const source_finding &source,
                    const experiment_pipeline &pipeline) {
   return validate(rules, source.content.name, working_slot(pipeline), with_facts(cell, source, pipeline));
}

} // namespace giflab::results
