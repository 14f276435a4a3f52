// giflab synth FOLDER

#include "cli/command.hpp"
#include "config/nearest_name.hpp"
#include "config/printable.hpp"
#include "experiments/synthetic_files.hpp"
#include "results/grid.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace giflab::cli {

namespace {

struct synth_options {
   common_options common;
   std::string folder;
   std::vector<std::string> only;
   bool targeted = false, list = false;
};

result<std::vector<synthetic::clip>> chosen_clips(const synth_options &options) {
   std::vector<std::string> known;
   for (const synthetic::clip &clip : synthetic::clips())
      known.emplace_back(clip.name);
   for (const std::string &name : options.only)
      if (std::find(known.begin(), known.end(), name) == known.end())
         return failed(problem::usage, fmt::format("there is no synthetic clip {}: {}", config::in_quotes(name),
                                                   config::did_you_mean(name, known)));
   std::vector<synthetic::clip> chosen;
   for (const synthetic::clip &clip : synthetic::clips())
      if ((!options.targeted || clip.targeted) &&
          (options.only.empty() ||
           std::find(options.only.begin(), options.only.end(), clip.name) != options.only.end()))
         chosen.push_back(clip);
   return chosen;
}

std::string list_of(const std::vector<synthetic::clip> &clips) {
   using enum results::grid::side;
   results::grid table({left, right, right, left, left});
   table.add({"clip", "frames", "pixels", "", "what it shows"});
   for (const synthetic::clip &clip : clips)
      table.add({clip.name, std::to_string(clip.frames), fmt::format("{}x{}", clip.width, clip.height),
                 clip.targeted ? "targeted" : "", clip.content});
   return table.text();
}

result<int> write_all(const synth_options &options, const std::vector<synthetic::clip> &clips) {
   auto settings = resolve_settings(options.common);
   if (!settings)
      return tl::unexpected(settings.error());
   auto found = find_plugins(*settings, options.common);
   if (!found)
      return tl::unexpected(found.error());
   engine::machine on(thread_count(*settings), stop_on_signals(), lending(*settings));
   auto encoder = experiments::gif_encoder(*found, on);
   if (!encoder)
      return tl::unexpected(encoder.error());
   std::error_code trouble;
   std::filesystem::create_directories(options.folder, trouble);
   if (trouble)
      return failed(problem::input, fmt::format("the folder {} cannot be made: {}",
                                                config::in_quotes(options.folder), trouble.message()));
   for (const synthetic::clip &clip : clips) {
      const std::string target = (std::filesystem::path(options.folder) / clip.name).string() + ".gif";
      auto bytes = experiments::write_clip(clip, target, *encoder, on);
      if (!bytes)
         return tl::unexpected(bytes.error());
      if (options.common.quiet)
         continue;
      if (const int printed = print(fmt::format("{}: {} bytes\n", config::printable(target), *bytes));
          printed != exit_success)
         return printed;
   }
   return exit_success;
}

result<int> run(const synth_options &options) {
   auto clips = chosen_clips(options);
   if (!clips)
      return tl::unexpected(clips.error());
   if (options.list)
      return print(list_of(*clips));
   if (options.folder.empty())
      return failed(problem::usage, "name the folder that the clips go to, or ask for --list");
   return write_all(options, *clips);
}

} // namespace

command add_synth(CLI::App &app) {
   auto options = std::make_shared<synth_options>();
   CLI::App *parser =
       app.add_subcommand("synth", "Make synthetic GIFs for experiments: 25 kinds of content, by formulas");
   parser->add_option("FOLDER", options->folder, "Where they go; files of their names are replaced");
   parser->add_option("--only", options->only, "One of them (repeatable)")
       ->type_name("NAME")
       ->allow_extra_args(false);
   parser->add_flag("--targeted", options->targeted, "The 17 that tell most");
   parser->add_flag("--list", options->list, "Tell what there is, and make nothing");
   add_common_options(*parser, options->common);
   return {parser, [options] {
              const result<int> outcome = run(*options);
              return outcome ? *outcome : report(outcome.error());
           }};
}

} // namespace giflab::cli
