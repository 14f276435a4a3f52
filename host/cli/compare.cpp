// giflab compare REFERENCE DISTORTED

#include "cli/comparing.hpp"
#include "cli/progressive.hpp"
#include "results/formula_values.hpp"
#include "results/sinks.hpp"

#include <fmt/format.h>

namespace giflab::cli {

namespace {

struct compare_options {
   comparing_options comparing;
   std::string reference, distorted, format = "table", output = "-";
   bool per_frame = false;
};

result<config::output_format> check_output(const compare_options &options) {
   auto format = config::parse_output_format(options.format);
   if (format && options.per_frame && !config::holds_frames(*format))
      return failed(problem::usage,
                    fmt::format("--per-frame needs --format json, jsonl or csv: a {} cannot hold a row "
                                "for every pair of pictures",
                                options.format));
   return format;
}

result<results::comparison> compare(const compare_options &options, comparing_plan &planned) {
   engine::comparison_options how = engine_options(planned.settings);
   how.per_frame = options.per_frame;
   progress_display progress(options.comparing.common.quiet);
   progress.start(options.reference + " and " + options.distorted, 1, 1);
   progressive_comparer comparer(planned, options.comparing);
   auto found = comparer.compare(options.reference, options.distorted, how,
                                 [&](double fraction, int64_t pairs) { progress.advance(fraction, pairs); });
   if (found) {
      progress.done(found->alignment.pairs);
      results::add_formula_values(*found, planned.formulas);
      comparer.report();
   }
   return found;
}

result<void> write(results::sink &sink, const results::comparison &found, services::profile *times) {
   const services::stage_timer timer(times, services::stage::writing);
   return sink.write(found).and_then([&] { return sink.finish(); });
}

result<int> run(const compare_options &options) {
   auto format = check_output(options);
   if (!format)
      return tl::unexpected(format.error());
   auto planned = plan_comparing(options.comparing, config::run_file{});
   if (!planned)
      return tl::unexpected(planned.error());
   std::vector<std::string> inputs = options.comparing.formula_files;
   inputs.insert(inputs.end(), {options.reference, options.distorted});
   if (auto checked = check_overwriting({options.output, options.comparing.profiling.trace}, inputs); !checked)
      return tl::unexpected(checked.error());
   results::sink_options where;
   where.format = *format;
   where.path = options.output;
   where.per_frame = options.per_frame;
   where.samples = planned->progressive.has_value();
   auto sink = results::open_sink(where);
   if (!sink)
      return tl::unexpected(sink.error());
   auto found = compare(options, *planned);
   if (!found)
      return tl::unexpected(found.error());
   if (auto written = write(**sink, *found, planned->workshop.machine().profile()); !written)
      return tl::unexpected(written.error());
   if (!pass_gates(planned->gates, *found))
      return exit_gate;
   return has_failures(*found) ? exit_partial : exit_success;
}

} // namespace

command add_compare(CLI::App &app) {
   auto options = std::make_shared<compare_options>();
   CLI::App *parser = app.add_subcommand("compare", "Compare a picture or clip with what became of it");
   parser
       ->add_option("REFERENCE", options->reference, "The original: GIF, PNG, JPEG, WebP or a folder of stills")
       ->required();
   parser->add_option("DISTORTED", options->distorted, "What became of it")->required();
   parser->add_option("--format", options->format, "table, json, jsonl or csv")->type_name("FORMAT");
   parser->add_option("-o,--output", options->output, "Write to this file instead of standard output")
       ->type_name("FILE");
   parser->add_flag("--per-frame", options->per_frame, "With the values of every pair of pictures");
   add_comparing_options(*parser, options->comparing);
   return {parser, [options] {
              const result<int> outcome = profiled(options->comparing.profiling, [&] { return run(*options); });
              return outcome ? *outcome : report(outcome.error());
           }};
}

} // namespace giflab::cli
