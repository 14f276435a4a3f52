#include "experiments/elimination.hpp"

#include "experiments/pareto.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace giflab::experiments {

namespace {

using results::elimination_row;
using results::verdict_on_pipeline;

// A number by which pipelines are kept or eliminated, with all its values.
struct criterion {
   std::string name;
   yardstick by;
   value_table values;
};

struct criteria {
   criterion quality, ratio;
   std::vector<criterion> more; // of METRIC[.STATISTIC]
   bool uses_quality = false, uses_ratio = false, uses_front = false;
   std::vector<std::pair<const results::gate *, criterion>> floors;
   std::vector<std::string> notes;
};

criteria planned(const results::rulebook &rules, const yardstick &quality, const metric_directions &known) {
   criteria all{{"quality", quality, {}}, {"ratio", {"ratio", {}, false}, {}}, {}, {}, {}, {}, {}, {}};
   for (const std::string &name : rules.by)
      if (name == "quality")
         all.uses_quality = true;
      else if (name == "ratio")
         all.uses_ratio = true;
      else if (name == "front")
         all.uses_front = true;
      else if (auto by = yardstick_of(name, known))
         all.more.push_back({name, *by, {}});
      else
         all.notes.push_back(fmt::format("nothing is kept by {}: {}", name, by.error()));
   for (const results::gate &floor : rules.eliminate_if)
      if (known.contains(floor.about.metric))
         all.floors.push_back({&floor, {floor.text, {floor.text, floor.about, true}, {}}});
      else
         all.notes.push_back(fmt::format("whether {} was not judged: the run has no such metric", floor.text));
   return all;
}

// Every criterion that has values.
template <class Visit> void each(criteria &all, const Visit &visit) {
   visit(all.quality);
   visit(all.ratio);
   for (criterion &one : all.more)
      visit(one);
   for (auto &[floor, one] : all.floors)
      visit(one);
}

result<void> fill(criteria &all, results::journal &from, std::size_t sources, std::size_t pipelines) {
   each(all,
        [&](criterion &one) { one.values.assign(sources, std::vector<std::optional<double>>(pipelines)); });
   return from.visit([&](const results::experiment_cell &cell) -> result<void> {
      each(all, [&](criterion &one) {
         if (const auto value = measured(one.by, cell))
            one.values[static_cast<std::size_t>(cell.source - 1)][static_cast<std::size_t>(cell.pipeline - 1)] =
                *value;
      });
      return {};
   });
}

value_table of_sources(const value_table &all, const std::vector<std::size_t> &chosen) {
   value_table part;
   for (const std::size_t source : chosen)
      part.push_back(all[source]);
   return part;
}

// The criteria over the sources of one class.
struct class_standings {
   std::vector<standing> quality, ratio;
   std::vector<std::pair<std::string, std::vector<standing>>> kept_by;
   std::vector<std::pair<const results::gate *, std::vector<standing>>> floors;
   std::vector<bool> on_front;
   std::size_t sources = 0;
};

std::vector<standing> standings_of(const criterion &one, const std::vector<std::size_t> &sources) {
   return ranked(of_sources(one.values, sources), one.by.how(), one.by.higher_is_better);
}

std::vector<bool> front_of(const class_standings &about, bool higher_is_better) {
   std::vector<outcome> there;
   std::vector<std::size_t> numbers;
   for (std::size_t i = 0; i < about.quality.size(); ++i)
      if (about.quality[i].value && about.ratio[i].value) {
         there.push_back({*about.ratio[i].value, *about.quality[i].value});
         numbers.push_back(i);
      }
   const auto beaten = dominators(there, higher_is_better);
   std::vector<bool> front(about.quality.size());
   for (std::size_t i = 0; i < numbers.size(); ++i)
      front[numbers[i]] = !beaten[i];
   return front;
}

class_standings standings_of(const criteria &all, const std::vector<std::size_t> &sources) {
   class_standings made;
   made.sources = sources.size();
   made.quality = standings_of(all.quality, sources);
   made.ratio = standings_of(all.ratio, sources);
   if (all.uses_quality)
      made.kept_by.emplace_back("quality", made.quality);
   if (all.uses_ratio)
      made.kept_by.emplace_back("ratio", made.ratio);
   for (const criterion &one : all.more)
      made.kept_by.emplace_back(one.name, standings_of(one, sources));
   for (const auto &[floor, one] : all.floors)
      made.floors.emplace_back(floor, standings_of(one, sources));
   made.on_front = front_of(made, all.quality.by.higher_is_better);
   if (!all.uses_front)
      made.on_front.assign(made.on_front.size(), false);
   return made;
}

std::size_t ranked_among(const std::vector<standing> &all) {
   return static_cast<std::size_t>(
       std::ranges::count_if(all, [](const standing &one) { return one.value.has_value(); }));
}

// Which means hold a condition to be eliminated.
std::vector<std::string> fallen_below(const class_standings &about, std::size_t pipeline) {
   std::vector<std::string> texts;
   for (const auto &[floor, standings] : about.floors)
      if (const auto value = standings[pipeline].value; value && results::holds(*floor, *value))
         texts.push_back(fmt::format("{}: the mean is {:.4g}", floor->text, *value));
   return texts;
}

void judge(elimination_row &row, const class_standings &about, std::size_t pipeline, std::size_t top) {
   std::vector<std::string> ranks;
   bool best = about.on_front[pipeline];
   for (const auto &[name, standings] : about.kept_by)
      if (const standing &one = standings[pipeline]; one.value) {
         ranks.push_back(fmt::format("{} of {} by {}", one.rank, ranked_among(standings), name));
         best |= one.rank <= top;
      }
   if (ranks.empty()) {
      row.reason = about.quality[pipeline].absence;
      return;
   }
   if (about.on_front[pipeline])
      ranks.emplace_back("on the front");
   const auto fallen = fallen_below(about, pipeline);
   row.verdict = best && fallen.empty() ? verdict_on_pipeline::kept : verdict_on_pipeline::eliminated;
   row.reason = fmt::format("{}", fmt::join(ranks, ", "));
   if (!fallen.empty())
      row.reason = fmt::format("{}; {}", fmt::join(fallen, "; "), row.reason);
   else if (!best)
      row.reason = fmt::format("not among the best {}: {}", top, row.reason);
}

// Over all classes: who is kept in one is kept.
std::vector<elimination_row> over_all(const std::vector<elimination_row> &of_classes, std::size_t pipelines) {
   std::vector<elimination_row> all(pipelines);
   std::vector<std::vector<std::string>> kept(pipelines), eliminated(pipelines), unknown(pipelines);
   for (const elimination_row &row : of_classes) {
      const auto i = static_cast<std::size_t>(row.pipeline - 1);
      all[i].sources += row.sources;
      (row.verdict == verdict_on_pipeline::kept         ? kept
       : row.verdict == verdict_on_pipeline::eliminated ? eliminated
                                                        : unknown)[i]
          .push_back(row.content_class);
   }
   for (std::size_t i = 0; i < pipelines; ++i) {
      all[i].pipeline = static_cast<int64_t>(i) + 1;
      all[i].verdict = !kept[i].empty()         ? verdict_on_pipeline::kept
                       : !eliminated[i].empty() ? verdict_on_pipeline::eliminated
                                                : verdict_on_pipeline::not_judged;
      all[i].reason = !kept[i].empty() ? fmt::format("kept for {}", fmt::join(kept[i], ", "))
                      : !eliminated[i].empty()
                          ? fmt::format("in no class: not for {}", fmt::join(eliminated[i], ", "))
                          : "it has no values that can be compared";
   }
   return all;
}

// Classes that occur, in the order of the rules, with the numbers of their sources.
std::vector<std::pair<std::string, std::vector<std::size_t>>>
classes_of(const results::rulebook &rules, const std::vector<results::source_finding> &sources) {
   std::vector<std::pair<std::string, std::vector<std::size_t>>> all;
   for (const results::class_rule &rule : rules.classes)
      all.emplace_back(rule.name, std::vector<std::size_t>());
   all.emplace_back(config::no_class, std::vector<std::size_t>());
   for (std::size_t i = 0; i < sources.size(); ++i)
      for (auto &[name, members] : all)
         if (name == sources[i].content.name)
            members.push_back(i);
   std::erase_if(all, [](const auto &one) { return one.second.empty(); });
   return all;
}

} // namespace

