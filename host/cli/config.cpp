// giflab config show

#include "cli/command.hpp"
#include "config/run_file.hpp"

#include <fmt/format.h>

namespace giflab::cli {

namespace {

struct config_options {
   common_options common;
   std::string file;
};

result<int> show(const config_options &options) {
   std::vector<config::assignment> from_file;
   if (!options.file.empty()) {
      auto file = config::load_run_file(options.file);
      if (!file)
         return tl::unexpected(file.error());
      from_file = std::move(file->settings);
   }
   auto settings = resolve_settings(options.common, from_file);
   if (!settings)
      return tl::unexpected(settings.error());
   std::string text;
   for (const config::setting_definition &definition : config::setting_definitions())
      text += fmt::format("{:<24} {:<20} {}\n", definition.name, settings->text(definition.id),
                          settings->origin(definition.id));
   return print(text);
}

} // namespace

command add_config(CLI::App &app) {
   auto options = std::make_shared<config_options>();
   CLI::App *parser = app.add_subcommand("config", "Look at the settings");
   CLI::App *shown = parser->add_subcommand("show", "Print every setting, its value and where that comes from");
   parser->require_subcommand(1);
   shown->add_option("CONFIG", options->file, "A run file whose [run] table counts too");
   add_common_options(*shown, options->common);
   return {parser, [options] {
              const result<int> outcome = show(*options);
              return outcome ? *outcome : report(outcome.error());
           }};
}

} // namespace giflab::cli
