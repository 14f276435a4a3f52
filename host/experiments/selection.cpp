#include "experiments/selection.hpp"

#include "config/printable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace giflab::experiments {

namespace {

struct gathered_values {
   value_table by, size;
   std::vector<std::string> refusals, absences; // the first of each pipeline
};

void note(std::string &first, const results::experiment_cell &cell, const std::string &sentence) {
   if (first.empty())
      first = fmt::format("{}: {}", config::printable(cell.found.reference.path), config::printable(sentence));
}

// The condition that the cell does not meet, in words; nothing if it meets all.
std::string refusal_of(const std::vector<results::gate> &where, const results::experiment_cell &cell) {
   for (const results::gate &condition : where) {
      const auto held = results::holds(condition, cell.found);
      if (!held)
         return fmt::format("whether {} holds is unknown: {}", condition.text, held.error());
      if (!*held)
         return fmt::format("{} does not hold: it is {:.6g}", condition.text,
                            *results::number_of(condition.about, cell.found));
   }
   return {};
}

void add_cell(gathered_values &all, const results::experiment_cell &cell, const yardstick &by,
              const std::vector<results::gate> &where) {
   const auto source = static_cast<std::size_t>(cell.source - 1);
   const auto pipeline = static_cast<std::size_t>(cell.pipeline - 1);
   const auto value = measured(by, cell), size = measured({}, cell);
   if (value)
      all.by[source][pipeline] = *value;
   else
      note(all.absences[pipeline], cell, value.error());
   if (size)
      all.size[source][pipeline] = *size;
   if (cell.status == results::status::present) // what was not made has no value in any case
      if (const std::string refusal = refusal_of(where, cell); !refusal.empty())
         note(all.refusals[pipeline], cell, refusal);
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
      if (!one.by.value && !all.absences[i].empty())
         one.by.absence += "; " + all.absences[i];
      made.push_back(std::move(one));
   }
   return made;
}

} // namespace

result<selection> select_pipelines(results::journal &from, const selection_wish &wish) {
   auto by = yardstick_of(wish.by, from);
   if (!by)
      return tl::unexpected(by.error());
   auto sources = from.sources();
   auto pipelines = from.pipelines();
   if (!sources || !pipelines)
      return tl::unexpected(!sources ? sources.error() : pipelines.error());
   selection made{*by, {}, std::move(*pipelines), {}, {}};
   const std::size_t count = made.pipelines.size();
   const value_table none(sources->size(), std::vector<std::optional<double>>(count));
   gathered_values all{none, none, std::vector<std::string>(count), std::vector<std::string>(count)};
   auto visited = from.visit([&](const results::experiment_cell &cell) -> result<void> {
      add_cell(all, cell, *by, wish.where);
      return {};
   });
   if (!visited)
      return tl::unexpected(visited.error());
   for (std::size_t i = 0; i < sources->size(); ++i)
      if (std::ranges::any_of(all.by[i], [](const auto &one) { return one.has_value(); }))
         made.sources.push_back((*sources)[i].path);
   for (selected_pipeline &one : placed(all, *by))
      (one.by.rank > 0 && one.by.rank <= wish.top ? made.best : made.others).push_back(std::move(one));
   std::ranges::stable_sort(made.best, {}, [](const auto &one) { return one.by.rank; });
   return made;
}

} // namespace giflab::experiments
