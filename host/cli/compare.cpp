// giflab compare REFERENCE DISTORTED

#include "cli/comparing.hpp"
#include "results/sinks.hpp"

#include <fmt/format.h>

namespace giflab::cli {

namespace {

struct compare_options {
   comparing_options comparing;
   std::string       reference, distorted, format = "table", output = "-";
   bool              per_frame = false;
};

// Everything that can be refused before a file is opened.
struct compare_plan {
   config::settings                    settings;
   modules::catalogue                  found;
   std::vector<engine::planned_metric> metrics;
   std::vector<results::gate>          gates;
   config::output_format               format;
};

result<std::vector<results::gate>> parse_gates(const std::vector<std::string> &texts) {
   std::vector<results::gate> gates;
   for (const std::string &text : texts) {
      auto gate = results::parse_gate(text, "option --fail-if");
      if (!gate)
         return tl::unexpected(gate.error());
      gates.push_back(*gate);
   }
   return gates;
}

result<std::vector<engine::parameter_choice>> parse_parameters(const std::vector<std::string> &texts) {
   std::vector<engine::parameter_choice> parameters;
   for (const std::string &text : texts) {
      auto parameter = parse_parameter(text);
      if (!parameter)
         return tl::unexpected(parameter.error());
      parameters.push_back(*parameter);
   }
   return parameters;
}

result<compare_plan> plan(const compare_options &options) {
   auto format = config::parse_output_format(options.format);
   if (!format)
      return tl::unexpected(format.error());
   if (options.per_frame && !config::holds_frames(*format))
      return failed(problem::usage, fmt::format("--per-frame needs --format json, jsonl or csv: a {} cannot hold a row "
                                                "for every pair of pictures",
                                                options.format));
   auto settings = resolve_settings(options.comparing.common);
   if (!settings)
      return tl::unexpected(settings.error());
   if (auto checked = check_device(*settings); !checked)
      return tl::unexpected(checked.error());
   auto gates = parse_gates(options.comparing.gates);
   if (!gates)
      return tl::unexpected(gates.error());
   auto parameters = parse_parameters(options.comparing.parameters);
   if (!parameters)
      return tl::unexpected(parameters.error());
   auto found = find_plugins(*settings, options.comparing.common);
   if (!found)
      return tl::unexpected(found.error());
   const std::vector<std::string> names =
       options.comparing.metrics.empty() ? std::vector<std::string>{"default"} : options.comparing.metrics;
   auto metrics = engine::select_metrics(*found, names, *parameters);
   if (!metrics)
      return tl::unexpected(metrics.error());
   if (auto checked = results::check_gates(*gates, column_ids(*metrics)); !checked)
      return tl::unexpected(checked.error());
   return compare_plan{std::move(*settings), std::move(*found), std::move(*metrics), std::move(*gates), *format};
}

result<results::comparison> compare(const compare_options &options, const compare_plan &planned) {
   engine::comparison_options how = engine_options(planned.settings);
   how.per_frame = options.per_frame;
   engine::machine  on(thread_count(planned.settings), stop_on_signals());
   progress_display progress(options.comparing.common.quiet);
   progress.start(options.reference + " and " + options.distorted, 1, 1);
   auto found = engine::compare(options.reference, options.distorted, planned.metrics, how, on,
                                [&](double fraction, int64_t pairs) { progress.advance(fraction, pairs); });
   if (found)
      progress.done(found->alignment.pairs);
   return found;
}

result<int> run(const compare_options &options) {
   auto planned = plan(options);
   if (!planned)
      return tl::unexpected(planned.error());
   auto found = compare(options, *planned);
   if (!found)
      return tl::unexpected(found.error());
   results::sink_options where;
   where.format = planned->format;
   where.path = options.output;
   where.per_frame = options.per_frame;
   auto sink = results::open_sink(where);
   if (!sink)
      return tl::unexpected(sink.error());
   if (auto written = (*sink)->write(*found).and_then([&] { return (*sink)->finish(); }); !written)
      return tl::unexpected(written.error());
   if (!pass_gates(planned->gates, *found))
      return exit_gate;
   return has_failures(*found) ? exit_partial : exit_success;
}

} // namespace

command add_compare(CLI::App &app) {
   auto      options = std::make_shared<compare_options>();
   CLI::App *parser = app.add_subcommand("compare", "Compare a picture or clip with what became of it");
   parser->add_option("REFERENCE", options->reference, "The original: GIF, PNG, JPEG, WebP or a folder of stills")
       ->required();
   parser->add_option("DISTORTED", options->distorted, "What became of it")->required();
   parser->add_option("--format", options->format, "table, json, jsonl or csv")->type_name("FORMAT");
   parser->add_option("-o,--output", options->output, "Write to this file instead of standard output")->type_name("FILE");
   parser->add_flag("--per-frame", options->per_frame, "With the values of every pair of pictures");
   add_comparing_options(*parser, options->comparing);
   return {parser, [options] {
              const result<int> outcome = run(*options);
              return outcome ? *outcome : report(outcome.error());
           }};
}

} // namespace giflab::cli
