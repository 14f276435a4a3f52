#include "experiments/experiment.hpp"

#include "config/printable.hpp"
#include "experiments/pareto.hpp"
#include "results/formula_values.hpp"
#include "services/descriptor.hpp"
#include "services/sha256.hpp"

#include <fmt/format.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <mutex>
#include <thread>

namespace giflab::experiments {

namespace {

namespace fs = std::filesystem;

// ---- Sources

result<std::string> content_of(const std::string &path, const services::cancellation &cancelled) {
   const services::descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
   if (!file)
      return failed(problem::input, std::strerror(errno));
   return services::sha256_of_file(file.get(), &cancelled);
}

planned_source examined(const std::string &path, const media::reading_options &reading, engine::machine &on) {
   planned_source source;
   source.about.path = path;
   auto opened = media::open(path, reading, on.pixels());
   if (!opened) {
      source.failure = opened.error().text;
      return source;
   }
   source.format = (*opened)->facts().format;
   source.about.bytes = (*opened)->facts().bytes;
   return source;
}

} // namespace

result<found_sources> examine_sources(const std::vector<std::string> &files,
                                      const media::reading_options &reading, engine::machine &on) {
   found_sources found;
   std::map<std::string, std::string> seen; // content: the first path with it
   for (const std::string &path : files) {
      planned_source source = examined(path, reading, on);
      auto content = content_of(path, on.cancelled());
      if (!content && content.error().kind == problem::cancelled)
         return failed(problem::cancelled, "stopped on request");
      if (content)
         source.about.content = *content;
      else if (source.failure.empty())
         source.failure = fmt::format("{}: {}", path, content.error().text);
      if (content)
         if (const auto [first, fresh] = seen.emplace(*content, path); !fresh) {
            found.notes.push_back(fmt::format("{} has the content of {} and is left out",
                                              config::in_quotes(path), config::in_quotes(first->second)));
            continue;
         }
      found.sources.push_back(std::move(source));
   }
   return found;
}

// ---- Pipelines

result<void> plan_stages(experiment &of, const std::vector<std::array<std::string, slot_count>> &origins,
                         const modules::catalogue &found, engine::readiness_register &known) {
   std::set<std::string> formats = {"GIF89a"}; // mistakes show whatever the sources are
   for (const planned_source &source : of.sources)
      if (!source.format.empty())
         formats.insert(source.format);
   for (const std::string &format : formats)
      for (std::size_t i = 0; i < of.pipelines.size(); ++i) {
         std::vector<engine::step_text> steps;
         for (std::size_t slot = 0; slot < slot_count; ++slot)
            steps.push_back({of.pipelines[i].steps[slot], origins[i][slot]});
         auto stages = engine::plan_pipeline(found, steps, {format, "gif"}, known);
         if (!stages && stages.error().kind != problem::plugin)
            return tl::unexpected(stages.error());
         of.stages[format].push_back(stages ? planned_stages{std::move(*stages), {}}
                                            : planned_stages{{}, stages.error().text});
      }
   return {};
}

// ---- Cells

namespace {

double seconds_since(std::chrono::steady_clock::time_point then) {
   return std::chrono::duration<double>(std::chrono::steady_clock::now() - then).count();
}

// Takes out whatever would tell one run from another: the folders that they worked in.
std::string without(std::string text, const std::string &folder) {
   for (std::size_t at = text.find(folder); !folder.empty() && at != std::string::npos;
        at = text.find(folder, at))
      text.erase(at, folder.size());
   return text;
}

int64_t number(std::size_t index) { return static_cast<int64_t>(index) + 1; }

class cell_runner {
 public:
   cell_runner(const experiment &of, run_folder &in, std::vector<cell_place> waiting, engine::workshop &on,
               const cell_listener &listener)
       : of_(of), in_(in), on_(on), listener_(listener), waiting_(std::move(waiting)),
         finished_(in.done().size()) {}

   result<void> run(std::size_t at_once);

 private:
   void work();
   result<void> run_one(std::size_t source, std::size_t pipeline);
   result<void> fill(results::experiment_cell &cell, const planned_source &source,
                     const planned_stages &stages);
   result<void> fail(results::experiment_cell &cell, const error &why);
   result<void> fail_without(const std::string &target, results::experiment_cell &cell, const error &why);
   void add_absent_values(results::experiment_cell &cell) const;
   void make_repeatable(results::experiment_cell &cell) const;
   std::string repeatable(const std::string &text) const;

