#include "experiments/search.hpp"

#include "experiments/bisection.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace giflab::experiments {

namespace {

using results::search_outcome;
using results::search_row;
using results::search_trial;

// One source along one ladder.
struct climb {
   std::size_t source;
   const ladder *along;
   bisection halving;
   std::map<std::size_t, search_trial> trials; // by the number of the value
   results::status first_status = results::status::present;
};

std::string setting(const ladder &of, std::size_t value) {
   return of.knob.empty() ? of.text : of.knob + "=" + of.values[value];
}

class searching {
 public:
   searching(const experiment &of, const search_plan &plan) : plan_(plan) {
      for (std::size_t number = 0; number < plan.ladders.size(); ++number)
         for (std::size_t value = 0; value < plan.ladders[number].pipelines.size(); ++value)
            places_[plan.ladders[number].pipelines[value]] = {number, value};
      for (std::size_t source = 0; source < of.sources.size(); ++source)
         for (const ladder &one : plan.ladders)
            climbs_.push_back({source, &one, bisection(one.pipelines.size(), plan.neighbours), {}});
   }

   void tell(const results::experiment_cell &cell);
   std::vector<cell_place> wanted() const;
   std::vector<search_row> rows() const;

 private:
   search_trial trial_of(const results::experiment_cell &cell, const std::string &value) const;
   search_row row_of(const climb &one) const;
   void explain(search_row &row, const climb &one) const;
   std::string misses(const search_trial &trial) const;

   const search_plan &plan_;
   std::map<std::size_t, std::pair<std::size_t, std::size_t>> places_; // ladder and value of a pipeline
   std::vector<climb> climbs_;                                         // by source, then by ladder
};

search_trial searching::trial_of(const results::experiment_cell &cell, const std::string &value) const {
   search_trial trial{cell.pipeline, value, 0, {}, true, {}};
   if (cell.status == results::status::present)
      trial.bytes = cell.found.distorted.bytes;
   else
      trial.absence = cell.reason;
   for (const results::gate &goal : plan_.goals) {
      const auto reading = results::number_of(goal.about, cell.found);
      const auto held = results::holds(goal, cell.found);
      trial.readings.push_back(reading ? *reading : results::statistics::none);
      trial.meets &= held && *held;
      if (!held && trial.absence.empty())
         trial.absence = held.error();
   }
   trial.meets &= trial.bytes > 0;
   return trial;
}

void searching::tell(const results::experiment_cell &cell) {
   const auto place = places_.find(static_cast<std::size_t>(cell.pipeline - 1));
   if (place == places_.end())
      return;
   const auto [number, value] = place->second;
   climb &one = climbs_[static_cast<std::size_t>(cell.source - 1) * plan_.ladders.size() + number];
   const search_trial &trial = one.trials[value] = trial_of(cell, one.along->values[value]);
   one.halving.tell(value, trial.meets);
   if (value == 0)
      one.first_status = cell.status;
}

std::vector<cell_place> searching::wanted() const {
   std::vector<cell_place> cells;
   for (const climb &one : climbs_)
      for (const std::size_t value : one.halving.wanted())
         cells.emplace_back(one.source, one.along->pipelines[value]);
   return cells;
}

std::string searching::misses(const search_trial &trial) const {
   if (!trial.absence.empty())
      return trial.absence;
   std::string text;
   for (std::size_t goal = 0; goal < plan_.goals.size(); ++goal)
      text += fmt::format("{}{}: it is {:.6g}", text.empty() ? "" : ", ", plan_.goals[goal].text,
                          trial.readings[goal]);
   return text;
}

// Why nothing meets the goal.
void searching::explain(search_row &row, const climb &one) const {
   const auto &[value, first] = *one.trials.begin();
   const auto &[last_value, last] = *one.trials.rbegin();
   const std::string gentlest = setting(*one.along, value);
   if (one.first_status != results::status::present) {
      row.outcome = one.first_status == results::status::unavailable ? search_outcome::unavailable
                                                                     : search_outcome::failed;
      row.reason = first.absence;
   } else if (last.meets && last_value != value)
      row.reason =
          fmt::format("{} misses the goal and {} meets it: write the values of {} the other way round, "
                      "the gentlest first",
                      gentlest, setting(*one.along, last_value), one.along->knob);
   else
      row.reason = fmt::format("even {} misses the goal {}", gentlest, misses(first));
}

// What halving takes for granted, where trials show otherwise.
void note_surprises(search_row &row, const climb &one) {
   std::size_t grew = 0;
   std::string first;
   for (auto before = one.trials.begin(), next = std::next(before); next != one.trials.end();
        ++before, ++next) {
      const std::string gentler = setting(*one.along, before->first),
                        harsher = setting(*one.along, next->first);
      if (!before->second.meets && next->second.meets)
         row.notes.push_back(fmt::format("not monotone: {} misses the goal and {} meets it", gentler, harsher));
      if (before->second.bytes > 0 && next->second.bytes > before->second.bytes && grew++ == 0)
         first = fmt::format("{} is larger than {}", harsher, gentler);
   }
   if (grew > 0)
      row.notes.push_back(fmt::format("size is not monotone: {}{}", first,
                                      grew > 1 ? fmt::format(", and {} more like it", grew - 1) : ""));
}

search_row searching::row_of(const climb &one) const {
   search_row row;
   row.source = static_cast<int64_t>(one.source) + 1;
   row.ladder = one.along->text;
   row.knob = one.along->knob;
   row.values = one.along->pipelines.size();
   for (const auto &[value, trial] : one.trials) {
      row.trials.push_back(trial);
      if (trial.meets && (!row.best || trial.bytes < row.trials[*row.best].bytes))
         row.best = row.trials.size() - 1;
   }
   // What lies beyond a first value that misses was not looked at.
   if (one.trials.empty() || !one.trials.begin()->second.meets)
      row.best.reset();
   if (row.best)
      row.outcome = search_outcome::found;
   else
      explain(row, one);
   note_surprises(row, one);
   return row;
}

std::vector<search_row> searching::rows() const {
   std::vector<search_row> rows;
   std::map<int64_t, std::size_t> smallest; // row by source
   for (const climb &one : climbs_) {
      rows.push_back(row_of(one));
      const search_row &row = rows.back();
      if (!row.best)
         continue;
      const auto [best, fresh] = smallest.emplace(row.source, rows.size() - 1);
      const search_row &held = rows[best->second];
      if (!fresh && row.trials[*row.best].bytes < held.trials[*held.best].bytes)
         best->second = rows.size() - 1;
   }
   for (const auto &[source, number] : smallest)
      rows[number].chosen = true;
   return rows;
}

} // namespace

result<std::vector<search_row>> search(const experiment &of, const search_plan &plan, results::journal &journal,
                                       const cell_batch &run) {
   searching all(of, plan);
   auto known = journal.visit([&](const results::experiment_cell &cell) -> result<void> {
      all.tell(cell);
      return {};
   });
   if (!known)
      return tl::unexpected(known.error());
   for (std::vector<cell_place> cells = all.wanted(); !cells.empty(); cells = all.wanted())
      if (auto ran = run(cells, [&](const results::experiment_cell &cell, std::size_t) { all.tell(cell); });
          !ran)
         return tl::unexpected(ran.error());
   return all.rows();
}

} // namespace giflab::experiments
