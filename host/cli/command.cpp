#include "cli/command.hpp"

#include "config/printable.hpp"
#include "engine/result_cache.hpp"
#include "services/log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <thread>
#include <unistd.h>

namespace giflab::cli {

namespace {

using config::setting;

services::cancellation &the_wish() {
   static services::cancellation wish;
   return wish;
}

extern "C" void on_signal(int signal) {
   the_wish().request();
   std::signal(signal, SIG_DFL); // the next one ends the process
}

std::vector<std::string_view> environment() {
   std::vector<std::string_view> variables;
   for (char **variable = environ; *variable; ++variable)
      variables.emplace_back(*variable);
   return variables;
}

template <class Enum, std::size_t N>
Enum chosen(const std::string &text, const std::pair<const char *, Enum> (&names)[N]) {
   const auto found =
       std::find_if(std::begin(names), std::end(names), [&](const auto &one) { return text == one.first; });
   return found->second; // settings hold known words only
}

} // namespace

void add_common_options(CLI::App &command, common_options &options) {
   for (const config::setting_definition &definition : config::setting_definitions()) {
      if (definition.kind == config::setting_kind::paths)
         continue; // the options below add to it
      const std::string name = config::option_name(definition);
      const std::string names =
          definition.other_option.empty() ? name : name + "," + std::string(definition.other_option);
      command
          .add_option_function<std::string>(
              names,
              [&options, &definition, name](const std::string &text) {
                 options.settings.push_back({std::string(definition.name), text, "option " + name});
              },
              fmt::format("{} ({}; default {})", definition.help, config::accepted_values(definition),
                          definition.initial))
          ->type_name("VALUE")
          ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast)
          ->group("Settings");
   }
   command.add_option("--plugin", options.plugin_folders, "Look for plugins in this folder first (repeatable)")
       ->type_name("DIR")
       ->allow_extra_args(false)
       ->group("Settings");
   command
       .add_option("--models", options.model_folders,
                   "Look for plugins' models in this folder first (repeatable)")
       ->type_name("DIR")
       ->allow_extra_args(false)
       ->group("Settings");
   command.add_flag("-q,--quiet", options.quiet, "No progress")->group("Settings");
}

void tell(std::string_view text) { (void)std::fwrite(text.data(), 1, text.size(), stderr); }

int report(const error &problem_found) {
   if (problem_found.kind != problem::cancelled || !problem_found.text.empty())
      tell(fmt::format("giflab: {}\n", config::printable(problem_found.text)));
   switch (problem_found.kind) {
   case problem::usage:
      return exit_usage;
   case problem::cancelled:
      return exit_cancelled;
   default:
      return exit_failure;
   }
}

const services::cancellation &stop_on_signals() {
   services::cancellation &wish = the_wish(); // made before a handler can ask for it
   for (int signal : {SIGINT, SIGTERM})
      std::signal(signal, on_signal);
   if (std::signal(SIGHUP, on_signal) == SIG_IGN) // nohup
      std::signal(SIGHUP, SIG_IGN);
   for (int signal : {SIGPIPE, SIGXFSZ}) // a reader that goes away, or a full quota, shows as a write error
      std::signal(signal, SIG_IGN);
   return wish;
}

namespace {

// Of those that options name whoever looks there says more.
void warn_of_missing_folders(const config::settings &settings) {
   for (const std::string &folder : settings.paths(setting::plugin_path)) {
      std::error_code none;
      if (!std::filesystem::is_directory(folder, none))
         services::log(services::log_level::warning,
                       fmt::format("{}: there is no folder {}: no plugin is looked for there",
                                   settings.origin(setting::plugin_path), config::in_quotes(folder)));
   }
}

} // namespace

result<config::settings> resolve_settings(const common_options &options,
                                          const std::vector<config::assignment> &run_file) {
   auto settings = config::effective_settings(run_file, environment(), options.settings);
   if (!settings)
      return settings;
   apply_log_level(*settings);
   warn_of_missing_folders(*settings);
   if (!options.plugin_folders.empty())
      settings->prepend_paths(setting::plugin_path, options.plugin_folders, "option --plugin");
   if (!options.model_folders.empty())
      settings->prepend_paths(setting::model_path, options.model_folders, "option --models");
   return settings;
}

void apply_log_level(const config::settings &settings) {
   services::set_log_level(chosen<services::log_level>(settings.text(setting::log_level),
                                                       {{"debug", services::log_level::debug},
                                                        {"info", services::log_level::info},
                                                        {"warning", services::log_level::warning},
                                                        {"error", services::log_level::error},
                                                        {"off", services::log_level::off}}));
}

result<modules::catalogue> find_plugins(const config::settings &settings, const common_options &options) {
   return modules::catalogue::discover(modules::search_path(settings.paths(setting::plugin_path)),
                                       options.plugin_folders.size());
}

