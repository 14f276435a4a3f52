// giflab plugins [--all] [--json] [ID]

#include "cli/command.hpp"
#include "config/nearest_name.hpp"
#include "modules/description.hpp"
#include "modules/reference_page.hpp"

#include <fmt/format.h>

namespace giflab::cli {

namespace {

struct plugins_options {
   common_options common;
   std::string id;
   bool all = false;
   bool json = false;
};

result<int> run(const plugins_options &options) {
   auto settings = resolve_settings(options.common);
   if (!settings)
      return tl::unexpected(settings.error());
   auto found = find_plugins(*settings, options.common);
   if (!found)
      return tl::unexpected(found.error());
   if (options.id.empty())
      return print(options.json ? modules::descriptions(*found, options.all)
                                : modules::plugin_list(*found, options.all));
   if (const modules::plugin *one = found->find(options.id))
      return print(options.json ? modules::description(*one) : modules::reference_page(*one));
   std::vector<std::string> ids;
   for (const auto &one : found->plugins())
      ids.push_back(one->id());
   return failed(problem::usage,
                 fmt::format("there is no plugin '{}': {}", options.id, config::did_you_mean(options.id, ids)));
}

} // namespace

command add_plugins(CLI::App &app) {
   auto options = std::make_shared<plugins_options>();
   CLI::App *parser = app.add_subcommand("plugins", "List the plugins, or print the reference page of one");
   parser->add_option("ID", options->id, "The plugin whose page to print");
   parser->add_flag("--all", options->all, "Also where they were looked for, and what was turned away and why");
   parser->add_flag("--json", options->json, "The same for programs: every field of the plugins, as JSON");
   add_common_options(*parser, options->common);
   return {parser, [options] {
              const result<int> outcome = run(*options);
              return outcome ? *outcome : report(outcome.error());
           }};
}

} // namespace giflab::cli
