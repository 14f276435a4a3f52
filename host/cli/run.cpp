// giflab run CONFIG.toml

#include "cli/comparing.hpp"
#include "cli/experiment.hpp"
#include "cli/in_order.hpp"
#include "cli/progressive.hpp"
#include "config/expand_inputs.hpp"
#include "config/printable.hpp"
#include "config/run_file.hpp"
#include "results/formula_values.hpp"
#include "results/sinks.hpp"

#include <CLI/Validators.hpp>
#include <fmt/format.h>

namespace giflab::cli {

namespace {

struct run_options {
   comparing_options comparing;
   experiment_options experiment;
   std::string file;
};

struct run_plan {
   config::run_file file;
   comparing_plan comparing;
   config::expanded_inputs inputs;
};

result<run_plan> plan(const run_options &options, config::run_file file) {
   auto comparing = plan_comparing(options.comparing, file);
   if (!comparing)
      return tl::unexpected(comparing.error());
   config::expanded_inputs inputs = config::expand_inputs(file.folder, file.inputs);
   return run_plan{std::move(file), std::move(*comparing), std::move(inputs)};
}

result<void> check_outputs(const run_options &options, const run_plan &planned) {
   std::vector<std::string> outputs{options.comparing.profiling.trace};
   for (const config::run_output &output : planned.file.outputs)
      outputs.push_back(output.path);
   std::vector<std::string> inputs{options.file};
   for (const auto *formulas : {&planned.file.formula_files, &options.comparing.formula_files})
      inputs.insert(inputs.end(), formulas->begin(), formulas->end());
   for (const config::input_pair &pair : planned.inputs.pairs)
      inputs.insert(inputs.end(), {pair.reference, pair.distorted});
   return check_overwriting(outputs, inputs);
}

result<std::vector<std::unique_ptr<results::sink>>> open_sinks(const config::run_file &file, bool samples) {
   std::vector<config::run_output> outputs = file.outputs;
   if (outputs.empty())
      outputs.push_back({config::output_format::table, "-", false, {}});
   std::vector<std::unique_ptr<results::sink>> sinks;
   for (const config::run_output &output : outputs) {
      auto sink = results::open_sink({output.format, output.path, output.per_frame, true, samples});
      if (!sink)
         return tl::unexpected(sink.error());
      sinks.push_back(std::move(*sink));
   }
   return sinks;
}

// A comparison that could not be made, as a row among the others.
results::comparison failure_row(const config::input_pair &pair, int level, std::string reason) {
   results::comparison row;
   row.optimization_level = level;
   row.reference.path = pair.reference;
   row.distorted.path = pair.distorted;
   row.failure = std::move(reason);
   return row;
}

class run_in_progress {
 public:
   run_in_progress(const run_options &options, run_plan &planned,
                   std::vector<std::unique_ptr<results::sink>> sinks)
       : planned_(planned), sinks_(std::move(sinks)), progress_(options.comparing.common.quiet),
         how_(engine_options(planned.comparing.settings)), comparer_(planned.comparing, options.comparing),
         at_once_(planned.comparing.workshop.share(planned.inputs.pairs.size())) {
      for (const config::run_output &output : planned.file.outputs)
         how_.per_frame |= output.per_frame;
   }

   result<int> compare_all() {
      result<void> outcome;
      in_order<compared_pair>(
          planned_.inputs.pairs.size(), at_once_, [this](std::size_t i) { return compare_one(i); },
          [&](std::size_t i, compared_pair compared) {
             outcome = write_one(i, std::move(compared));
             return outcome.has_value();
          });
      if (!outcome)
         return tl::unexpected(outcome.error());
      if (auto finished = finish_sinks(); !finished)
         return tl::unexpected(finished.error());
      comparer_.report();
      if (gate_failed_)
         return exit_gate;
      return cell_failed_ || !planned_.inputs.problems.empty() ? exit_partial : exit_success;
   }

 private:
   struct compared_pair {
      result<results::comparison> found;
      double seconds;
   };

   // With the pair before or behind it?
   bool shares_reference(std::size_t i) const {
      const auto &pairs = planned_.inputs.pairs;
      const auto same = [&](std::size_t other) { return pairs[other].reference == pairs[i].reference; };
      return (i > 0 && same(i - 1)) || (i + 1 < pairs.size() && same(i + 1));
   }

   // Of several at once none is drawn while it is under way: the bar is that of all.
   compared_pair compare_one(std::size_t i) {
      const config::input_pair &pair = planned_.inputs.pairs[i];
      const auto began = std::chrono::steady_clock::now();
      engine::progress_listener listener;
      if (at_once_ == 1) {
         progress_.start(names_of(pair), i + 1, planned_.inputs.pairs.size());
         listener = [&](double fraction, int64_t pairs) { progress_.advance(fraction, pairs); };
      }
      engine::comparison_options how = how_;
      how.kept_original_bytes = shares_reference(i) ? engine::usual_kept_original_bytes : 0;
      auto found = [&]() -> result<results::comparison> {
         try {
            return comparer_.compare(pair.reference, pair.distorted, how, listener);
         } catch (const std::bad_alloc &) {
            return failed(problem::internal, "out of memory: fewer --threads need less");
         }
      }();
      return {std::move(found),
              std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count()};
   }

