#include "cli/experiment.hpp"

#include "cli/estimate.hpp"
#include "cli/findings.hpp"
#include "cli/search.hpp"
#include "config/expand_inputs.hpp"
#include "config/printable.hpp"
#include "experiments/design.hpp"
#include "experiments/experiment.hpp"
#include "experiments/features.hpp"
#include "experiments/listing.hpp"
#include "results/grid.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>

namespace giflab::cli {

namespace {

using experiments::slot_count;
using results::grid;

constexpr std::size_t most_differences = 12; // shown

// Everything that can be refused before a file is made.
struct experiment_plan {
   comparing_plan comparing;
   results::rulebook rules;
   experiments::slot_levels levels;
   std::vector<experiments::combination> chosen;
   experiments::experiment work;
   std::vector<std::string> problems; // of sources that were named and are not there
   std::optional<experiments::search_plan> search = {};
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

void add_chosen(experiment_plan &plan) {
   for (const experiments::combination &one : plan.chosen) {
      results::experiment_pipeline &pipeline = plan.work.pipelines.emplace_back();
      for (std::size_t slot = 0; slot < slot_count; ++slot)
         pipeline.steps[slot] = plan.levels[slot][one[slot]].step;
   }
}

result<void> choose_pipelines(experiment_plan &plan, const experiment_options &options,
                              const config::run_pipelines &written, engine::readiness_register &known) {
   if (!written.chosen.empty()) {
      experiments::listed_pipelines list = experiments::listed(written.chosen, options.max_pipelines);
      plan.levels = std::move(list.levels);
      plan.chosen = std::move(list.chosen);
      add_chosen(plan);
      return {};
   }
   error wrong{problem::usage, {}};
   auto levels = experiments::levels_of(written, [&](const std::string &step) {
      auto plugin = engine::plugin_of_step(plan.comparing.workshop.found(), {step, "[pipelines]"});
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
   add_chosen(plan);
   return {};
}

result<void> plan_pipelines(experiment_plan &plan, const experiment_options &options,
                            const config::run_pipelines &written) {
   engine::readiness_register known = plan.comparing.workshop.readiness();
   if (auto chosen = choose_pipelines(plan, options, written, known); !chosen)
      return chosen;
   std::vector<std::array<std::string, slot_count>> origins;
   for (const experiments::combination &one : plan.chosen) {
      auto &origin = origins.emplace_back();
      for (std::size_t slot = 0; slot < slot_count; ++slot)
         origin[slot] = plan.levels[slot][one[slot]].where;
   }
   return experiments::plan_stages(plan.work, origins, plan.comparing.workshop.found(), known);
}

result<experiment_plan> plan_experiment(const comparing_options &comparing, const experiment_options &options,
                                        const config::run_file &file) {
   auto shared = plan_comparing(comparing, file);
   if (!shared)
      return tl::unexpected(shared.error());
   auto rules = rules_of(options.decisions, file);
   if (!rules)
      return tl::unexpected(rules.error());
   experiment_plan plan{std::move(*shared), std::move(*rules), {}, {}, {}, {}};
   auto files = source_files(options, file, plan.problems);
   if (!files)
      return tl::unexpected(files.error());
   experiments::experiment &work = plan.work;
   work.comparing = engine_options(plan.comparing.settings);
   work.comparing.kept_original_bytes = engine::usual_kept_original_bytes;
   // Which cells would go to a device depends on what was done before; a run that is gone on with has to give
   // the same values.
   if (plan.work.comparing.device == engine::device_use::where_worthwhile)
      work.comparing.device = engine::device_use::never;
   work.processing = {work.comparing.level, work.comparing.reading, work.comparing.background};
   work.metrics = std::move(plan.comparing.metrics);
   work.formulas = plan.comparing.formulas;
   auto features = features_for(plan.rules, plan.comparing.workshop);
   if (!features)
      return tl::unexpected(features.error());
   work.features = std::move(*features);
   auto quality = front_quality(file.pipelines->quality, work);
   if (!quality)
      return tl::unexpected(quality.error());
   work.quality = *quality;
   auto sources =
       experiments::examine_sources(*files, work.comparing.reading, plan.comparing.workshop.machine());
   if (!sources)
      return tl::unexpected(sources.error());
   work.sources = std::move(sources->sources);
   plan.problems.insert(plan.problems.end(), sources->notes.begin(), sources->notes.end());
   if (auto planned = plan_pipelines(plan, options, *file.pipelines); !planned)
      return tl::unexpected(planned.error());
   if (file.search && options.max_pipelines)
      return failed(problem::usage,
                    fmt::format("{}: a search goes with all pipelines: leave --max-pipelines out",
                                config::printable(file.search->where)));
   if (file.search) {
      auto search = plan_search(*file.search, work);
      if (!search)
         return tl::unexpected(search.error());
      plan.search = std::move(*search);
   }
   return plan;
}

// Settings that can change a result.
results::run_facts setting_facts(const config::settings &settings) {
   using enum config::setting;
   results::run_facts facts;
   for (const config::setting id : {optimization_level, device, run_timeout, max_pixels, max_frames,
                                    max_file_bytes, browser_delays, background, align, resize, random_seed})
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
                        const std::string &heading, const run_findings &found) {
   using enum grid::side;
   std::sort(rows.begin(), rows.end(), [](const auto &a, const auto &b) {
      return std::pair(a.size, a.pipeline) < std::pair(b.size, b.pipeline);
   });
   grid table({right, right, left, right, left});
   table.add({"size", config::printable(plan.work.quality.metric), "validation", "pipeline", ""});
   std::size_t beaten = 0, absent = 0, front = 0;
   for (const results::front_row &row : rows)
      if (row.on_front() && ++front)
         table.add({share(row.size), results::readable(row.quality), status_of(found, row.source, row.pipeline),
                    std::to_string(row.pipeline),
                    config::printable(plan.work.pipelines[static_cast<std::size_t>(row.pipeline - 1)].text())});
      else
         ++(row.dominated_by ? beaten : absent);
   std::string counts = fmt::format("{} on the front, {} beaten", front, beaten);
   if (absent > 0)
      counts += fmt::format(", {} without a value", absent);
   return fmt::format("\n{}: {}\n{}", config::printable(heading), counts, front > 0 ? table.text() : "");
}

std::string front_tables(const experiment_plan &plan, const run_findings &found) {
   const std::vector<results::front_row> &rows = found.all.fronts;
   std::string text;
   std::vector<results::front_row> scope;
   for (std::size_t i = 0; i < rows.size(); ++i) {
      scope.push_back(rows[i]);
      if (i + 1 < rows.size() && rows[i + 1].source == rows[i].source)
         continue;
      const std::optional<int64_t> source = rows[i].source;
      text += front_table(plan, std::move(scope),
                          source ? plan.work.sources[static_cast<std::size_t>(*source - 1)].about.path
                                 : "all sources together",
                          found);
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

using cell_run = std::function<result<void>(std::size_t at_once, engine::workshop &on)>;

// In this process cells help themselves to threads while they wait: together they are as many as were asked
// for.
result<void> run_in_process(experiment_plan &plan, std::size_t cells, const cell_run &run) {
   const std::size_t threads = thread_count(plan.comparing.settings);
   const std::size_t at_once = std::clamp<std::size_t>(cells, 1, threads);
   engine::lending lent = lending(plan.comparing.settings);
   if (plan.work.comparing.device == engine::device_use::always) {
      auto device = chosen_device(plan.comparing.settings);
      if (!device)
         return tl::unexpected(device.error());
      lent.device = std::move(*device);
   }
   engine::machine on(threads - at_once + 1, stop_on_signals(), std::move(lent));
   on.note_times_in(plan.comparing.workshop.machine().profile());
   engine::local_workshop shop(on);
   return run(at_once, shop);
}

// Of `work`, which is that of the plan or a part of it.
result<void> run_cells(experiment_plan &plan, const experiments::experiment &work,
                       experiments::run_folder &folder, bool quiet) {
   const std::size_t all = work.sources.size() * work.pipelines.size();
   const std::size_t cells = all - folder.done().size();
   progress_display progress(quiet, "cells");
   progress.start("cells", 1, 1);
   const auto run = [&](std::size_t at_once, engine::workshop &on) {
      auto ran = experiments::run_cells(
          work, folder, experiments::waiting_cells(work, folder), at_once, on,
          [&](const results::experiment_cell &, std::size_t done) {
             progress.advance(static_cast<double>(done) / static_cast<double>(all), static_cast<int64_t>(done));
          });
      if (ran)
         progress.done(static_cast<int64_t>(cells));
      tell_of_cache(on, quiet);
      return ran;
   };
   opened_workshop &workshop = plan.comparing.workshop;
   return workshop.in_process() ? run_in_process(plan, cells, run)
                                : run(workshop.share(cells), workshop.shop());
}

result<std::vector<results::search_row>> run_search(experiment_plan &plan, experiments::run_folder &folder,
                                                    bool quiet) {
   std::vector<results::search_row> rows;
   progress_display progress(quiet, "trials");
   progress.start("trials", 1, 1);
   const auto most = static_cast<double>(most_trials(*plan.search, plan.work.sources.size()));
   int64_t tried = 0;
   const auto run = [&](std::size_t at_once, engine::workshop &on) {
      const experiments::cell_batch batch = [&](const std::vector<experiments::cell_place> &cells,
                                                const experiments::cell_listener &told) {
         return experiments::run_cells(plan.work, folder, cells, at_once, on,
                                       [&](const results::experiment_cell &cell, std::size_t done) {
                                          told(cell, done);
                                          ++tried;
                                          progress.advance(std::min(1.0, static_cast<double>(tried) / most),
                                                           tried);
                                       });
      };
      return experiments::search(plan.work, *plan.search, folder.journal(), batch).map([&](auto found) {
         rows = std::move(found);
      });
   };
   const std::size_t side_by_side = plan.work.sources.size() * plan.search->ladders.size();
   opened_workshop &workshop = plan.comparing.workshop;
   auto ran = workshop.in_process() ? run_in_process(plan, side_by_side, run)
                                    : run(workshop.share(side_by_side), workshop.shop());
   if (!ran)
      return tl::unexpected(ran.error());
   progress.done(tried);
   return rows;
}

std::vector<results::experiment_source> sources_of(const experiments::experiment &work) {
   std::vector<results::experiment_source> sources;
   for (const experiments::planned_source &source : work.sources)
      sources.push_back(source.about);
   return sources;
}

experiments::folder_wish folder_of(const experiment_options &options, const std::string &run_file) {
   return {options.output, std::filesystem::path(run_file).stem().string(), options.resume};
}

results::run_facts facts_of(const experiment_plan &plan) {
   return experiments::facts_of(plan.work, setting_facts(plan.comparing.settings));
}

void tell_differences(const std::vector<std::string> &differences) {
   for (std::size_t i = 0; i < std::min(differences.size(), most_differences); ++i)
      tell(fmt::format("{}\n", config::printable(differences[i])));
   if (differences.size() > most_differences)
      tell(fmt::format("and {} more\n", differences.size() - most_differences));
}

result<experiments::run_folder> open_folder(const experiment_plan &plan, const experiment_options &options,
                                            const std::string &run_file) {
   std::vector<std::string> differences;
   auto folder = experiments::run_folder::open(folder_of(options, run_file), facts_of(plan),
                                               sources_of(plan.work), plan.work.pipelines, differences);
   tell_differences(differences);
   return folder;
}

result<int> tell_estimate(experiment_plan &plan, const experiment_options &options,
                          const std::string &run_file) {
   std::vector<std::string> differences;
   const experiments::folder_wish folder = folder_of(options, run_file);
   auto checked = experiments::run_folder::check(folder, facts_of(plan), differences);
   tell_differences(differences);
   if (!checked)
      return tl::unexpected(checked.error());
   if (plan.search)
      return print(estimate_of(plan) + search_estimate(*plan.search, plan.work));
   const estimate_wish wish{folder.output, folder.name, thread_count(plan.comparing.settings),
                            plan.comparing.settings.text(config::setting::temp_dir)};
   auto time = time_text(plan.work, facts_of(plan), wish, plan.comparing.workshop.machine(),
                         [&](const experiments::experiment &part, experiments::run_folder &in) {
                            return run_cells(plan, part, in, true);
                         });
   if (!time)
      return tl::unexpected(time.error());
   return print(estimate_of(plan) + *time);
}

result<int> finish(const experiment_plan &plan, experiments::run_folder &folder) {
   auto found = findings_of(plan.work, plan.rules, folder.journal());
   if (!found)
      return tl::unexpected(found.error());
   auto exported = results::export_experiment(folder.journal(), found->all, folder.path());
   if (!exported)
      return tl::unexpected(exported.error());
   auto all = judge(plan, folder.journal());
   if (!all)
      return tl::unexpected(all.error());
   if (const int printed = print(summary_of(folder, *all) + summary_of(*found) + front_tables(plan, *found));
       printed != exit_success)
      return printed;
   if (all->gate_failed)
      return exit_gate;
   return all->value_failed || !plan.problems.empty() ? exit_partial : exit_success;
}

// Of pipelines that nothing was tried with there is nothing to tell.
void leave_out_untried(std::vector<results::front_row> &fronts, const std::vector<results::search_row> &rows) {
   std::set<std::pair<int64_t, int64_t>> tried; // 0 for all sources together
   for (const results::search_row &row : rows)
      for (const results::search_trial &trial : row.trials) {
         tried.emplace(row.source, trial.pipeline);
         tried.emplace(0, trial.pipeline);
      }
   std::erase_if(fronts, [&](const results::front_row &row) {
      return !tried.contains({row.source.value_or(0), row.pipeline});
   });
}

result<int> search(experiment_plan &plan, experiments::run_folder &folder, bool quiet) {
   auto rows = run_search(plan, folder, quiet);
   if (!rows)
      return tl::unexpected(rows.error());
   auto found = findings_of(plan.work, plan.rules, folder.journal());
   if (!found)
      return tl::unexpected(found.error());
   leave_out_untried(found->all.fronts, *rows);
   found->all.eliminations.clear(); // what was tried on one source alone cannot be ranked beside the others
   auto exported = results::export_experiment(folder.journal(), found->all, folder.path()).and_then([&] {
      return results::export_search(folder.journal(), plan.search->goals, *rows, folder.path());
   });
   if (!exported)
      return tl::unexpected(exported.error());
   auto all = judge(plan, folder.journal());
   if (!all)
      return tl::unexpected(all.error());
   if (const int printed = print(summary_of(folder, *all) + search_tables(*plan.search, plan.work, *rows));
       printed != exit_success)
      return printed;
   if (misses_goal(*rows))
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
      tell(fmt::format("giflab: {}\n", config::printable(found)));
   if (options.estimate)
      return tell_estimate(*plan, options, file.path);
   auto folder = open_folder(*plan, options, file.path);
   if (!folder)
      return tl::unexpected(folder.error());
   if (auto noted = folder->journal().note_rules(plan->rules.text); !noted)
      return tl::unexpected(noted.error());
   if (auto examined =
           experiments::examine_features(plan->work, folder->journal(), plan->comparing.workshop.shop());
       !examined)
      return tl::unexpected(examined.error());
   if (plan->search)
      return search(*plan, *folder, comparing.common.quiet);
   if (auto ran = run_cells(*plan, plan->work, *folder, comparing.common.quiet); !ran)
      return tl::unexpected(ran.error());
   return finish(*plan, *folder);
}

} // namespace giflab::cli
