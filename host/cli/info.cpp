// giflab info FILE

#include "cli/command.hpp"
#include "config/nearest_name.hpp"
#include "config/printable.hpp"
#include "media/reader.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace giflab::cli {

namespace {

using media::file_facts;
using media::frame_facts;

struct info_options {
   common_options common;
   std::string path, format = "table";
};

// Reads a file to its end, so that the facts about its frames are complete.
result<file_facts> read_facts(const std::string &path, const media::reading_options &reading) {
   engine::machine on(1, stop_on_signals());
   auto opened = media::open(path, reading, on.pixels());
   if (!opened)
      return tl::unexpected(opened.error());
   for (;;) {
      auto picture = (*opened)->next();
      if (!picture)
         return tl::unexpected(picture.error());
      if (on.cancelled().requested())
         return failed(problem::cancelled, "stopped on request");
      if (!*picture)
         return (*opened)->facts();
   }
}

bool is_gif(const file_facts &facts) { return facts.format.starts_with("GIF"); }

int64_t duration_us(const file_facts &facts) {
   int64_t sum = 0;
   for (const giflab_showing &showing : facts.showings)
      sum += showing.duration_us;
   return sum;
}

const char *disposal_name(int32_t disposal) {
   constexpr const char *names[] = {"unspecified", "keep", "background", "previous"};
   return disposal >= 0 && disposal < 4 ? names[disposal] : "unknown";
}

std::string loops(int32_t count) {
   if (count == 0)
      return "for ever";
   return count == 1 ? "once" : fmt::format("{} times", count);
}

std::string palettes(const file_facts &facts) {
   const auto local = std::count_if(facts.frames.begin(), facts.frames.end(),
                                    [](const frame_facts &frame) { return frame.local_colours > 0; });
   return fmt::format("global {}, local in {} of {} frames",
                      facts.global_colours ? fmt::format("{} colours", facts.global_colours) : "none", local,
                      facts.frames.size());
}

std::string spread(std::vector<int64_t> numbers) {
   std::sort(numbers.begin(), numbers.end());
   return fmt::format("{} least, {} median, {} most", numbers.front(), numbers[numbers.size() / 2],
                      numbers.back());
}

void append_frames(std::string &text, const file_facts &facts) {
   text += fmt::format("\n{:>6} {:>9} {:>6} {:>9}  {:<19} {:<11} {:>6} {:>6} {}\n", "frame", "start ms", "ms",
                       "bytes", "area", "disposal", "stored", "local", "");
   for (std::size_t i = 0; i < facts.frames.size() && i < facts.showings.size(); ++i) {
      const frame_facts &frame = facts.frames[i];
      const giflab_showing &showing = facts.showings[i];
      text += fmt::format(
          "{:>6} {:>9} {:>6} {:>9}  {:<19} {:<11} {:>6} {:>6} {}{}\n", i, showing.start_us / 1000,
          showing.duration_us / 1000, frame.bytes,
          fmt::format("{}x{}{:+}{:+}", frame.area.width, frame.area.height, frame.area.x, frame.area.y),
          disposal_name(frame.disposal), frame.delay_ms, frame.local_colours,
          frame.transparent_index >= 0 ? "transparent " : "", frame.interlaced ? "interlaced" : "");
   }
}

std::string as_table(const file_facts &facts) {
   std::string text = fmt::format("{}\n", config::printable(facts.path));
   const auto line = [&](const char *name, const std::string &value) {
      text += fmt::format("  {:<16} {}\n", name, value);
   };
   line("format", facts.format);
   line("bytes", fmt::format("{}", facts.bytes));
   line("size", fmt::format("{} x {}", facts.width, facts.height));
   line("frames", fmt::format("{}", facts.showings.size()));
   line("duration", fmt::format("{} ms", duration_us(facts) / 1000));
   line("transparency", facts.transparency ? "yes" : "no");
   if (is_gif(facts)) {
      line("plays", loops(facts.loop_count));
      line("palettes", palettes(facts));
   }
   if (facts.frames.size() > 1) {
      std::vector<int64_t> bytes, delays;
      for (const frame_facts &frame : facts.frames)
         bytes.push_back(frame.bytes);
      for (const giflab_showing &showing : facts.showings)
         delays.push_back(showing.duration_us / 1000);
      line("bytes per frame", spread(bytes));
      line("delay in ms", spread(delays));
   }
   for (const std::string &warning : facts.warnings)
      line("warning", config::printable(warning));
   if (is_gif(facts))
      append_frames(text, facts);
   return text;
}

std::string as_json(const file_facts &facts) {
   nlohmann::ordered_json document;
   document["schema"] = "giflab.info/1";
   document["path"] = config::valid_utf8(facts.path);
   document["format"] = facts.format;
   document["bytes"] = facts.bytes;
   document["width"] = facts.width;
   document["height"] = facts.height;
   document["frame_count"] = facts.showings.size();
   document["duration_ms"] = static_cast<double>(duration_us(facts)) / 1000;
   document["loop_count"] = facts.loop_count;
   document["global_colours"] = facts.global_colours;
   document["transparency"] = facts.transparency;
   document["warnings"] = nlohmann::ordered_json::array();
   for (const std::string &warning : facts.warnings)
      document["warnings"].push_back(config::valid_utf8(warning));
   document["frames"] = nlohmann::ordered_json::array();
   for (std::size_t i = 0; i < facts.frames.size() && i < facts.showings.size(); ++i) {
      const frame_facts &frame = facts.frames[i];
      document["frames"].push_back({{"start_ms", static_cast<double>(facts.showings[i].start_us) / 1000},
                                    {"duration_ms", static_cast<double>(facts.showings[i].duration_us) / 1000},
                                    {"stored_delay_ms", frame.delay_ms},
                                    {"bytes", frame.bytes},
                                    {"x", frame.area.x},
                                    {"y", frame.area.y},
                                    {"width", frame.area.width},
                                    {"height", frame.area.height},
                                    {"disposal", disposal_name(frame.disposal)},
                                    {"local_colours", frame.local_colours},
                                    {"transparent_index", frame.transparent_index},
                                    {"interlaced", frame.interlaced}});
   }
   return document.dump(2) + "\n";
}

result<int> run(const info_options &options) {
   const std::vector<std::string> formats = {"table", "json"};
   if (std::find(formats.begin(), formats.end(), options.format) == formats.end())
      return failed(problem::usage,
                    fmt::format("--format {} is not known: {}", config::in_quotes(options.format),
                                config::did_you_mean(options.format, formats)));
   auto settings = resolve_settings(options.common);
   if (!settings)
      return tl::unexpected(settings.error());
   auto facts = read_facts(options.path, engine_options(*settings).reading);
   if (!facts)
      return tl::unexpected(facts.error());
   return print(options.format == "json" ? as_json(*facts) : as_table(*facts));
}

} // namespace

command add_info(CLI::App &app) {
   auto options = std::make_shared<info_options>();
   CLI::App *parser = app.add_subcommand("info", "Tell what a file holds, frame by frame");
   parser->add_option("FILE", options->path, "GIF, PNG, JPEG, WebP or a folder of stills")->required();
   parser->add_option("--format", options->format, "table or json")->type_name("FORMAT");
   add_common_options(*parser, options->common);
   return {parser, [options] {
              const result<int> outcome = run(*options);
              return outcome ? *outcome : report(outcome.error());
           }};
}

} // namespace giflab::cli
