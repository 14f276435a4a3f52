#include "cli/experiment.hpp"

#include "config/expand_inputs.hpp"
#include "config/printable.hpp"
#include "experiments/design.hpp"
#include "experiments/experiment.hpp"
#include "results/grid.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

namespace giflab::cli {

namespace {

using experiments::slot_count;
using results::grid;

constexpr std::size_t most_differences = 12; // shown

// Everything that can be refused before a file is made.
struct experiment_plan {
   comparing_plan comparing;
   experiments::slot_levels levels;
   std::vector<experiments::combination> chosen;
   experiments::experiment work;
   std::vector<std::string> problems; // of sources that were named and are not there
};

// ---- Planning

result<std::vector<std::string>> source_files(const experiment_options &options, const config::run_file &file,
                                              std::vector<std::string> &problems) {
   std::vector<config::run_source> named;
   for (const std::string &input : options.inputs)
      named.push_back({input, "option --input"});
   config::expanded_sources found = config::expand_sources(file.folder, file.sources);
   config::expanded_sources more = config::expand_sources(".", named);
   for (const std::string &path : more.files)
      if (std::find(found.files.begin(), found.files.end(), path) == found.files.end())
         found.files.push_back(path);
   problems = std::move(found.problems);
   problems.insert(problems.end(), more.problems.begin(), more.problems.end());
   if (found.files.empty())
      return failed(problem::usage,
                    fmt::format("{}: there is no source: add [[sources]] or --input{}",
                                config::printable(file.path), problems.empty() ? "" : "; " + problems.front()));
   return found.files;
}

// The metric that the fronts go by: what the file says, else the first that can be better or worse.
result<results::reading> front_quality(const std::string &text, const experiments::experiment &work) {
   std::vector<std::string> ids;
   results::reading chosen;
   for (const engine::planned_metric &metric : work.metrics)
      for (const auto &column : metric.columns) {
         ids.push_back(column.id);
         const giflab_output &output = metric.plugin->outputs[column.output];
         if (chosen.metric.empty() && output.direction != GIFLAB_NEITHER_IS_BETTER &&
             output.level == GIFLAB_PER_FRAME)
            chosen.metric = column.id;
      }
   for (const config::formula &formula : work.formulas)
      ids.push_back(formula.id);
   if (!text.empty()) {
      auto read = results::parse_reading(text);
      if (!read)
         return failed(problem::usage, fmt::format("quality {}: {}", config::in_quotes(text), read.error()));
      chosen = *read;
   }
   if (std::find(ids.begin(), ids.end(), chosen.metric) == ids.end())
      return failed(problem::usage,
                    chosen.metric.empty()
                        ? std::string("no metric of the run says which pictures are better: add one to select")
                        : fmt::format("quality is {}, which the run does not compute: add it to select",
                                      config::in_quotes(chosen.metric)));
   return chosen;
}

result<void> choose_pipelines(experiment_plan &plan, const experiment_options &options,
                              const config::run_pipelines &written, engine::readiness_register &known) {
   error wrong{problem::usage, {}};
   auto levels = experiments::levels_of(written, [&](const std::string &step) {
      auto plugin = engine::plugin_of_step(plan.comparing.found, {step, "[pipelines]"});
      if (!plugin)
         wrong = plugin.error();
      return !plugin || !*plugin || known.of(**plugin).unavailable.empty();
   });
   if (!wrong.text.empty())
      return tl::unexpected(wrong);
   if (!levels)
      return tl::unexpected(levels.error());
   plan.levels = std::move(*levels);
   experiments::sampling how{written.design, static_cast<uint64_t>(written.seed), {}, options.max_pipelines};
   if (written.most)
      how.size = static_cast<std::size_t>(*written.most);
   plan.chosen = experiments::sampled(plan.levels, how);
   for (const experiments::combination &one : plan.chosen) {
      results::experiment_pipeline &pipeline = plan.work.pipelines.emplace_back();
      for (std::size_t slot = 0; slot < slot_count; ++slot)
         pipeline.steps[slot] = plan.levels[slot][one[slot]].step;
   }
   return {};
}

result<void> plan_pipelines(experiment_plan &plan, const experiment_options &options,
                            const config::run_pipelines &written) {
   engine::readiness_register known(*plan.comparing.on);
   if (auto chosen = choose_pipelines(plan, options, written, known); !chosen)
      return chosen;
   std::vector<std::array<std::string, slot_count>> origins;
   for (const experiments::combination &one : plan.chosen) {
      auto &origin = origins.emplace_back();
      for (std::size_t slot = 0; slot < slot_count; ++slot)
         origin[slot] = plan.levels[slot][one[slot]].where;
   }
   return experiments::plan_stages(plan.work, origins, plan.comparing.found, known);
}

result<experiment_plan> plan_experiment(const comparing_options &comparing, const experiment_options &options,
                                        const config::run_file &file) {
   auto shared = plan_comparing(comparing, file);
   if (!shared)
      return tl::unexpected(shared.error());
   experiment_plan plan{std::move(*shared), {}, {}, {}, {}};
   auto files = source_files(options, file, plan.problems);
   if (!files)
      return tl::unexpected(files.error());
   experiments::experiment &work = plan.work;
   work.comparing = engine_options(plan.comparing.settings);
   work.comparing.kept_original_bytes = engine::usual_kept_original_bytes;
   // Which cells would go to a device depends on what was done before; a run that is gone on with has to give
   // the same values.
   if (work.comparing.device == engine::device_use::where_worthwhile)
      work.comparing.device = engine::device_use::never;
   work.processing = {work.comparing.level, work.comparing.reading, work.comparing.background};
   work.metrics = std::move(plan.comparing.metrics);
   work.formulas = plan.comparing.formulas;
   auto quality = front_quality(file.pipelines->quality, work);
   if (!quality)
      return tl::unexpected(quality.error());
   work.quality = *quality;
   auto sources = experiments::examine_sources(*files, work.comparing.reading, *plan.comparing.on);
   if (!sources)
      return tl::unexpected(sources.error());
   work.sources = std::move(sources->sources);
   plan.problems.insert(plan.problems.end(), sources->notes.begin(), sources->notes.end());
   if (auto planned = plan_pipelines(plan, options, *file.pipelines); !planned)
      return tl::unexpected(planned.error());
   return plan;
}

// Settings that can change a result.
results::run_facts setting_facts(const config::settings &settings) {
   using enum config::setting;
   results::run_facts facts;
   for (const config::setting id : {optimization_level, device, run_timeout, max_pixels, max_frames,
                                    max_file_bytes, browser_delays, background, align, resize})
      facts.emplace_back(fmt::format("setting {}", config::definition_of(id).name), settings.text(id));
   return facts;
}

// ---- Estimate

std::string times(std::size_t count) { return fmt::format("{} time{}", count, count == 1 ? "" : "s"); }

std::string estimate_of(const experiment_plan &plan) {
   const std::size_t sources = plan.work.sources.size(), pipelines = plan.work.pipelines.size();
   std::size_t all = 1, unavailable = 0;
   for (const auto &slot : plan.levels)
      all *= slot.size();
   for (const auto &planned : plan.work.stages.at("GIF89a"))
      unavailable += !planned.unavailable.empty();
   std::string text = fmt::format("{} source{} x {} of {} pipelines = {} cells\n", sources,
                                  sources == 1 ? "" : "s", pipelines, all, sources * pipelines);
   if (unavailable > 0)
      text += fmt::format("{} of these pipelines cannot run here: their tools are missing\n", unavailable);
   for (std::size_t slot = 0; slot < slot_count; ++slot) {
      text += fmt::format("{}\n", config::slot_names[slot]);
      for (std::size_t level = 0; level < plan.levels[slot].size(); ++level) {
         const auto count = std::count_if(plan.chosen.begin(), plan.chosen.end(),
                                          [&](const auto &one) { return one[slot] == level; });
         text += fmt::format("   {}: {}\n", config::printable(plan.levels[slot][level].step),
                             times(static_cast<std::size_t>(count)));
      }
   }
   return text;
}

// ---- Telling

std::string share(double size) { return std::isnan(size) ? "-" : fmt::format("{:.1f} %", 100 * size); }

// The front of one scope, the smallest first, and how many are beaten.
std::string front_table(const experiment_plan &plan, std::vector<results::front_row> rows,
                        const std::string &heading) {
   using enum grid::side;
   std::sort(rows.begin(), rows.end(), [](const auto &a, const auto &b) {
      return std::pair(a.size, a.pipeline) < std::pair(b.size, b.pipeline);
   });
   grid table({right, right, right, left});
   table.add({"size", config::printable(plan.work.quality.metric), "pipeline", ""});
   std::size_t beaten = 0, absent = 0, front = 0;
   for (const results::front_row &row : rows)
      if (row.on_front() && ++front)
         table.add({share(row.size), results::readable(row.quality), std::to_string(row.pipeline),
                    config::printable(plan.work.pipelines[static_cast<std::size_t>(row.pipeline - 1)].text())});
      else
         ++(row.dominated_by ? beaten : absent);
   std::string counts = fmt::format("{} on the front, {} beaten", front, beaten);
   if (absent > 0)
      counts += fmt::format(", {} without a value", absent);
   return fmt::format("\n{}: {}\n{}", config::printable(heading), counts, front > 0 ? table.text() : "");
}

std::string front_tables(const experiment_plan &plan, const std::vector<results::front_row> &rows) {
   std::string text;
   std::vector<results::front_row> scope;
   for (std::size_t i = 0; i < rows.size(); ++i) {
      scope.push_back(rows[i]);
      if (i + 1 < rows.size() && rows[i + 1].source == rows[i].source)
         continue;
      const std::optional<int64_t> source = rows[i].source;
      text += front_table(plan, std::move(scope),
                          source ? plan.work.sources[static_cast<std::size_t>(*source - 1)].about.path
                                 : "all sources together");
      scope.clear();
   }
   return text;
}

struct tally {
   std::size_t present = 0, failed = 0, unavailable = 0;
   bool value_failed = false, gate_failed = false;
};

result<tally> judge(const experiment_plan &plan, results::journal &journal) {
   tally all;
   auto visited = journal.visit([&](const results::experiment_cell &cell) -> result<void> {
      if (cell.status == results::status::unavailable) {
         ++all.unavailable;
         return {};
      }
      ++(cell.status == results::status::present ? all.present : all.failed);
      all.value_failed |= has_failures(cell.found);
      all.gate_failed |= !pass_gates(plan.comparing.gates, cell.found);
      return {};
   });
   return visited.map([&] { return all; });
}

std::string summary_of(const experiments::run_folder &folder, const tally &all) {
   std::string text = fmt::format("{}: {} cells", config::printable(folder.path()),
                                  all.present + all.failed + all.unavailable);
   if (!folder.done().empty())
      text += fmt::format(" ({} of them done before)", folder.done().size());
   if (all.failed > 0)
      text += fmt::format(", {} failed", all.failed);
   if (all.unavailable > 0)
      text += fmt::format(", {} unavailable", all.unavailable);
   if (all.failed + all.unavailable > 0)
      text += fmt::format("; giflab failures {} tells why", config::printable(folder.path()));
   return text + "\n";
}

// ---- Running

result<void> run_cells(const experiment_plan &plan, experiments::run_folder &folder, bool quiet) {
   const std::size_t threads = thread_count(plan.comparing.settings);
   const std::size_t all = plan.work.sources.size() * plan.work.pipelines.size();
   const std::size_t at_once = std::max<std::size_t>(1, std::min(threads, all - folder.done().size()));
   engine::lending lent = lending(plan.comparing.settings);
   if (plan.work.comparing.device == engine::device_use::always) {
      auto device = chosen_device(plan.comparing.settings);
      if (!device)
         return tl::unexpected(device.error());
      lent.device = std::move(*device);
   }
   // Cells help themselves to threads while they wait: together they are as many as were asked for.
   engine::machine on(threads - at_once + 1, stop_on_signals(), std::move(lent));
   progress_display progress(quiet, "cells");
   progress.start("cells", 1, 1);
   auto ran = experiments::run_cells(
       plan.work, folder, at_once, on, [&](const results::experiment_cell &, std::size_t done) {
          progress.advance(static_cast<double>(done) / static_cast<double>(all), static_cast<int64_t>(done));
       });
   if (ran)
      progress.done(static_cast<int64_t>(all - folder.done().size()));
   return ran;
}

std::vector<results::experiment_source> sources_of(const experiments::experiment &work) {
   std::vector<results::experiment_source> sources;
   for (const experiments::planned_source &source : work.sources)
      sources.push_back(source.about);
   return sources;
}

result<experiments::run_folder> open_folder(const experiment_plan &plan, const experiment_options &options,
                                            const std::string &run_file) {
   const std::string name = std::filesystem::path(run_file).stem().string();
   const results::run_facts facts = experiments::facts_of(plan.work, setting_facts(plan.comparing.settings));
   std::vector<std::string> differences;
   auto folder = experiments::run_folder::open({options.output, name, options.resume}, facts,
                                               sources_of(plan.work), plan.work.pipelines, differences);
   for (std::size_t i = 0; i < std::min(differences.size(), most_differences); ++i)
      fmt::print(stderr, "{}\n", config::printable(differences[i]));
   if (differences.size() > most_differences)
      fmt::print(stderr, "and {} more\n", differences.size() - most_differences);
   return folder;
}

result<int> finish(const experiment_plan &plan, experiments::run_folder &folder) {
   auto fronts = experiments::fronts_of(plan.work, folder.journal());
   if (!fronts)
      return tl::unexpected(fronts.error());
   auto exported =
       results::export_experiment(folder.journal(), *fronts, plan.work.quality.metric, folder.path());
   if (!exported)
      return tl::unexpected(exported.error());
   auto all = judge(plan, folder.journal());
   if (!all)
      return tl::unexpected(all.error());
   if (const int printed = print(summary_of(folder, *all) + front_tables(plan, *fronts));
       printed != exit_success)
      return printed;
   if (all->gate_failed)
      return exit_gate;
   return all->value_failed || !plan.problems.empty() ? exit_partial : exit_success;
}

} // namespace

result<int> run_experiment(const comparing_options &comparing, const experiment_options &options,
                           const config::run_file &file) {
   auto plan = plan_experiment(comparing, options, file);
   if (!plan)
      return tl::unexpected(plan.error());
   for (const std::string &found : plan->problems)
      fmt::print(stderr, "giflab: {}\n", config::printable(found));
   if (options.estimate)
      return print(estimate_of(*plan));
   auto folder = open_folder(*plan, options, file.path);
   if (!folder)
      return tl::unexpected(folder.error());
   if (auto ran = run_cells(*plan, *folder, comparing.common.quiet); !ran)
      return tl::unexpected(ran.error());
   return finish(*plan, *folder);
}

} // namespace giflab::cli