   const experiment &of_;
   run_folder &in_;
   engine::workshop &on_;
   const cell_listener &listener_;
   std::vector<cell_place> waiting_;
   std::atomic<std::size_t> next_{0};
   std::atomic<bool> stopped_{false};
   std::mutex mutex_; // guards the journal, and what follows
   std::size_t finished_;
   result<void> outcome_;
};

result<void> cell_runner::run(std::size_t at_once) {
   std::vector<std::jthread> workers;
   for (std::size_t i = 0; i < std::min(at_once, waiting_.size()); ++i)
      workers.emplace_back([this] { work(); });
   workers.clear(); // waits for them
   return outcome_;
}

void cell_runner::work() {
   for (std::size_t mine = next_++; mine < waiting_.size() && !stopped_; mine = next_++) {
      result<void> done;
      try {
         done = run_one(waiting_[mine].first, waiting_[mine].second);
      } catch (const std::bad_alloc &) {
         done = failed(problem::internal, "out of memory: fewer --threads need less");
      }
      if (done)
         continue;
      stopped_ = true;
      std::lock_guard lock(mutex_);
      if (outcome_)
         outcome_ = done;
   }
}

result<void> cell_runner::run_one(std::size_t source, std::size_t pipeline) {
   if (on_.cancelled().requested())
      return failed(problem::cancelled, "stopped on request");
   const auto began = std::chrono::steady_clock::now();
   results::experiment_cell cell;
   cell.source = number(source);
   cell.pipeline = number(pipeline);
   const planned_source &from = of_.sources[source];
   if (!from.failure.empty()) {
      if (auto noted = fail(cell, {problem::input, from.failure}); !noted)
         return noted;
   } else if (auto filled = fill(cell, from, of_.stages.at(from.format)[pipeline]); !filled)
      return filled;
   results::add_formula_values(cell.found, of_.formulas);
   add_absent_values(cell);
   make_repeatable(cell);
   cell.seconds = seconds_since(began);
   std::lock_guard lock(mutex_);
   if (auto added = in_.journal().add(cell); !added)
      return added;
   if (listener_)
      listener_(cell, ++finished_);
   return {};
}

result<void> cell_runner::fill(results::experiment_cell &cell, const planned_source &source,
                               const planned_stages &stages) {
   if (!stages.unavailable.empty()) {
      cell.status = results::status::unavailable;
      cell.reason = stages.unavailable;
      return {};
   }
   const std::string file = fmt::format("files/{}-{}.gif", cell.source, cell.pipeline);
   const std::string target = in_.path() + "/" + file;
   auto made = on_.process(source.about.path, target, stages.stages, of_.processing, nullptr);
   if (!made)
      return fail_without(target, cell, made.error());
   auto found = on_.compare(source.about.path, target, of_.metrics, of_.comparing, nullptr);
   if (!found)
      return fail_without(target, cell, found.error());
   cell.found = std::move(*found);
   cell.file = file;
   return {};
}

// A disk that is full fails every cell and says nothing of any; the run ends there instead.
result<void> cell_runner::fail(results::experiment_cell &cell, const error &why) {
   if (why.kind == problem::cancelled)
      return tl::unexpected(why);
   std::error_code none; // no such folder: the sandbox has told so
   for (const std::string &folder : {in_.files(), fs::temp_directory_path(none).string()})
      if (auto room = check_room(folder); !room)
         return room;
   cell.status = results::status::failed;
   cell.reason = why.text;
   return {};
}

// No file lies there for a cell that has none: this or an earlier try may have made one.
result<void> cell_runner::fail_without(const std::string &target, results::experiment_cell &cell,
                                       const error &why) {
   auto noted = fail(cell, why); // looks for room, which the file may take
   std::error_code none;
   fs::remove(target, none);
   return noted;
}

// Every cell has a row for every metric.
void cell_runner::add_absent_values(results::experiment_cell &cell) const {
   if (cell.status == results::status::present)
      return;
   const auto add = [&](const std::string &id, const std::string &plugin, const std::string &version) {
      results::metric_value value;
      value.id = id;
      value.status = cell.status;
      value.reason = cell.reason;
      value.plugin = plugin;
      value.version = version;
      cell.found.metrics.push_back(std::move(value));
   };
   for (const engine::planned_metric &metric : of_.metrics)
      for (const auto &column : metric.columns)
         add(column.id, metric.plugin->id(), metric.plugin->table.version);
   for (const config::formula &formula : of_.formulas)
      add(formula.id, "formula", formula.version);
}

std::string cell_runner::repeatable(const std::string &text) const {
   std::string cleaned = without(text, in_.path() + "/");
   for (const std::string &sandbox : on_.private_folders())
      cleaned = without(cleaned, sandbox + "/");
   for (std::size_t at = cleaned.find("call-"); at != std::string::npos; at = cleaned.find("call-", at + 1)) {
      const std::size_t end = cleaned.find_first_not_of("0123456789", at + 5);
      if (end != std::string::npos && end > at + 5 && cleaned[end] == '/')
         cleaned.erase(at, end + 1 - at);
   }
   return cleaned;
}

void cell_runner::make_repeatable(results::experiment_cell &cell) const {
   cell.reason = repeatable(cell.reason);
   for (results::metric_value &value : cell.found.metrics)
      value.reason = repeatable(value.reason);
}

} // namespace

std::vector<cell_place> waiting_cells(const experiment &of, const run_folder &in) {
   std::vector<cell_place> waiting;
   for (std::size_t source = 0; source < of.sources.size(); ++source)
      for (std::size_t pipeline = 0; pipeline < of.pipelines.size(); ++pipeline)
         if (!in.done().contains({number(source), number(pipeline)}))
            waiting.emplace_back(source, pipeline);
   return waiting;
}

result<void> run_cells(const experiment &of, run_folder &in, std::vector<cell_place> which, std::size_t at_once,
                       engine::workshop &on, const cell_listener &listener) {
   return cell_runner(of, in, std::move(which), on, listener).run(at_once);
}

// ---- Fronts

namespace {

using outcomes_by_source = std::vector<std::vector<std::optional<outcome>>>;

struct gathered {
   outcomes_by_source outcomes;
   std::vector<std::vector<std::string>> absences; // why, where there is none
   bool higher_is_better = true;
};

result<gathered> gather(const experiment &of, results::journal &in) {
   gathered all;
   const std::size_t pipelines = of.pipelines.size();
   all.outcomes.assign(of.sources.size(), std::vector<std::optional<outcome>>(pipelines));
   all.absences.assign(of.sources.size(), std::vector<std::string>(pipelines, "was not tried"));
   auto visited = in.visit([&](const results::experiment_cell &cell) -> result<void> {
      const auto source = static_cast<std::size_t>(cell.source - 1);
      const auto pipeline = static_cast<std::size_t>(cell.pipeline - 1);
      const auto quality = results::number_of(of.quality, cell.found);
      for (const results::metric_value &value : cell.found.metrics)
         if (value.id == of.quality.metric && value.status == results::status::present)
            all.higher_is_better = value.direction != results::direction::lower;
      if (quality && cell.found.reference.bytes > 0 && cell.status == results::status::present)
         all.outcomes[source][pipeline] = outcome{static_cast<double>(cell.found.distorted.bytes) /
                                                      static_cast<double>(cell.found.reference.bytes),
                                                  *quality};
      else
         all.absences[source][pipeline] = quality ? cell.reason : quality.error();
      return {};
   });
   return visited.map([&] { return std::move(all); });
}

std::string explained(const outcome &beaten, const outcome &better, int64_t pipeline, bool higher_is_better) {
   const double less = 100 * (beaten.size - better.size) / beaten.size;
   const double gain = higher_is_better ? better.quality - beaten.quality : beaten.quality - better.quality;
   std::string text = fmt::format("pipeline {} is ", pipeline);
   text += less > 0 ? fmt::format("{:.1f} % smaller", less) : "as small";
   return text + (gain > 0 ? fmt::format(" and better by {:.4g}", gain) : " and as good");
}

// The rows of one scope.
void add_fronts(std::vector<results::front_row> &rows, std::optional<int64_t> source,
                const std::vector<std::optional<outcome>> &outcomes, const std::vector<std::string> &absences,
                bool higher_is_better) {
   std::vector<outcome> there;
   std::vector<std::size_t> numbers; // of pipelines, by place in `there`
   for (std::size_t i = 0; i < outcomes.size(); ++i)
      if (outcomes[i]) {
         there.push_back(*outcomes[i]);
         numbers.push_back(i);
      }
   const auto beaten_by = dominators(there, higher_is_better);
   for (std::size_t i = 0, place = 0; i < outcomes.size(); ++i) {
      results::front_row row;
      row.source = source;
      row.pipeline = static_cast<int64_t>(i) + 1;
      if (!outcomes[i]) {
         row.reason = absences[i];
      } else {
         row.size = outcomes[i]->size;
         row.quality = outcomes[i]->quality;
         if (const auto better = beaten_by[place++]) {
            row.dominated_by = static_cast<int64_t>(numbers[*better]) + 1;
            row.reason = explained(*outcomes[i], there[*better], *row.dominated_by, higher_is_better);
         }
      }
      rows.push_back(std::move(row));
   }
}

} // namespace

result<std::vector<results::front_row>> fronts_of(const experiment &of, results::journal &in) {
   auto all = gather(of, in);
   if (!all)
      return tl::unexpected(all.error());
   std::vector<results::front_row> rows;
   std::vector<std::optional<outcome>> means;
   std::vector<std::string> absences;
   for (overall_outcome &one : overall(all->outcomes)) {
      means.push_back(one.mean);
      absences.push_back(std::move(one.absence));
   }
   add_fronts(rows, std::nullopt, means, absences, all->higher_is_better);
   for (std::size_t source = 0; source < of.sources.size(); ++source)
      add_fronts(rows, static_cast<int64_t>(source) + 1, all->outcomes[source], all->absences[source],
                 all->higher_is_better);
   return rows;
}

} // namespace giflab::experiments
