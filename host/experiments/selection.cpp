#include "experiments/selection.hpp"

#include "config/nearest_name.hpp"
#include "config/printable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace giflab::experiments {

namespace {

struct gathered_values {
   value_table by, size;
   std::vector<std::string> refusals;                                   // the first of each pipeline
   std::map<std::pair<std::size_t, std::size_t>, std::string> absences; // by source and pipeline
};

// Of a cell: "a.gif: the tool said no".
std::string told(const results::experiment_cell &cell, const std::string &sentence) {
   const std::string &path = cell.found.reference.path;
   return config::printable(sentence.starts_with(path + ":") ? sentence : path + ": " + sentence);
}

// What a run was judged by, and what it is about.
struct run_record {
   results::rulebook rules;
   std::vector<results::source_finding> sources;
   std::vector<results::experiment_pipeline> pipelines;
};

// A run that has not come to its end yet has noted no rules.
result<results::rulebook> rules_of(results::journal &from) {
   auto text = from.rules();
   if (!text)
      return tl::unexpected(text.error());
   return config::parse_decisions(text->empty() ? config::default_decisions() : *text, "the run's decisions")
       .and_then([](const config::decisions &read) { return results::rulebook_of(read); });
}

result<run_record> record_of(results::journal &from) {
   auto rules = rules_of(from);
   if (!rules)
      return tl::unexpected(rules.error());
   auto sources = results::source_findings(from, *rules);
   if (!sources)
      return tl::unexpected(sources.error());
   auto pipelines = from.pipelines();
   if (!pipelines)
      return tl::unexpected(pipelines.error());
   return run_record{std::move(*rules), std::move(*sources), std::move(*pipelines)};
}

std::string status_refusal(const results::validation &judged, const std::vector<std::string> &statuses) {
   if (statuses.empty() || std::ranges::find(statuses, word_for(judged.status)) != statuses.end())
      return {};
   for (const results::judgement &one : judged.judgements)
      if (one.status == judged.status)
         return one.reason.empty() ? fmt::format("it is {}", word_for(judged.status)) : one.reason;
   return fmt::format("it is {}", word_for(judged.status));
}

// Why a cell that has a result excludes its pipeline; nothing if it does not.
std::string refusal_of(const selection_wish &wish, const results::experiment_cell &cell,
                       const run_record &run) {
   if (wish.where.empty() && wish.statuses.empty())
      return {};
   const auto &source = run.sources.at(static_cast<std::size_t>(cell.source - 1));
   const auto &pipeline = run.pipelines.at(static_cast<std::size_t>(cell.pipeline - 1));
   const results::comparison about = with_facts(cell, source, pipeline);
   for (const results::gate &condition : wish.where) {
      const auto held = results::holds(condition, about);
      if (!held)
         return fmt::format("whether {} holds is unknown: {}", condition.text, held.error());
      if (!*held)
         return fmt::format("{} does not hold: it is {:.6g}", condition.text,
                            *results::number_of(condition.about, about));
   }
   return status_refusal(validate(run.rules, cell, source, pipeline), wish.statuses);
}

void add_cell(gathered_values &all, const results::experiment_cell &cell, const yardstick &by,
              const selection_wish &wish, const run_record &run) {
   const auto source = static_cast<std::size_t>(cell.source - 1);
   const auto pipeline = static_cast<std::size_t>(cell.pipeline - 1);
   if (!wish.content_class.empty() && run.sources.at(source).content.name != wish.content_class)
      return;
   const auto value = measured(by, cell), size = measured({}, cell);
   if (value)
      all.by[source][pipeline] = *value;
   else
      all.absences[{source, pipeline}] = told(cell, value.error());
   if (size)
      all.size[source][pipeline] = *size;
   if (cell.status == results::status::present) // what was not made has no value in any case
      if (const std::string refusal = refusal_of(wish, cell, run);
          !refusal.empty() && all.refusals[pipeline].empty())
         all.refusals[pipeline] = told(cell, refusal);
}

// A class that no source has is a mistake.
result<void> check_class(const std::string &name, const run_record &run) {
   std::vector<std::string> known;
   for (const results::source_finding &source : run.sources)
      if (std::ranges::find(known, source.content.name) == known.end())
         known.push_back(source.content.name);
   if (name.empty() || std::ranges::find(known, name) != known.end())
      return {};
   return failed(problem::usage, fmt::format("--class {}: there is no source of the class; {}",
                                             config::in_quotes(name), config::did_you_mean(name, known)));
}

// Of the sources that count, why the first has no value; nothing where it is not done yet.
std::string first_absence(const gathered_values &all, std::size_t pipeline) {
   for (std::size_t source = 0; source < all.by.size(); ++source) {
      const auto &values = all.by[source];
      const bool counts = std::ranges::any_of(values, [](const auto &one) { return one.has_value(); });
      if (!counts || values[pipeline])
         continue;
      const auto found = all.absences.find({source, pipeline});
      return found == all.absences.end() ? std::string() : "; " + found->second;
   }
   return {};
}

// Those allowed are ranked among themselves.
std::vector<selected_pipeline> placed(const gathered_values &all, const yardstick &by) {
   value_table allowed = all.by;
   for (auto &source : allowed)
      for (std::size_t pipeline = 0; pipeline < source.size(); ++pipeline)
         if (!all.refusals[pipeline].empty())
            source[pipeline].reset();
   const auto standings = ranked(allowed, by.how(), by.higher_is_better);
   const auto sizes = ranked(all.size, averaging::geometric, false);
   std::vector<selected_pipeline> made;
   for (std::size_t i = 0; i < standings.size(); ++i) {
      selected_pipeline one{static_cast<int64_t>(i) + 1, standings[i], sizes[i], all.refusals[i]};
      if (!one.by.value)
         one.by.absence += first_absence(all, i);
      made.push_back(std::move(one));
   }
   return made;
}

} // namespace

result<selection> select_pipelines(results::journal &from, const selection_wish &wish) {
   auto known = directions_of(from);
   if (!known)
      return tl::unexpected(known.error());
   const auto by = yardstick_of(wish.by, *known);
   if (!by)
      return failed(problem::usage, fmt::format("--by {}: {}", config::in_quotes(wish.by), by.error()));
   auto run = record_of(from);
   if (!run)
      return tl::unexpected(run.error());
   if (auto checked = check_class(wish.content_class, *run); !checked)
      return tl::unexpected(checked.error());
   selection made{*by, {}, run->pipelines, {}, {}};
   const std::size_t count = made.pipelines.size();
   const value_table none(run->sources.size(), std::vector<std::optional<double>>(count));
   gathered_values all{none, none, std::vector<std::string>(count), {}};
   auto visited = from.visit([&](const results::experiment_cell &cell) -> result<void> {
      add_cell(all, cell, *by, wish, *run);
      return {};
   });
   if (!visited)
      return tl::unexpected(visited.error());
   for (std::size_t i = 0; i < run->sources.size(); ++i)
      if (std::ranges::any_of(all.by[i], [](const auto &one) { return one.has_value(); }))
         made.sources.push_back(run->sources[i].found.reference.path);
   for (selected_pipeline &one : placed(all, *by))
      (one.by.rank > 0 && one.by.rank <= wish.top ? made.best : made.others).push_back(std::move(one));
   std::ranges::stable_sort(made.best, {}, [](const auto &one) { return one.by.rank; });
   return made;
}

} // namespace giflab::experiments
