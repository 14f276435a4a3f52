// The program: finds the command, runs it, gives its exit code.

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
#include <string_view>

namespace {

using namespace giflab;

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
   cli::command (*add)(CLI::App &);
};

constexpr known_command known_commands[] = {
    {"compare", cli::add_compare}, {"run", cli::add_run},         {"failures", cli::add_failures},
    {"select", cli::add_select},   {"process", cli::add_process}, {"synth", cli::add_synth},
    {"info", cli::add_info},       {"plugins", cli::add_plugins}, {"doctor", cli::add_doctor},
    {"config", cli::add_config},   {"check", cli::add_check},     {"new-plugin", cli::add_new_plugin},
    {"models", cli::add_models},   {"cache", cli::add_cache}};

// The command that the first word names; all of them where it names none, to be listed and suggested. Each has
// some fifty options, which would take every start as long as the rest of it.
std::vector<cli::command> add_commands(CLI::App &app, std::string_view first) {
   const bool named = std::any_of(std::begin(known_commands), std::end(known_commands),
                                  [&](const known_command &one) { return one.name == first; });
   std::vector<cli::command> added;
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
   const std::vector<cli::command> commands = add_commands(app, argc > 1 ? argv[1] : "");
   try {
      app.parse(argc, argv);
   } catch (const CLI::Success &wanted) { // --help, --version
      return app.exit(wanted);
   } catch (const CLI::ParseError &mistake) {
      if (auto checked = check_leftovers(app); !checked) // says more than that something is missing
         return cli::report(checked.error());
      return cli::report({problem::usage, std::string(mistake.what()) + "; see --help"});
   }
   if (auto checked = check_leftovers(app); !checked)
      return cli::report(checked.error());
   for (const cli::command &command : commands)
      if (command.parser->parsed())
         return command.run();
   fmt::print(stderr, "{}", app.help());
   return cli::exit_usage;
}

} // namespace

int main(int argc, char **argv) {
   try {
      if (argc > 1 && argv[1] == workers::worker_command)
         return cli::become_worker(argc, argv);
      return run_command_line(argc, argv);
   } catch (const std::bad_alloc &) {
      return cli::report({problem::internal, "out of memory"});
   } catch (const std::exception &escaped) {
      return cli::report({problem::internal, fmt::format("a bug: {}", escaped.what())});
   }
}
