// giflab select RUN

#include "cli/comparing.hpp"
#include "config/printable.hpp"
#include "config/run_file.hpp"
#include "config/run_names.hpp"
#include "experiments/selection.hpp"
#include "results/grid.hpp"
#include "results/output_file.hpp"
#include "results/toml_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>

namespace giflab::cli {

namespace {

using experiments::selection;
using results::grid;

struct select_options {
   std::string folder, output;
   std::vector<std::string> where;
   experiments::selection_wish wish;
};

std::string share(const experiments::standing &size) {
   return size.value ? fmt::format("{:.1f} %", 100 * *size.value) : "-";
}

const results::experiment_pipeline &pipeline_of(const selection &from, int64_t number) {
   return from.pipelines.at(static_cast<std::size_t>(number - 1));
}

std::string heading_of(const selection &made) {
   return fmt::format("the best {} of {} pipelines by {} ({}) over {} source{}", made.best.size(),
                      made.pipelines.size(), config::printable(made.by.text),
                      !made.by.reading           ? "size relative to the source, less is better"
                      : made.by.higher_is_better ? "higher is better"
                                                 : "lower is better",
                      made.sources.size(), made.sources.size() == 1 ? "" : "s");
}

std::string table_of(const selection &made) {
   using enum grid::side;
   grid table({right, right, right, right, left});
   table.add({"rank", made.by.reading ? config::printable(made.by.text) : "", "size", "pipeline", ""});
   for (const experiments::selected_pipeline &one : made.best)
      table.add({std::to_string(one.by.rank), made.by.reading ? results::readable(*one.by.value) : "",
                 share(one.size), std::to_string(one.pipeline),
                 config::printable(pipeline_of(made, one.pipeline).text())});
   return table.text();
}

// Why those that have no rank have none; the others were just not among the best.
std::string others_of(const selection &made) {
   std::string text;
   for (const experiments::selected_pipeline &one : made.others)
      if (one.by.rank == 0)
         text += fmt::format("   pipeline {}: {}\n", one.pipeline,
                             one.refusal.empty() ? one.by.absence : one.refusal);
   return text.empty() ? text : "without a rank:\n" + text;
}

// ---- The run file

// What `[metrics]` has to say for the same columns as in the run.
struct metric_choice {
   std::vector<std::string> names, formulas;
   std::map<std::string, std::map<std::string, std::string>> parameters; // plugin, name, value
};

// Takes "ssim(window=7,sigma=2)" apart.
std::string without_parameters(const results::metric_value &value, metric_choice &into) {
   const std::size_t open = value.id.find('(');
   if (open == std::string::npos || value.id.back() != ')')
      return value.id;
   std::string_view rest = std::string_view(value.id).substr(open + 1);
   rest.remove_suffix(1);
   while (!rest.empty()) {
      const std::string_view one = rest.substr(0, rest.find(','));
      rest.remove_prefix(std::min(rest.size(), one.size() + 1));
      const std::size_t equals = one.find('=');
      if (equals != std::string_view::npos)
         into.parameters[value.plugin][std::string(one.substr(0, equals))] = one.substr(equals + 1);
   }
   return value.id.substr(0, open);
}

result<metric_choice> metrics_of(results::journal &from) {
   metric_choice choice;
   bool first = true; // every cell has the same columns
   auto visited = from.visit([&](const results::experiment_cell &cell) -> result<void> {
      for (std::size_t i = 0; first && i < cell.found.metrics.size(); ++i) {
         const results::metric_value &value = cell.found.metrics[i];
         if (value.plugin == "formula")
            choice.formulas.push_back(value.id);
         else
            choice.names.push_back(without_parameters(value, choice));
      }
      first = false;
      return {};
   });
   return visited.map([&] { return std::move(choice); });
}

std::string metrics_text(const metric_choice &choice) {
   std::string text;
   if (!choice.formulas.empty())
      text += fmt::format("# The run also had {}: add the formulas' file with --formulas.\n",
                          fmt::join(choice.formulas, ", "));
   std::vector<std::string> quoted;
   for (const std::string &name : choice.names)
      quoted.push_back(results::toml_text(name));
   text += fmt::format("[metrics]\nselect = [{}]\n", fmt::join(quoted, ", "));
   for (const auto &[plugin, values] : choice.parameters) {
      text += fmt::format("\n[metrics.parameters.{}]\n", results::toml_text(plugin));
      for (const auto &[name, value] : values)
         text += fmt::format("{} = {}\n", name, results::toml_text(value));
   }
   return text;
}

std::string pipeline_line(const selection &made, const experiments::selected_pipeline &one) {
   const auto &steps = pipeline_of(made, one.pipeline).steps;
   std::vector<std::string> parts;
   for (std::size_t slot = 0; slot < steps.size(); ++slot)
      if (steps[slot] != "none")
         parts.push_back(fmt::format("{} = {}", config::slot_names[slot], results::toml_text(steps[slot])));
   std::string value = made.by.reading ? fmt::format(", {}", results::readable(*one.by.value)) : "";
   return fmt::format("   {{ {} }}, # {}: size {}{}\n", fmt::join(parts, ", "), one.by.rank, share(one.size),
                      value);
}

result<std::string> run_file_of(const selection &made, const std::string &output, results::journal &from) {
   auto metrics = metrics_of(from);
   if (!metrics)
      return tl::unexpected(metrics.error());
   const bool formula = made.by.reading && std::ranges::find(metrics->formulas, made.by.reading->metric) !=
                                               metrics->formulas.end();
   std::string text = fmt::format("# Made by giflab select: {}.\n#    giflab run {} --input FOLDER\n\n",
                                  heading_of(made), output == "-" ? "FILE" : config::printable(output));
   text += metrics_text(*metrics) + "\n[pipelines]\n";
   if (made.by.reading && !formula)
      text += fmt::format("quality = {}\n", results::toml_text(made.by.text));
   text += "chosen = [\n";
   for (const experiments::selected_pipeline &one : made.best)
      text += pipeline_line(made, one);
   return text + "]\n";
}

// A run makes no TOML: such a file in its folder is a choice made before.
bool is_part_of(const std::string &run, const std::string &output) {
   namespace fs = std::filesystem;
   std::error_code none; // what is not there is nobody's
   const fs::path target = fs::canonical(output, none), home = fs::canonical(run, none);
   return !none && target.extension() != ".toml" &&
          (target.parent_path() == home || target.parent_path() == home / config::made_name);
}

result<void> check_output(const select_options &options, const std::vector<std::string> &sources) {
   if (is_part_of(options.folder, options.output))
      return failed(problem::usage, fmt::format("the output {} is a file of the run: write somewhere else",
                                                config::in_quotes(options.output)));
   return check_overwriting({options.output}, sources);
}

result<void> write_run_file(const selection &made, const std::string &output, results::journal &from) {
   auto text = run_file_of(made, output, from);
   if (!text)
      return tl::unexpected(text.error());
   // What was just written has to be what run reads.
   if (auto read = config::parse_run_file(*text, output); !read)
      return failed(problem::internal, "a bug: the run file cannot be read: " + read.error().text);
   auto file = results::output_file::open(output);
   if (!file)
      return tl::unexpected(file.error());
   return file->write(*text).and_then([&] { return file->commit(); });
}

result<int> nothing_to_choose(const std::string &folder, const selection &made) {
   tell(others_of(made));
   return failed(problem::input, fmt::format("{}: no pipeline has a rank", config::in_quotes(folder)));
}

result<int> run(select_options options) {
   for (const std::string &text : options.where) {
      auto condition = results::parse_gate(text, "option --where");
      if (!condition)
         return tl::unexpected(condition.error());
      options.wish.where.push_back(std::move(*condition));
   }
   auto journal = results::journal::open(config::journal_in(options.folder), results::database::access::read);
   if (!journal)
      return tl::unexpected(journal.error());
   auto made = experiments::select_pipelines(*journal, options.wish);
   if (!made)
      return tl::unexpected(made.error());
   if (auto checked = check_output(options, made->sources); !checked)
      return tl::unexpected(checked.error());
   if (made->best.empty())
      return nothing_to_choose(options.folder, *made);
   if (!options.output.empty())
      if (auto written = write_run_file(*made, options.output, *journal); !written)
         return tl::unexpected(written.error());
   if (options.output == "-")
      return exit_success;
   return print(fmt::format("{}: {}\n{}{}", config::printable(options.folder), heading_of(*made),
                            table_of(*made), others_of(*made)));
}

} // namespace

command add_select(CLI::App &app) {
   auto options = std::make_shared<select_options>();
   CLI::App *parser =
       app.add_subcommand("select", "Choose the best pipelines of a run, and write a run file of them");
   parser->add_option("RUN", options->folder, "The folder of the run, such as runs/latest")->required();
   parser->add_option("--top", options->wish.top, "How many; more where the last ones are equal")
       ->type_name("N")
       ->check(CLI::Range(std::size_t{1}, std::size_t{1'000'000}))
       ->capture_default_str();
   parser
       ->add_option(
           "--by", options->wish.by,
           "What decides: METRIC[.STATISTIC] or a formula of the run, by its mean over the sources, or "
           "ratio, the geometric mean of sizes relative to the source")
       ->type_name("NUMBER")
       ->capture_default_str();
   parser
       ->add_option("--where", options->where,
                    "Only pipelines for which this holds of every source: 'ssim.p05 >= 0.9', 'size_percent < "
                    "50' (repeatable)")
       ->type_name("CONDITION")
       ->allow_extra_args(false);
   parser->add_option("--class", options->wish.content_class, "Only sources of this content class")
       ->type_name("NAME");
   parser
       ->add_option(
           "--status", options->wish.statuses,
           "Only pipelines whose every result has one of these: PASS, WARNING, ERROR, ARTIFACT, UNKNOWN")
       ->type_name("STATUS,...")
       ->delimiter(',')
       ->check(CLI::IsMember({"PASS", "WARNING", "ERROR", "ARTIFACT", "UNKNOWN"}))
       ->allow_extra_args(false);
   parser
       ->add_option("--output", options->output,
                    "Write a run file with them, for giflab run; - is standard output, without the table")
       ->type_name("FILE");
   return {parser, [options] {
              const result<int> outcome = run(*options);
              return outcome ? *outcome : report(outcome.error());
           }};
}

} // namespace giflab::cli