   result<void> write_one(std::size_t i, compared_pair &&compared) {
      const config::input_pair &pair = planned_.inputs.pairs[i];
      auto &[found, seconds] = compared;
      if (!found && found.error().kind == problem::cancelled)
         return tl::unexpected(found.error());
      results::comparison row = found ? std::move(*found) : failure_row(pair, how_.level, found.error().text);
      results::add_formula_values(row, planned_.comparing.formulas);
      progress_.start(names_of(pair), i + 1, planned_.inputs.pairs.size());
      progress_.done(row.alignment.pairs, seconds);
      if (auto written = write(row); !written)
         return written;
      cell_failed_ |= has_failures(row);
      gate_failed_ |= !pass_gates(planned_.comparing.gates, row);
      pairs_ += row.alignment.pairs;
      if (at_once_ > 1)
         progress_.advance(static_cast<double>(i + 1) / static_cast<double>(planned_.inputs.pairs.size()),
                           pairs_);
      return {};
   }

   result<void> write(const results::comparison &row) {
      const services::stage_timer timer(planned_.comparing.workshop.machine().profile(),
                                        services::stage::writing);
      for (const auto &sink : sinks_)
         if (auto written = sink->write(row); !written)
            return written;
      return {};
   }

   result<void> finish_sinks() {
      const services::stage_timer timer(planned_.comparing.workshop.machine().profile(),
                                        services::stage::writing);
      for (const auto &sink : sinks_)
         if (auto finished = sink->finish(); !finished)
            return finished;
      return {};
   }

   static std::string names_of(const config::input_pair &pair) {
      return pair.reference + " and " + pair.distorted;
   }

   run_plan &planned_;
   std::vector<std::unique_ptr<results::sink>> sinks_;
   progress_display progress_;
   engine::comparison_options how_;
   progressive_comparer comparer_;
   std::size_t at_once_;
   int64_t pairs_ = 0; // of all that was compared
   bool cell_failed_ = false, gate_failed_ = false;
};

result<int> compare_files(const run_options &options, config::run_file file) {
   auto planned = plan(options, std::move(file));
   if (!planned)
      return tl::unexpected(planned.error());
   for (const std::string &problem_found : planned->inputs.problems)
      tell(fmt::format("giflab: {}\n", config::printable(problem_found)));
   if (planned->inputs.pairs.empty())
      return failed(problem::input,
                    fmt::format("{}: its inputs give no pair of files to compare", options.file));
   if (auto checked = check_outputs(options, *planned); !checked)
      return tl::unexpected(checked.error());
   auto sinks = open_sinks(planned->file, planned->comparing.progressive.has_value());
   if (!sinks)
      return tl::unexpected(sinks.error());
   auto outcome = run_in_progress(options, *planned, std::move(*sinks)).compare_all();
   tell_of_cache(planned->comparing.workshop.shop(), options.comparing.common.quiet);
   return outcome;
}

result<int> run(const run_options &options) {
   auto file = config::load_run_file(options.file);
   if (!file)
      return tl::unexpected(file.error());
   if (file->pipelines && options.comparing.verify_progressive)
      return failed(problem::usage,
                    fmt::format("{}: has [pipelines], which measure everything at any level: there is "
                                "nothing for --verify-progressive to verify",
                                options.file));
   if (file->pipelines)
      return run_experiment(options.comparing, options.experiment, *file);
   if (options.experiment.any())
      return failed(
          problem::usage,
          fmt::format(
              "{}: has no [pipelines], which --input, --output, --decisions, --max-pipelines, --estimate "
              "and --resume are for",
              options.file));
   return compare_files(options, std::move(*file));
}

void add_experiment_options(CLI::App &parser, experiment_options &options) {
   parser.add_option("--input", options.inputs, "A source: file, folder or pattern (repeatable)")
       ->type_name("PATH")
       ->allow_extra_args(false)
       ->group("Pipelines");
   parser
       .add_option(
           "--output", options.output,
           "The folder of the run, instead of the next number in runs/; the same run in it is gone on with")
       ->type_name("DIR")
       ->group("Pipelines");
   parser
       .add_option(
           "--decisions", options.decisions,
           "Rules for classes of sources, statuses of results and elimination, instead of the built-in ones")
       ->type_name("FILE")
       ->group("Pipelines");
   parser.add_option("--max-pipelines", options.max_pipelines, "Of more, take so many, evenly from all")
       ->type_name("N")
       ->check(CLI::Range(std::size_t{1}, std::size_t{1'000'000}))
       ->group("Pipelines");
   parser
       .add_flag("--estimate", options.estimate,
                 "Tell what would be done and how long it would take; tries a few cells where no run is there "
                 "to go by")
       ->group("Pipelines");
   parser.add_flag("--resume", options.resume, "Go on with the last run; an error if it was another")
       ->group("Pipelines");
}

} // namespace

command add_run(CLI::App &app) {
   auto options = std::make_shared<run_options>();
   CLI::App *parser = app.add_subcommand(
       "run", "Do what a run file says: many comparisons, or many sources through many pipelines");
   parser->add_option("CONFIG", options->file, "The run file (TOML; configs/README.md has the form)")
       ->required();
   add_experiment_options(*parser, options->experiment);
   add_comparing_options(*parser, options->comparing);
   return {parser, [options] {
              const result<int> outcome = profiled(options->comparing.profiling, [&] { return run(*options); });
              return outcome ? *outcome : report(outcome.error());
           }};
}

} // namespace giflab::cli
