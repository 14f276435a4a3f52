// giflab plugins [--all] [--json | --markdown] [ID], giflab plugins --forgive ID

#include "cli/workshop.hpp"
#include "config/nearest_name.hpp"
#include "config/printable.hpp"
#include "modules/description.hpp"
#include "modules/reference_page.hpp"
#include "validator/verdict_cache.hpp"

#include <fmt/format.h>

#include <set>

namespace giflab::cli {

namespace {

struct plugins_options {
   common_options common;
   std::string id, forgiven;
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

result<int> forgive(const std::string &id) {
   const auto forgiven = validator::forgive(id);
   if (!forgiven)
      return tl::unexpected(forgiven.error());
   if (!*forgiven)
      return failed(problem::usage, fmt::format("no plugin '{}' is in quarantine", id));
   return print(fmt::format("{} runs again\n", id));
}

result<int> run(const plugins_options &options) {
   auto settings = resolve_settings(options.common);
   if (!settings)
      return tl::unexpected(settings.error());
   if (!options.forgiven.empty())
      return forgive(options.forgiven);
   // Modules are loaded elsewhere: one that cannot be loaded without harm is listed, too.
   if (auto no_device = settings->set("device", "cpu", "giflab plugins"); !no_device)
      return tl::unexpected(no_device.error());
   auto workshop = opened_workshop::open(*settings, options.common, {});
   if (!workshop)
      return tl::unexpected(workshop.error());
   const modules::catalogue *found = &workshop->found();
   if (options.markdown)
      return print(modules::markdown_table(*found));
   if (options.id.empty() && options.json)
      return print(modules::descriptions(*found, options.all));
   if (options.id.empty())
      return print(config::printable_lines(modules::plugin_list(*found, options.all)) +
                   (options.all ? module_verdicts(*found) : ""));
   if (const modules::plugin *one = found->find(options.id))
      return print(options.json ? modules::description(*one)
                                : config::printable_lines(modules::reference_page(*one)));
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
   parser
       ->add_option("--forgive", options->forgiven,
                    "Let a plugin run again that is in quarantine for having crashed too often")
       ->type_name("ID")
       ->excludes(id);
   add_common_options(*parser, options->common);
   return {parser, [options] {
              const result<int> outcome = run(*options);
              return outcome ? *outcome : report(outcome.error());
           }};
}

} // namespace giflab::cli
