#include "experiments/estimate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <numeric>

namespace giflab::experiments {

namespace {

constexpr std::size_t tried_sources = 3, tried_pipelines = 4;

struct rate {
   double seconds = 0, work = 0;

   void add(const timed_cell &cell) {
      seconds += cell.seconds;
      work += cell.work;
   }
   double value() const { return seconds / work; }
};

// Of the rate of all cells: how far it may be off. The usual error of a ratio of two means.
double error_of(const rate &all, const std::vector<timed_cell> &timed) {
   const auto count = static_cast<double>(timed.size());
   double squares = 0;
   for (const timed_cell &cell : timed)
      squares += std::pow(cell.seconds - all.value() * cell.work, 2);
   return std::sqrt(squares / (count - 1) * count) / all.work; // NaN for one
}

} // namespace

time_estimate estimate(const std::vector<cell_place> &left, const std::vector<std::string> &pipelines,
                       const std::vector<double> &work, const std::vector<timed_cell> &timed) {
   rate all;
   std::map<std::string, rate> by_pipeline;
   std::map<cell_place, double> known;
   for (const timed_cell &cell : timed) {
      all.add(cell);
      by_pipeline[cell.pipeline].add(cell);
      if (cell.place)
         known[*cell.place] = cell.seconds;
   }
   time_estimate made;
   double guessed_work = 0;
   for (const cell_place &place : left) {
      if (const auto found = known.find(place); found != known.end()) {
         made.seconds += found->second;
         ++made.known;
         continue;
      }
      const auto same = by_pipeline.find(pipelines[place.second]);
      const bool usable = same != by_pipeline.end() && same->second.work > 0;
      made.seconds += work[place.first] * (usable ? same->second : all).value();
      guessed_work += work[place.first];
      ++made.guessed;
   }
   made.error = guessed_work > 0 ? guessed_work * error_of(all, timed) : 0;
   return made;
}

result<std::vector<double>> work_of(const experiment &of, engine::machine &on) {
   std::vector<double> work;
   for (const planned_source &source : of.sources) {
      double pixels = 0;
      if (auto opened = media::open(source.about.path, of.comparing.reading, on.pixels())) {
         const auto &facts = (*opened)->facts();
         const double one = static_cast<double>(facts.width) * facts.height;
         for (auto picture = (*opened)->next(); picture && *picture; picture = (*opened)->next()) {
            if (on.cancelled().requested())
               return failed(problem::cancelled, "stopped on request");
            pixels += one;
         }
      } // what cannot be read takes no time either
      work.push_back(pixels);
   }
   return work;
}

namespace {

// What of the facts of a run decides how long a cell takes.
results::run_facts facts_of_time(const results::run_facts &facts) {
   results::run_facts chosen;
   for (const auto &fact : facts)
      if (fact.first == "giflab" || fact.first.starts_with("setting ") || fact.first.starts_with("metric "))
         chosen.push_back(fact);
   return chosen;
}

} // namespace

result<std::vector<timed_cell>> timed_cells(const experiment &of, const results::run_facts &facts,
                                            const std::vector<double> &work, results::journal &from) {
   auto held = from.facts();
   auto sources = from.sources();
   auto pipelines = from.pipelines();
   auto timings = from.timings();
   for (const error *wrong : {held ? nullptr : &held.error(), sources ? nullptr : &sources.error(),
                              pipelines ? nullptr : &pipelines.error(), timings ? nullptr : &timings.error()})
      if (wrong != nullptr)
         return tl::unexpected(*wrong);
   std::vector<timed_cell> cells;
   if (facts_of_time(*held) != facts_of_time(facts))
      return cells;
   std::map<std::string, std::size_t> by_content, by_text;
   for (std::size_t i = 0; i < of.sources.size(); ++i)
      by_content.emplace(of.sources[i].about.content, i);
   for (std::size_t i = 0; i < of.pipelines.size(); ++i)
      by_text.emplace(of.pipelines[i].text(), i);
   for (const auto &[number, seconds] : *timings) {
      const auto source = by_content.find((*sources)[static_cast<std::size_t>(number.first - 1)].content);
      if (source == by_content.end() || !(work[source->second] > 0))
         continue;
      timed_cell cell{
          {}, (*pipelines)[static_cast<std::size_t>(number.second - 1)].text(), work[source->second], seconds};
      if (const auto pipeline = by_text.find(cell.pipeline); pipeline != by_text.end())
         cell.place = cell_place(source->second, pipeline->second);
      cells.push_back(std::move(cell));
   }
   return cells;
}

namespace {

// `count` of them, from the middles of as many parts of equal length.
std::vector<std::size_t> evenly(const std::vector<std::size_t> &from, std::size_t count) {
   std::vector<std::size_t> chosen;
   count = std::min(count, from.size());
   for (std::size_t i = 0; i < count; ++i)
      chosen.push_back(from[(2 * i + 1) * from.size() / (2 * count)]);
   return chosen;
}

// The smallest work first.
std::vector<std::size_t> sources_to_try(const std::vector<double> &work) {
   std::vector<std::size_t> order;
   for (std::size_t i = 0; i < work.size(); ++i)
      if (work[i] > 0)
         order.push_back(i);
   std::ranges::stable_sort(order, {}, [&](std::size_t i) { return work[i]; });
   return evenly(order, tried_sources);
}

// One source through some pipelines.
experiment part_of(const experiment &of, std::size_t source, const std::vector<std::size_t> &pipelines) {
   experiment part = of;
   part.sources = {of.sources[source]};
   part.pipelines.clear();
   part.stages.clear();
   for (const std::size_t pipeline : pipelines) {
      part.pipelines.push_back(of.pipelines[pipeline]);
      for (const auto &[format, stages] : of.stages)
         part.stages[format].push_back(stages[pipeline]);
   }
   return part;
}

result<void> try_source(std::vector<timed_cell> &cells, const experiment &of, std::size_t source,
                        const std::vector<std::size_t> &pipelines, double work, services::sandbox &files,
                        const cell_trial &run) {
   auto folder = files.open_call();
   if (!folder)
      return tl::unexpected(folder.error());
   const experiment part = part_of(of, source, pipelines);
   std::vector<std::string> none;
   auto opened = run_folder::open({folder->path().string(), {}, false}, {{"estimate", "1"}},
                                  {part.sources[0].about}, part.pipelines, none);
   if (!opened)
      return tl::unexpected(opened.error());
   if (auto ran = run(part, *opened); !ran)
      return ran;
   auto timings = opened->journal().timings();
   if (!timings)
      return tl::unexpected(timings.error());
   for (const auto &[number, seconds] : *timings) {
      const std::size_t pipeline = pipelines[static_cast<std::size_t>(number.second - 1)];
      cells.push_back({cell_place(source, pipeline), of.pipelines[pipeline].text(), work, seconds});
   }
   return {};
}

} // namespace

result<std::vector<timed_cell>> tried_cells(const experiment &of, const std::vector<double> &work,
                                            double seconds, services::sandbox &files, const cell_trial &run) {
   std::vector<timed_cell> cells;
   const auto began = std::chrono::steady_clock::now();
   for (const std::size_t source : sources_to_try(work)) {
      const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - began;
      if (!cells.empty() && spent.count() > seconds)
         break;
      std::vector<std::size_t> runnable;
      const auto &stages = of.stages.at(of.sources[source].format);
      for (std::size_t i = 0; i < stages.size(); ++i)
         if (stages[i].unavailable.empty())
            runnable.push_back(i);
      if (runnable.empty())
         continue;
      if (auto tried =
              try_source(cells, of, source, evenly(runnable, tried_pipelines), work[source], files, run);
          !tried)
         return tl::unexpected(tried.error());
   }
   return cells;
}

} // namespace giflab::experiments
