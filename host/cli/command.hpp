#pragma once
// What the commands share: their options, their exit codes, and what they set up before they start.

#include "config/settings.hpp"
#include "engine/compare.hpp"
#include "error.hpp"
#include "modules/catalogue.hpp"
#include "results/gates.hpp"

#include <CLI/App.hpp>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace giflab::cli {

enum exit_code {
   exit_success = 0,
   exit_failure = 1,
   exit_usage = 2,
   exit_gate = 3,        // a --fail-if held
   exit_partial = 4,     // finished, but some values are absent through failure
   exit_cancelled = 130, // as shells report Ctrl-C
};

// Options that every command takes.
struct common_options {
   std::vector<config::assignment> settings; // of the command line, in order
   std::vector<std::string> plugin_folders, model_folders;
   bool quiet = false;
};

void add_common_options(CLI::App &command, common_options &options);

// A command as the parser knows it, and what runs it once its options are read; gives the exit code.
struct command {
   CLI::App *parser;
   std::function<int()> run;
};

command add_compare(CLI::App &app);
command add_run(CLI::App &app);
command add_process(CLI::App &app);
command add_synth(CLI::App &app);
command add_failures(CLI::App &app);
command add_select(CLI::App &app);
command add_info(CLI::App &app);
command add_plugins(CLI::App &app);
command add_doctor(CLI::App &app);
command add_config(CLI::App &app);
command add_new_plugin(CLI::App &app);
command add_check(CLI::App &app);
command add_models(CLI::App &app);
command add_cache(CLI::App &app);

// Writes to standard error. Where that cannot be written, nobody hears it, and nothing else suffers.
void tell(std::string_view text);

// Says what went wrong on standard error; gives the exit code for it.
int report(const error &problem);

// The wish to stop that Ctrl-C, SIGTERM and SIGHUP express. A second one ends the process at once.
const services::cancellation &stop_on_signals();

// Settings from the command line, the environment and, for `run`, a run file; they also set the log level.
result<config::settings> resolve_settings(const common_options &options,
                                          const std::vector<config::assignment> &run_file = {});

void apply_log_level(const config::settings &settings);

// All plugins on the search path of these settings.
result<modules::catalogue> find_plugins(const config::settings &settings, const common_options &options);

// Where values are kept; empty if no setting and no variable says.
std::string cache_folder(const config::settings &settings);

// What the settings mean to the engine.
engine::lending lending(const config::settings &settings);

// The device that metrics may compute on; null if there is to be none. An error if one was asked for by name
// and is not there.
result<std::shared_ptr<device::lazy_device>> chosen_device(const config::settings &settings);

// The limit that was set, not shared with anybody.
engine::memory_share whole_memory(const config::settings &settings);

// What these settings have plugins run on, in this process, which has that share of memory.
result<std::unique_ptr<engine::machine>> machine_for(const config::settings &settings, std::size_t threads,
                                                     const engine::memory_share &memory);

engine::comparison_options engine_options(const config::settings &settings);
std::size_t thread_count(const config::settings &settings);

// Writes to standard output; gives the exit code. Nobody reading it any more is no failure.
int print(const std::string &text);

} // namespace giflab::cli
