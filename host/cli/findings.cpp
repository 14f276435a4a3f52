#include "cli/findings.hpp"

#include "config/printable.hpp"
#include "experiments/elimination.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

namespace giflab::cli {

namespace {

using results::validation_status;

constexpr std::array<validation_status, 5> all_statuses = {
    validation_status::pass, validation_status::warning, validation_status::error, validation_status::artifact,
    validation_status::unknown};

// "3 PASS, 1 ERROR"
std::string counted(const std::map<validation_status, std::size_t> &counts) {
   std::vector<std::string> parts;
   for (const validation_status one : all_statuses)
      if (const auto found = counts.find(one); found != counts.end())
         parts.push_back(fmt::format("{} {}", found->second, word_for(one)));
   return fmt::format("{}", fmt::join(parts, ", "));
}

result<void> add_statuses(run_findings &found, results::journal &in) {
   auto pipelines = in.pipelines();
   if (!pipelines)
      return tl::unexpected(pipelines.error());
   std::set<std::string> judged;
   auto visited = in.visit([&](const results::experiment_cell &cell) -> result<void> {
      const results::validation one = results::validate(
          found.all.rules, cell, found.all.sources.at(static_cast<std::size_t>(cell.source - 1)),
          pipelines->at(static_cast<std::size_t>(cell.pipeline - 1)));
      found.statuses[{cell.source, cell.pipeline}] = one.status;
      for (const results::judgement &judgement : one.judgements)
         if (judgement.status != validation_status::unknown)
            judged.insert(judgement.rule);
      return {};
   });
   for (const results::judging_rule &rule : found.all.rules.rules)
      if (!judged.contains(rule.id))
         found.unjudged.push_back(rule.id);
   return visited;
}

bool is_computed(const std::string &name, const modules::catalogue &found) {
   return std::ranges::any_of(found.plugins(), [&](const auto &plugin) {
      return std::ranges::any_of(plugin->outputs,
                                 [&](const giflab_output &output) { return name == output.id; });
   });
}

} // namespace

result<results::rulebook> rules_of(const std::string &option, const config::run_file &file) {
   const std::string path = !option.empty() ? option : file.pipelines->decisions;
   auto written = path.empty() ? config::parse_decisions(config::default_decisions(), "the built-in decisions")
                               : config::load_decisions(path);
   return written.and_then([](const config::decisions &read) { return results::rulebook_of(read); });
}

result<std::vector<engine::planned_metric>> features_for(const results::rulebook &rules,
                                                         opened_workshop &workshop) {
   std::vector<std::string> names = results::features_of(rules);
   if (rules.text == config::default_decisions())
      std::erase_if(names, [&](const std::string &name) { return !is_computed(name, workshop.found()); });
   if (names.empty())
      return std::vector<engine::planned_metric>();
   return engine::select_metrics(workshop.found(), names, {},
                                 [&](const modules::plugin &asked) { return workshop.shop().probe(asked); });
}

result<run_findings> findings_of(const experiments::experiment &of, const results::rulebook &rules,
                                 results::journal &in) {
   auto fronts = experiments::fronts_of(of, in);
   if (!fronts)
      return tl::unexpected(fronts.error());
   auto sources = results::source_findings(in, rules);
   if (!sources)
      return tl::unexpected(sources.error());
   auto eliminated = experiments::eliminate(in, rules, *sources, of.quality);
   if (!eliminated)
      return tl::unexpected(eliminated.error());
   run_findings found{
       {rules, std::move(*sources), std::move(*fronts), std::move(eliminated->rows), of.quality.metric},
       {},
       {},
       std::move(eliminated->notes)};
   return add_statuses(found, in).map([&] { return std::move(found); });
}

std::string summary_of(const run_findings &found) {
   std::vector<std::pair<std::string, std::size_t>> classes; // in the order of the sources
   for (const results::source_finding &source : found.all.sources) {
      const auto one =
          std::ranges::find(classes, source.content.name, [](const auto &known) { return known.first; });
      if (one == classes.end())
         classes.emplace_back(source.content.name, 1);
      else
         ++one->second;
   }
   std::vector<std::string> parts;
   for (const auto &[name, count] : classes)
      parts.push_back(fmt::format("{} {}", count, config::printable(name)));
   std::string text = fmt::format("sources: {}\n", fmt::join(parts, ", "));
   std::map<validation_status, std::size_t> statuses;
   for (const auto &[cell, status] : found.statuses)
      ++statuses[status];
   text += fmt::format("validation: {}\n", counted(statuses));
   if (!found.unjudged.empty())
      text += fmt::format("   not judged, for want of values: {}\n", fmt::join(found.unjudged, ", "));
   std::map<results::verdict_on_pipeline, std::size_t> verdicts;
   for (const results::elimination_row &row : found.all.eliminations)
      if (row.content_class.empty())
         ++verdicts[row.verdict];
   using enum results::verdict_on_pipeline;
   text +=
       fmt::format("elimination: {} pipelines kept, among the best {} of a class by {}; {} eliminated, {} not "
                   "judged\n",
                   verdicts[kept], found.all.rules.top, fmt::join(found.all.rules.by, ", "),
                   verdicts[eliminated], verdicts[not_judged]);
   for (const std::string &note : found.notes)
      text += fmt::format("   {}\n", config::printable(note));
   return text;
}

std::string status_of(const run_findings &found, std::optional<int64_t> source, int64_t pipeline) {
   if (source) {
      const auto one = found.statuses.find({*source, pipeline});
      return one == found.statuses.end() ? "-" : std::string(word_for(one->second));
   }
   std::map<validation_status, std::size_t> counts;
   for (const auto &[cell, status] : found.statuses)
      if (cell.second == pipeline)
         ++counts[status];
   return counted(counts);
}

} // namespace giflab::cli