engine::lending lending(const config::settings &settings) {
   engine::lending lent;
   lent.model_folders = modules::model_search_path(settings.paths(setting::model_path));
   lent.model_caching.shared =
       settings.enabled(setting::enable_model_caching) && settings.integer(setting::optimization_level) > 0;
   lent.model_caching.idle = std::chrono::seconds(settings.integer(setting::cleanup_interval_seconds));
   const std::vector<std::string> &programs = settings.programs(setting::allowed_programs);
   lent.programs.allowed.insert(lent.programs.allowed.end(), programs.begin(), programs.end());
   constexpr std::pair<const char *, setting> places[] = {
       {"gifsicle", setting::gifsicle_path},   {"magick", setting::imagemagick_path},
       {"convert", setting::imagemagick_path}, {"ffmpeg", setting::ffmpeg_path},
       {"gifski", setting::gifski_path},       {"animately", setting::animately_path}};
   for (const auto &[name, place] : places)
      if (!settings.text(place).empty())
         lent.programs.places[name] = settings.text(place);
   lent.memory_mapping = settings.enabled(setting::enable_memory_mapping);
   lent.programs.time_limit = std::chrono::seconds(settings.integer(setting::run_timeout));
   lent.memory = whole_memory(settings);
   if (const std::string &folder = settings.text(setting::temp_dir); !folder.empty()) {
      std::error_code trouble; // a current folder that is gone shows when the other is made
      lent.temporary_folder = std::filesystem::absolute(folder, trouble);
   }
   if (const int64_t most = settings.integer(setting::cache_size_mb); most > 0)
      lent.results = std::make_shared<engine::result_cache>(
          engine::result_cache::settings{cache_folder(settings), {.bytes = most << 20}, lent.model_folders});
   return lent;
}

std::string cache_folder(const config::settings &settings) {
   if (const std::string &chosen = settings.text(setting::cache_dir); !chosen.empty())
      return chosen;
   if (const char *cache = secure_getenv("XDG_CACHE_HOME"); cache && *cache == '/') // others are to be ignored
      return fmt::format("{}/giflab", cache);
   const char *home = secure_getenv("HOME");
   return home && *home == '/' ? fmt::format("{}/.cache/giflab", home) : std::string();
}

engine::comparison_options engine_options(const config::settings &settings) {
   engine::comparison_options options;
   options.level = static_cast<int>(settings.integer(setting::optimization_level));
   options.batch_size = static_cast<std::size_t>(settings.integer(setting::batch_size));
   if (settings.origin(setting::batch_size) != "default")
      options.device_batch_size = options.batch_size;
   options.device = !settings.device().cuda       ? engine::device_use::never
                    : settings.device().automatic ? engine::device_use::where_worthwhile
                                                  : engine::device_use::always;
   options.seed = static_cast<uint64_t>(settings.integer(setting::random_seed));
   options.parallel_metrics = settings.enabled(setting::enable_parallel_metrics);
   options.reading.limits.max_pixels = settings.integer(setting::max_pixels);
   options.reading.limits.max_frames = settings.integer(setting::max_frames);
   options.reading.limits.max_bytes = settings.integer(setting::max_file_bytes);
   options.reading.browser_delays = settings.enabled(setting::browser_delays);
   options.alignment = chosen<media::alignment_mode>(settings.text(setting::align),
                                                     {{"time", media::alignment_mode::time},
                                                      {"index", media::alignment_mode::index},
                                                      {"content", media::alignment_mode::content}});
   const config::colour background = settings.background();
   options.background = {background.red, background.green, background.blue};
   if (const auto resize = settings.resize())
      options.resize = engine::resizing{
          resize->distorted ? engine::side::distorted : engine::side::reference,
          chosen<media::resize_filter>(resize->filter, {{"nearest", media::resize_filter::nearest},
                                                        {"bilinear", media::resize_filter::bilinear},
                                                        {"bicubic", media::resize_filter::bicubic},
                                                        {"area", media::resize_filter::area},
                                                        {"lanczos", media::resize_filter::lanczos}})};
   return options;
}

std::size_t thread_count(const config::settings &settings) {
   if (settings.integer(setting::optimization_level) == 0)
      return 1;
   const auto asked = static_cast<std::size_t>(settings.integer(setting::max_parallel_workers));
   return asked > 0 ? asked : std::max(1u, std::thread::hardware_concurrency());
}

result<std::shared_ptr<device::lazy_device>> chosen_device(const config::settings &settings) {
   const config::device_choice choice = settings.device();
   if (!choice.cuda || (choice.automatic && !device::built_with_cuda()))
      return nullptr;
   std::shared_ptr<device::lazy_device> chosen = device::cuda_device_later(choice.ordinal);
   if (choice.automatic)
      return chosen; // whether it is there is asked once a job is large enough
   if (const std::string absence = chosen->absence(); !absence.empty())
      return failed(problem::usage,
                    fmt::format("device is {} ({}), but {}: use auto or cpu", settings.text(setting::device),
                                settings.origin(setting::device), absence));
   return chosen;
}

engine::memory_share whole_memory(const config::settings &settings) {
   return {static_cast<std::size_t>(settings.integer(setting::max_memory_mb)) << 20};
}

result<std::unique_ptr<engine::machine>> machine_for(const config::settings &settings, std::size_t threads,
                                                     const engine::memory_share &memory) {
   auto device = chosen_device(settings);
   if (!device)
      return tl::unexpected(device.error());
   engine::lending lent = lending(settings);
   lent.memory = memory;
   lent.device = std::move(*device);
   return std::make_unique<engine::machine>(threads, stop_on_signals(), std::move(lent));
}

int print(const std::string &text) {
   if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0)
      return exit_success;
   if (errno == EPIPE) // the reader's choice
      return exit_success;
   return report(
       {problem::internal, fmt::format("standard output cannot be written: {}", std::strerror(errno))});
}

} // namespace giflab::cli
