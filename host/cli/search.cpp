#include "cli/search.hpp"

#include "config/printable.hpp"
#include "experiments/bisection.hpp"
#include "results/grid.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <set>

namespace giflab::cli {

namespace {

using results::search_outcome;
using results::search_row;
using results::search_trial;

std::vector<std::string> ids_of(const experiments::experiment &work) {
   std::vector<std::string> ids;
   for (const engine::planned_metric &metric : work.metrics)
      for (const auto &column : metric.columns)
         ids.push_back(column.id);
   for (const config::formula &formula : work.formulas)
      ids.push_back(formula.id);
   return ids;
}

std::size_t trials_of(const std::vector<search_row> &rows, int64_t source) {
   return std::accumulate(rows.begin(), rows.end(), std::size_t{0},
                          [&](std::size_t sum, const search_row &row) {
                             return sum + (row.source == source ? row.trials.size() : 0);
                          });
}

std::size_t values_of(const experiments::search_plan &plan) {
   return std::accumulate(
       plan.ladders.begin(), plan.ladders.end(), std::size_t{0},
       [](std::size_t sum, const experiments::ladder &one) { return sum + one.pipelines.size(); });
}

const experiments::planned_source &source_of(const experiments::experiment &work, const search_row &row) {
   return work.sources[static_cast<std::size_t>(row.source - 1)];
}

void add_answer(results::grid &table, const experiments::search_plan &plan, const experiments::experiment &work,
                const std::vector<search_row> &rows, const search_row &row) {
   const experiments::planned_source &source = source_of(work, row);
   const search_trial &best = row.trials[*row.best];
   std::vector<std::string> cells = {
       config::printable(source.about.path),
       config::printable(work.pipelines[static_cast<std::size_t>(best.pipeline - 1)].text()),
       std::to_string(best.bytes),
       fmt::format("{:.1f} %",
                   100 * static_cast<double>(best.bytes) / static_cast<double>(source.about.bytes))};
   for (const double reading : best.readings)
      cells.push_back(results::readable(reading));
   cells.push_back(fmt::format("{} of {}", trials_of(rows, row.source), values_of(plan)));
   table.add(std::move(cells));
}

std::string remarks(const experiments::experiment &work, const std::vector<search_row> &rows) {
   std::string text;
   for (const search_row &row : rows) {
      const std::string about = config::printable(source_of(work, row).about.path + ": " + row.ladder);
      if (!row.best)
         text +=
             fmt::format("{}: {}: {}\n", about, results::word_for(row.outcome), config::printable(row.reason));
      for (const std::string &note : row.notes)
         text += fmt::format("{}: {}\n", about, config::printable(note));
   }
   return text;
}

} // namespace

result<experiments::search_plan> plan_search(const config::run_search &written,
                                             const experiments::experiment &work) {
   experiments::search_plan plan;
   for (const config::run_gate &goal : written.goals) {
      auto parsed = results::parse_gate(goal.text, goal.where);
      if (!parsed)
         return tl::unexpected(parsed.error());
      plan.goals.push_back(std::move(*parsed));
   }
   if (auto known = results::check_gates(plan.goals, ids_of(work)); !known)
      return tl::unexpected(known.error());
   std::vector<experiments::knob_name> knobs;
   for (const config::run_gate &knob : written.knobs)
      knobs.push_back({knob.text, knob.where});
   auto ladders = experiments::ladders_of(work.pipelines, knobs);
   if (!ladders)
      return tl::unexpected(ladders.error());
   plan.ladders = std::move(*ladders);
   plan.neighbours = static_cast<std::size_t>(written.neighbours);
   return plan;
}

std::size_t most_trials(const experiments::search_plan &plan, std::size_t sources) {
   std::size_t trials = 0;
   for (const experiments::ladder &one : plan.ladders)
      trials += experiments::bisection::most_trials(one.pipelines.size(), plan.neighbours);
   return sources * trials;
}

std::string search_estimate(const experiments::search_plan &plan, const experiments::experiment &work) {
   const std::size_t sources = work.sources.size();
   return fmt::format("search: about {} trials at most, where all {} cells would tell no more if results are "
                      "monotone\n",
                      most_trials(plan, sources), sources * work.pipelines.size());
}

std::string search_tables(const experiments::search_plan &plan, const experiments::experiment &work,
                          const std::vector<search_row> &rows) {
   using enum results::grid::side;
   std::vector<results::grid::side> sides = {left, left, right, right};
   std::vector<std::string> heading = {"source", "smallest", "bytes", "size"};
   for (const results::gate &goal : plan.goals) {
      sides.push_back(right);
      heading.push_back(config::printable(goal.text));
   }
   sides.push_back(right);
   heading.emplace_back("trials");
   results::grid table(sides);
   table.add(std::move(heading));
   std::size_t answers = 0;
   for (const search_row &row : rows)
      if (row.chosen) {
         add_answer(table, plan, work, rows, row);
         ++answers;
      }
   return fmt::format("\n{}{}", answers > 0 ? table.text() : "no source has a result that meets the goal\n",
                      remarks(work, rows));
}

bool misses_goal(const std::vector<search_row> &rows) {
   std::set<int64_t> answered;
   for (const search_row &row : rows)
      if (row.best)
         answered.insert(row.source);
   return std::any_of(rows.begin(), rows.end(), [&](const search_row &row) {
      return row.outcome == search_outcome::unreachable && !answered.contains(row.source);
   });
}

} // namespace giflab::cli
