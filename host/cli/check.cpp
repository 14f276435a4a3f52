// giflab check FILE|DIR...

#include "cli/command.hpp"
#include "config/printable.hpp"
#include "results/output_file.hpp"
#include "services/log.hpp"
#include "validator/expected_scores.hpp"
#include "validator/report.hpp"
#include "validator/validate.hpp"
#include "validator/verdict_cache.hpp"

#include <fmt/format.h>

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <thread>

namespace giflab::cli {

namespace {

namespace fs = std::filesystem;
using std::chrono::steady_clock;

struct check_options {
   common_options common;
   std::vector<std::string> paths, only;
   std::string fuzz;
   uint64_t seed = 1;
   std::size_t jobs = 0;
   bool json = false, in_process = false, list = false, write_expected = false;
};

constexpr int64_t longest_fuzz = 7 * 24 * 3600; // a week

// "90s", "10m", "1h".
result<std::chrono::seconds> duration_of(const std::string &text) {
   int64_t count = 0;
   const auto [rest, trouble] = std::from_chars(text.data(), text.data() + text.size(), count);
   const std::string_view unit(rest, static_cast<std::size_t>(text.data() + text.size() - rest));
   const int64_t seconds = unit == "s" ? 1 : unit == "m" ? 60 : unit == "h" ? 3600 : 0;
   if (trouble != std::errc{} || seconds == 0 || count < 0 || count > longest_fuzz / seconds)
      return failed(problem::usage,
                    fmt::format("--fuzz takes a time such as 90s, 10m or 1h, not {}", config::in_quotes(text)));
   return std::chrono::seconds(count * seconds);
}

result<std::vector<std::string>> modules_in(const fs::path &folder) {
   std::vector<std::string> paths;
   std::error_code trouble;
   for (fs::directory_iterator entry(folder, trouble), end; !trouble && entry != end; entry.increment(trouble))
      if (entry->path().extension() == ".so")
         paths.push_back(entry->path().string());
   if (trouble)
      return failed(problem::usage, fmt::format("{}: {}", folder.string(), trouble.message()));
   if (paths.empty())
      return failed(problem::usage, fmt::format("{}: no *.so is in this folder", folder.string()));
   std::sort(paths.begin(), paths.end());
   return paths;
}

result<std::vector<std::string>> modules_at(const std::vector<std::string> &paths) {
   if (paths.empty())
      return failed(problem::usage, "FILE is required: the module to check, or a folder of them; see --help");
   std::vector<std::string> found;
   for (const std::string &path : paths) {
      std::error_code trouble;
      const fs::file_status status = fs::status(path, trouble);
      if (!fs::exists(status))
         return failed(problem::usage, fmt::format("{}: there is no such file or folder", path));
      if (!fs::is_directory(status)) {
         found.push_back(path);
         continue;
      }
      auto inside = modules_in(path);
      if (!inside)
         return inside;
      found.insert(found.end(), inside->begin(), inside->end());
   }
   return found;
}

result<validator::validation_options> validation_options(const check_options &options) {
   validator::validation_options made;
   made.only = options.only;
   made.seed = options.seed;
   made.in_process = options.in_process;
   made.at_once = options.jobs ? options.jobs : std::max(1u, std::thread::hardware_concurrency());
   if (!options.fuzz.empty()) {
      const auto time = duration_of(options.fuzz);
      if (!time)
         return tl::unexpected(time.error());
      made.fuzz_time = *time;
   }
   if (auto known = validator::wanted_checks(options.only); !known)
      return tl::unexpected(known.error());
   const auto settings = resolve_settings(options.common);
   if (!settings)
      return tl::unexpected(settings.error());
   made.model_folders = modules::model_search_path(settings->paths(config::setting::model_path));
   return made;
}

result<validator::validation> check_one(const std::string &path, const check_options &options,
                                        const validator::validation_options &how,
                                        const services::cancellation &cancelled) {
   const bool colour = isatty(STDOUT_FILENO);
   const auto began = steady_clock::now();
   auto told = validator::validate(path, how, cancelled, [&](const validator::checked &line) {
      if (!options.json)
         print(validator::report_line(line, colour));
   });
   if (!told)
      return told;
   const auto wall = std::chrono::duration_cast<std::chrono::milliseconds>(steady_clock::now() - began);
   if (!options.json)
      print(validator::report_summary(*told, wall));
   if (options.only.empty()) // a verdict is one of all checks
      if (auto remembered = validator::remember(*told); !remembered)
         services::log(services::log_level::warning, remembered.error().text);
   return told;
}

// Puts a table of what metrics score now beside each module that has any: what S14 compares with.
result<int> write_expected(const std::vector<std::string> &paths,
                           const std::vector<std::string> &model_folders) {
   const services::cancellation &cancelled = stop_on_signals();
   for (const std::string &path : paths) {
      const auto text =
          validator::expected_scores_of_module(fs::absolute(path).string(), model_folders, cancelled);
      if (!text)
         return tl::unexpected(text.error());
      if (text->empty()) {
         print(fmt::format("{}: no metrics, no table\n", config::printable(path)));
         continue;
      }
      const std::string table = validator::expected_scores_path(path);
      auto file = results::output_file::open(table);
      if (!file)
         return tl::unexpected(file.error());
      auto written = file->write(*text);
      if (written)
         written = file->commit();
      if (!written)
         return tl::unexpected(written.error());
      print(fmt::format("{}: written\n", config::printable(table)));
   }
   return exit_success;
}

result<int> run(const check_options &options) {
   if (options.list)
      return print(validator::list_of_checks());
   const auto how = validation_options(options);
   if (!how)
      return tl::unexpected(how.error());
   const auto paths = modules_at(options.paths);
   if (!paths)
      return tl::unexpected(paths.error());
   if (options.write_expected)
      return write_expected(*paths, how->model_folders);
   const services::cancellation &cancelled = stop_on_signals();
   std::vector<validator::validation> all;
   for (const std::string &path : *paths) {
      if (paths->size() > 1 && !options.json)
         print(fmt::format("{}{}\n", all.empty() ? "" : "\n", config::printable(path)));
      auto told = check_one(path, options, *how, cancelled);
      if (!told)
         return tl::unexpected(told.error());
      all.push_back(std::move(*told));
   }
   if (options.json) {
      const auto document = validator::report_json(all);
      if (!document)
         return tl::unexpected(document.error());
      if (const int written = print(*document); written != exit_success)
         return written;
   }
   const bool passed = std::all_of(all.begin(), all.end(), [](const auto &one) { return one.passed(); });
   return passed ? exit_success : exit_failure;
}

} // namespace

command add_check(CLI::App &app) {
   auto options = std::make_shared<check_options>();
   CLI::App *parser = app.add_subcommand("check", "Check that plugins keep the rules, each check on its own");
   parser->add_option("FILE", options->paths, "Modules (*.so), or folders of them");
   parser->add_option("--only", options->only, "Only this check, such as S05 (repeatable)")
       ->type_name("ID")
       ->allow_extra_args(false);
   parser->add_option("--seed", options->seed, "Of everything random in the checks (default 1)")
       ->type_name("N");
   parser->add_option("--fuzz", options->fuzz, "How long check P03 tries random things: 90s, 10m, 1h")
       ->type_name("TIME");
   parser->add_option("--jobs", options->jobs, "Checks at once (default: as many as there are processors)")
       ->type_name("N");
   parser
       ->add_option("--models", options->common.model_folders,
                    "Look for plugins' models in this folder first (repeatable)")
       ->type_name("DIR")
       ->allow_extra_args(false);
   parser->add_flag("--json", options->json, "One JSON document in place of the table");
   parser->add_flag("--in-process", options->in_process,
                    "Run the checks in this process, for a debugger: what crashes them ends giflab");
   parser->add_flag("--list", options->list, "List the checks");
   parser->add_flag(
       "--write-expected", options->write_expected,
       "Check nothing: write NAME.expect.tsv beside NAME.so, the scores that S14 expects from now on");
   return {parser, [options] {
              const result<int> outcome = run(*options);
              return outcome ? *outcome : report(outcome.error());
           }};
}

} // namespace giflab::cli
