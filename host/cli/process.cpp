// giflab process SOURCE TARGET --step NAME:key=value,...

#include "engine/process.hpp"
#include "cli/comparing.hpp"
#include "config/printable.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>

namespace giflab::cli {

namespace {

struct process_options {
   common_options common;
   workshop_options workshop;
   std::string source, target;
   std::vector<std::string> steps;
};

// Without the dot and in small letters; a pipe has no name to go by.
std::string extension_of(const std::string &target) {
   if (target == "-")
      return "gif";
   std::string extension = std::filesystem::path(target).extension().string();
   std::transform(extension.begin(), extension.end(), extension.begin(), [](char letter) {
      return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
   });
   return extension.empty() ? extension : extension.substr(1);
}

result<std::string> check_target(const process_options &options) {
   const std::string extension = extension_of(options.target);
   if (extension.empty())
      return failed(problem::usage,
                    fmt::format("the target {} has no ending that says what to write, such as .gif",
                                config::in_quotes(options.target)));
   std::error_code none; // what is not there cannot be overwritten
   if (options.target != "-" && std::filesystem::equivalent(options.source, options.target, none))
      return failed(problem::usage, fmt::format("the target {} is the source: write somewhere else",
                                                config::in_quotes(options.target)));
   return extension;
}

std::vector<engine::step_text> texts_of(const std::vector<std::string> &steps) {
   std::vector<engine::step_text> texts;
   for (const std::string &step : steps)
      texts.push_back({step, "option --step"});
   return texts;
}

std::string stage_line(const engine::processing_report::stage &stage) {
   std::string text =
       fmt::format("{}: {} bytes in {:.2f} s", fmt::join(stage.names, ", "), stage.bytes, stage.seconds);
   if (stage.pictures >= 0)
      text += fmt::format(", {} picture{}", stage.pictures, stage.pictures == 1 ? "" : "s");
   if (!stage.fingerprint.empty())
      text += fmt::format(", by {}", stage.fingerprint);
   return config::printable(text) + "\n";
}

std::string summary_of(const process_options &options, const engine::processing_report &report) {
   std::string text;
   for (const auto &stage : report.stages)
      text += stage_line(stage);
   text += fmt::format("{}: {} bytes", config::printable(options.target), report.target_bytes);
   if (report.source_bytes > 0)
      text +=
          fmt::format(", {:.1f} % of {}",
                      100 * static_cast<double>(report.target_bytes) / static_cast<double>(report.source_bytes),
                      config::printable(options.source));
   return text + "\n";
}

// That were encoded last; -1 if nobody counted any.
int64_t pictures_of(const engine::processing_report &report) {
   int64_t pictures = -1;
   for (const auto &stage : report.stages)
      pictures = stage.pictures < 0 ? pictures : stage.pictures;
   return pictures;
}

engine::processing_options processing_options_of(const config::settings &settings) {
   const engine::comparison_options shared = engine_options(settings);
   return {shared.level, shared.reading, shared.background};
}

result<std::vector<engine::pipeline_stage>> plan(const process_options &options, const std::string &extension,
                                                 const engine::processing_options &how,
                                                 opened_workshop &workshop) {
   auto source = media::open(options.source, how.reading, workshop.machine().pixels());
   if (!source)
      return tl::unexpected(source.error());
   engine::readiness_register known = workshop.readiness();
   return engine::plan_pipeline(workshop.found(), texts_of(options.steps),
                                {(*source)->facts().format, extension}, known);
}

result<int> run(const process_options &options) {
   auto settings = resolve_settings(options.common);
   if (!settings)
      return tl::unexpected(settings.error());
   auto extension = check_target(options);
   if (!extension)
      return tl::unexpected(extension.error());
   // Filters and encoders work in host memory.
   if (auto no_device = settings->set("device", "cpu", "giflab process"); !no_device)
      return tl::unexpected(no_device.error());
   auto workshop = opened_workshop::open(*settings, options.common, options.workshop);
   if (!workshop)
      return tl::unexpected(workshop.error());
   const engine::processing_options how = processing_options_of(*settings);
   auto stages = plan(options, *extension, how, *workshop);
   if (!stages)
      return tl::unexpected(stages.error());
   progress_display progress(options.common.quiet, "pictures");
   progress.start(options.source, 1, 1);
   auto report = workshop->shop().process(options.source, options.target, *stages, how,
                                          [&](double done, int64_t count) { progress.advance(done, count); });
   if (!report)
      return tl::unexpected(report.error());
   progress.done(pictures_of(*report));
   for (const std::string &warning : report->warnings)
      tell(fmt::format("giflab: {}: {}\n", config::printable(options.source), config::printable(warning)));
   return options.target == "-" ? int{exit_success} : print(summary_of(options, *report));
}

} // namespace

command add_process(CLI::App &app) {
   auto options = std::make_shared<process_options>();
   CLI::App *parser = app.add_subcommand("process", "Make a file of another by filters and encoders");
   parser->add_option("SOURCE", options->source, "The original: GIF, PNG, JPEG, WebP or a folder of stills")
       ->required();
   parser->add_option("TARGET", options->target, "What to make of it, such as small.gif; - is standard output")
       ->required();
   parser
       ->add_option(
           "--step", options->steps,
           "A filter or an encoder with its parameters, in the order in which they work (repeatable); none "
           "does nothing")
       ->type_name("NAME[:KEY=VALUE,...]")
       ->allow_extra_args(false);
   add_workshop_options(*parser, options->workshop);
   add_common_options(*parser, options->common);
   return {parser, [options] {
              const result<int> outcome = run(*options);
              return outcome ? *outcome : report(outcome.error());
           }};
}

} // namespace giflab::cli
