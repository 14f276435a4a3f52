#include "cli/comparing.hpp"

#include "cli/progressive.hpp"
#include "config/printable.hpp"
#include "results/formula_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <unistd.h>

namespace giflab::cli {

namespace {

constexpr auto redraw_interval = std::chrono::milliseconds(100);
constexpr int bar_width = 30;

double seconds_since(std::chrono::steady_clock::time_point then) {
   return std::chrono::duration<double>(std::chrono::steady_clock::now() - then).count();
}

result<engine::parameter_choice> parse_parameter(const std::string &text) {
   const std::size_t equals = text.find('=');
   const std::size_t dot = text.rfind('.', equals); // the plugin's id may hold dots
   if (equals == std::string::npos || dot == std::string::npos || dot == 0 || dot + 1 >= equals)
      return failed(
          problem::usage,
          fmt::format("--param {} is not of the form PLUGIN.NAME=VALUE, as in org.example.blur.radius=3",
                      config::in_quotes(text)));
   return engine::parameter_choice{text.substr(0, dot), text.substr(dot + 1, equals - dot - 1),
                                   text.substr(equals + 1), "option --param"};
}

result<std::vector<engine::parameter_choice>> all_parameters(const comparing_options &options,
                                                             const config::run_file &file) {
   std::vector<engine::parameter_choice> parameters;
   for (const config::run_parameter &written : file.parameters)
      parameters.push_back({written.plugin, written.name, written.text, written.where});
   for (const std::string &text : options.parameters) {
      auto parameter = parse_parameter(text);
      if (!parameter)
         return tl::unexpected(parameter.error());
      parameters.push_back(*parameter);
   }
   return parameters;
}

result<std::vector<results::gate>> all_gates(const comparing_options &options, const config::run_file &file) {
   std::vector<config::run_gate> written = file.gates;
   for (const std::string &text : options.gates)
      written.push_back({text, "option --fail-if"});
   std::vector<results::gate> gates;
   for (const config::run_gate &one : written) {
      auto gate = results::parse_gate(one.text, one.where);
      if (!gate)
         return tl::unexpected(gate.error());
      gates.push_back(*gate);
   }
   return gates;
}

std::vector<std::string> column_ids(const std::vector<engine::planned_metric> &plan) {
   std::vector<std::string> ids;
   for (const engine::planned_metric &metric : plan)
      for (const engine::planned_metric::column &column : metric.columns)
         ids.push_back(column.id);
   return ids;
}

result<std::vector<config::formula>> all_formulas(const comparing_options &options,
                                                  const config::run_file &file) {
   std::vector<config::formula> formulas;
   for (const auto *paths : {&file.formula_files, &options.formula_files})
      for (const std::string &path : *paths) {
         auto read = config::load_formulas(path);
         if (!read)
            return tl::unexpected(read.error());
         formulas.insert(formulas.end(), read->begin(), read->end());
      }
   return formulas;
}

result<std::vector<engine::planned_metric>> all_metrics(const comparing_options &options,
                                                        const config::run_file &file,
                                                        std::span<const config::formula> formulas,
                                                        opened_workshop &workshop) {
   const services::stage_timer timer(workshop.machine().profile(), services::stage::choosing_metrics);
   auto parameters = all_parameters(options, file);
   if (!parameters)
      return tl::unexpected(parameters.error());
   std::vector<std::string> names = options.metrics.empty() ? file.metrics : options.metrics;
   if (names.empty())
      names = {"default"};
   for (const std::string &term : results::metrics_of(formulas))
      names.push_back(term);
   return engine::select_metrics(workshop.found(), names, *parameters,
                                 [&](const modules::plugin &asked) { return workshop.shop().probe(asked); });
}

// And not a device or a pipe, which takes what several write.
bool is_a_file(const std::string &output) {
   std::error_code none;
   const auto type = std::filesystem::status(output, none).type();
   return output != "" && output != "-" &&
          (type == std::filesystem::file_type::regular || type == std::filesystem::file_type::not_found);
}

bool same_place(const std::string &a, const std::string &b) {
   std::error_code none; // then the names tell
   const auto place = [&](const std::string &name) {
      return std::filesystem::weakly_canonical(std::filesystem::absolute(name, none), none);
   };
   return a == b || (is_a_file(a) && place(a) == place(b));
}

} // namespace

void add_comparing_options(CLI::App &command, comparing_options &options) {
   command
       .add_option("--metrics", options.metrics,
                   "Metrics by name, plugins by id, or the sets default and all; commas between them")
       ->type_name("NAME,...")
       ->delimiter(',')
       ->allow_extra_args(false);
   command.add_option("--param", options.parameters, "A parameter of a plugin (repeatable)")
       ->type_name("PLUGIN.NAME=VALUE")
       ->allow_extra_args(false);
   command
       .add_option("--formulas", options.formula_files,
                   "Also make the values of this file's formulas, and what they need (repeatable)")
       ->type_name("FILE")
       ->allow_extra_args(false);
   command.add_option("--fail-if", options.gates, "Exit with 3 if this holds: 'ssim.p05 < 0.9' (repeatable)")
       ->type_name("CONDITION")
       ->allow_extra_args(false);
   add_profiling_options(command, options.profiling);
   add_workshop_options(command, options.workshop);
   command.add_flag("--verify-progressive", options.verify_progressive,
                    "At level 3: also measure everything, and tell how well it agrees");
   add_common_options(command, options.common);
}

result<comparing_plan> plan_comparing(const comparing_options &options, const config::run_file &file) {
   auto settings = resolve_settings(options.common, file.settings);
   if (!settings)
      return tl::unexpected(settings.error());
   auto gates = all_gates(options, file);
   if (!gates)
      return tl::unexpected(gates.error());
   auto formulas = all_formulas(options, file);
   if (!formulas)
      return tl::unexpected(formulas.error());
   services::profile *const times = options.profiling.into.get();
   auto workshop = [&] {
      const services::stage_timer timer(times, services::stage::finding_plugins);
      workshop_options where = options.workshop;
      // Times are noted in this process alone, and level 3 goes on from one round to the next in it.
      where.in_process |= times != nullptr || (is_progressive(*settings) && !file.pipelines);
      return opened_workshop::open(*settings, options.common, where);
   }();
   if (!workshop)
      return tl::unexpected(workshop.error());
   workshop->machine().note_times_in(times);
   auto metrics = all_metrics(options, file, *formulas, *workshop);
   if (!metrics)
      return tl::unexpected(metrics.error());
   std::vector<std::string> ids = column_ids(*metrics);
   if (auto checked = results::check_formulas(*formulas, ids); !checked)
      return tl::unexpected(checked.error());
   for (const config::formula &formula : *formulas)
      ids.push_back(formula.id);
   if (auto checked = results::check_gates(*gates, ids); !checked)
      return tl::unexpected(checked.error());
   auto progressive = progressive_policy_for(*settings, file.progressive, column_ids(*metrics));
   if (!progressive)
      return tl::unexpected(progressive.error());
   if (options.verify_progressive && !*progressive)
      return failed(problem::usage,
                    "--verify-progressive has nothing to verify: it is for --opt-level 3, or with "
                    "--enable-progressive-calculation true");
   return comparing_plan{std::move(*settings), std::move(*workshop), std::move(*metrics),
                         std::move(*formulas), std::move(*gates),    std::move(*progressive)};
}

result<void> check_overwriting(const std::vector<std::string> &outputs,
                               const std::vector<std::string> &inputs) {
   for (auto output = outputs.begin(); output != outputs.end(); ++output) {
      if (!is_a_file(*output))
         continue;
      std::error_code none; // what is not there cannot be overwritten
      for (const std::string &input : inputs)
         if (std::filesystem::equivalent(*output, input, none))
            return failed(problem::usage,
                          fmt::format("the output {} is one of the files that are read: write somewhere "
                                      "else",
                                      config::in_quotes(*output)));
      if (std::any_of(outputs.begin(), output, [&](const auto &before) { return same_place(before, *output); }))
         return failed(problem::usage,
                       fmt::format("{} is to be written twice: give each output a name of its own",
                                   config::in_quotes(*output)));
   }
   return {};
}

progress_display::progress_display(bool quiet, std::string noun)
    : quiet_(quiet), terminal_(isatty(STDERR_FILENO)), noun_(std::move(noun)) {}

progress_display::~progress_display() { clear(); }

void progress_display::clear() {
   if (drawn_)
      tell("\r\x1b[K"); // erase to the end of the line
   drawn_ = false;
}

void progress_display::start(const std::string &what, std::size_t number, std::size_t count) {
   what_ = config::printable(what);
   number_ = number;
   count_ = count;
   started_ = std::chrono::steady_clock::now();
   last_ = started_;
}

void progress_display::advance(double fraction, int64_t counted) {
   const auto now = std::chrono::steady_clock::now();
   if (quiet_ || !terminal_ || now - last_ < redraw_interval)
      return;
   last_ = now;
   drawn_ = true;
   const int filled = static_cast<int>(fraction * bar_width);
   tell(fmt::format("\r\x1b[K[{}{}] {}/{} {} {}", std::string(static_cast<std::size_t>(filled), '#'),
                    std::string(static_cast<std::size_t>(bar_width - filled), '.'), number_, count_, counted,
                    noun_));
   std::fflush(stderr);
}

void progress_display::done(int64_t counted, double seconds) {
   clear();
   if (quiet_ || terminal_)
      return;
   const std::string what = counted < 0 ? "done" : fmt::format("{} {}", counted, noun_);
   tell(fmt::format("[{}/{}] {}: {} in {:.2f} s\n", number_, count_, what_, what,
                    seconds < 0 ? seconds_since(started_) : seconds));
}

void tell_of_cache(const engine::workshop &on, bool quiet) {
   if (const auto [found, missed] = on.cache_counts(); !quiet && found + missed > 0)
      tell(fmt::format("kept from before: {} of {} metrics ({:.0f} %)\n", found, found + missed,
                       100.0 * static_cast<double>(found) / static_cast<double>(found + missed)));
}

bool has_failures(const results::comparison &comparison) {
   return !comparison.failure.empty() || std::any_of(comparison.metrics.begin(), comparison.metrics.end(),
                                                     [](const results::metric_value &value) {
                                                        return value.status == results::status::failed;
                                                     });
}

bool pass_gates(const std::vector<results::gate> &gates, const results::comparison &comparison) {
   bool passed = true;
   for (const results::gate &gate : gates)
      if (const results::verdict verdict = results::judge(gate, comparison); !verdict.passed) {
         tell(fmt::format("giflab: {}\n", config::printable(verdict.reason)));
         passed = false;
      }
   return passed;
}

} // namespace giflab::cli
