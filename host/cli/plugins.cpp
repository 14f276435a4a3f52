// giflab plugins [--all] [--json | --markdown] [ID]

#include "cli/command.hpp"
#include "config/nearest_name.hpp"
#include "modules/description.hpp"
#include "modules/reference_page.hpp"
#include "validator/verdict_cache.hpp"

#include <fmt/format.h>

#include <set>

namespace giflab::cli {

namespace {

struct plugins_options {
   common_options common;
   std::string id;
   bool all = false;
   bool json = false;
   bool markdown = false;
};

const char *word_for(validator::known_verdict verdict) {
   switch (verdict) {
   case validator::known_verdict::passed:
      return "checked";
   case validator::known_verdict::failed:
      return "failed its checks";
   case validator::known_verdict::unchecked:
      break;
   }
   return "unchecked: run giflab check on it";
}

// What is known of each file that plugins come from. Reads them whole, so it is for those who ask.
std::string module_verdicts(const modules::catalogue &found) {
   std::set<std::string> paths;
   for (const auto &one : found.plugins())
      paths.insert(one->home->path);
   std::string list = "\nModules\n";
   for (const std::string &path : paths)
      list += fmt::format("  {} ({})\n", path, word_for(validator::lookup(path)));
   return list;
}

result<int> run(const plugins_options &options) {
   auto settings = resolve_settings(options.common);
   if (!settings)
      return tl::unexpected(settings.error());
   auto found = find_plugins(*settings, options.common);
   if (!found)
      return tl::unexpected(found.error());
   if (options.markdown)
      return print(modules::markdown_table(*found));
   if (options.id.empty() && options.json)
      return print(modules::descriptions(*found, options.all));
   if (options.id.empty())
      return print(modules::plugin_list(*found, options.all) + (options.all ? module_verdicts(*found) : ""));
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
   CLI::Option *id = parser->add_option("ID", options->id, "The plugin whose page to print");
   parser->add_flag(
       "--all", options->all,
       "Also where they were looked for, what was turned away and why, and which files were checked");
   CLI::Option *json =
       parser->add_flag("--json", options->json, "The same for programs: every field of the plugins, as JSON");
   parser
       ->add_flag("--markdown", options->markdown,
                  "All metrics, filters and encoders as tables in Markdown, as in plugins/README.md")
       ->excludes(id)
       ->excludes(json);
   add_common_options(*parser, options->common);
   return {parser, [options] {
              const result<int> outcome = run(*options);
              return outcome ? *outcome : report(outcome.error());
           }};
}

} // namespace giflab::cli
