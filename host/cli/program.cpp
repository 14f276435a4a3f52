#include "cli/program.hpp"

#include "cli/workshop.hpp"
#include "config/nearest_name.hpp"
#include "workers/worker.hpp"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <iterator>
#include <new>
#include <sstream>
#include <string_view>

namespace giflab::cli {

namespace {

constexpr const char *version_option = "--version";

constexpr const char *footer = R"(
Exit codes: 0 fine, 1 something went wrong, 2 the command or a setting makes no sense, 3 a --fail-if held,
4 finished but some values are absent through failure, 130 stopped on request.)";

// The first thing on the command line that no option or command took.
result<void> check_leftovers(const CLI::App &app) {
   for (const CLI::App *command : app.get_subcommands())
      if (auto checked = check_leftovers(*command); !checked)
         return checked;
   std::vector<std::string> left = app.remaining();
   std::erase(left, "--"); // which ends the options, and is none itself
   if (left.empty())
      return {};
   std::vector<std::string> known;
   const bool option = left[0].starts_with("-");
   if (option)
      for (const CLI::Option *one : app.get_options())
         for (const std::string &name : one->get_lnames())
            known.push_back("--" + name);
   else
      for (const CLI::App *one : app.get_subcommands([](const CLI::App *) { return true; }))
         known.push_back(one->get_name());
   const std::string name = left[0].substr(0, left[0].find('='));
   if (!option && known.empty())
      return failed(problem::usage,
                    fmt::format("'{}' is one argument too many; see giflab {} --help", name, app.get_name()));
   return failed(problem::usage,
                 fmt::format("there is no {} '{}': {}{}", option ? "option" : "command", name,
                             config::did_you_mean(name, known),
                             option ? fmt::format(" (a file of that name is written ./{})", name) : ""));
}

struct known_command {
   std::string_view name;
   command (*add)(CLI::App &);
};

constexpr known_command known_commands[] = {
    {"compare", add_compare}, {"run", add_run},         {"failures", add_failures},
    {"select", add_select},   {"process", add_process}, {"synth", add_synth},
    {"info", add_info},       {"plugins", add_plugins}, {"doctor", add_doctor},
    {"config", add_config},   {"check", add_check},     {"new-plugin", add_new_plugin},
    {"models", add_models},   {"cache", add_cache}};

// The command that the first word names; all of them where it names none, to be listed and suggested. Each has
// some fifty options, which would take every start as long as the rest of it.
std::vector<command> add_commands(CLI::App &app, std::string_view first) {
   const bool named = std::any_of(std::begin(known_commands), std::end(known_commands),
                                  [&](const known_command &one) { return one.name == first; });
   std::vector<command> added;
   for (const known_command &one : known_commands)
      if (one.name == first || (!named && first != version_option))
         added.push_back(one.add(app));
   return added;
}

int run_command_line(int argc, char **argv) {
   CLI::App app("giflab: what did this do to the picture?", "giflab");
   app.set_version_flag(version_option, "giflab " GIFLAB_VERSION);
   app.footer(footer);
   app.allow_extras(); // they are refused below, with a suggestion
   const std::vector<command> commands = add_commands(app, argc > 1 ? argv[1] : "");
   try {
      app.parse(argc, argv);
   } catch (const CLI::Success &wanted) { // --help, --version
      std::ostringstream text;
      app.exit(wanted, text, text);
      return print(text.str());
   } catch (const CLI::ParseError &mistake) {
      if (auto checked = check_leftovers(app); !checked) // says more than that something is missing
         return report(checked.error());
      return report({problem::usage, std::string(mistake.what()) + "; see --help"});
   }
   if (auto checked = check_leftovers(app); !checked)
      return report(checked.error());
   for (const command &command : commands)
      if (command.parser->parsed())
         return command.run();
   tell(app.help());
   return exit_usage;
}

} // namespace

int run_program(int argc, char **argv) {
   try {
      if (argc > 1 && argv[1] == workers::worker_command)
         return become_worker(argc, argv);
      return run_command_line(argc, argv);
   } catch (const std::bad_alloc &) {
      return report({problem::internal, "out of memory"});
   } catch (const std::exception &escaped) {
      return report({problem::internal, fmt::format("a bug: {}", escaped.what())});
   }
}

} // namespace giflab::cli