result<eliminations> eliminate(results::journal &from, const results::rulebook &rules,
                               const std::vector<results::source_finding> &sources,
                               const results::reading &quality) {
   auto known = directions_of(from);
   auto pipelines = from.pipelines();
   if (!known || !pipelines)
      return tl::unexpected(!known ? known.error() : pipelines.error());
   const auto direction = known->find(quality.metric);
   const bool higher = direction == known->end() || direction->second != results::direction::lower;
   criteria all = planned(rules, {quality.metric, quality, higher}, *known);
   if (auto filled = fill(all, from, sources.size(), pipelines->size()); !filled)
      return tl::unexpected(filled.error());
   std::vector<elimination_row> rows;
   for (const auto &[name, members] : classes_of(rules, sources)) {
      const class_standings standings = standings_of(all, members);
      for (std::size_t i = 0; i < pipelines->size(); ++i) {
         elimination_row row;
         row.content_class = name;
         row.pipeline = static_cast<int64_t>(i) + 1;
         row.sources = static_cast<int64_t>(members.size());
         row.size = standings.ratio[i].value.value_or(results::statistics::none);
         row.quality = standings.quality[i].value.value_or(results::statistics::none);
         judge(row, standings, i, rules.top);
         rows.push_back(std::move(row));
      }
   }
   eliminations made{over_all(rows, pipelines->size()), std::move(all.notes)};
   made.rows.insert(made.rows.end(), rows.begin(), rows.end());
   return made;
}

} // namespace giflab::experiments
