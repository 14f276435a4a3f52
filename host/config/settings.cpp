#include "config/settings.hpp"

#include "config/former_names.hpp"
#include "config/nearest_name.hpp"
#include "config/printable.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <stdexcept>

namespace giflab::config {

namespace {

using kind = setting_kind;

// clang-format off
constexpr std::array<setting_definition, setting_count> definitions{{
   {setting::optimization_level, kind::integer, "optimization_level", "2", 0, 3, "", "--opt-level",
    "How much is done for speed: 0 is plain reference code on one thread, 1 and more use SIMD and threads and "
    "share what metrics have in common."},
   {setting::max_parallel_workers, kind::integer, "max_parallel_workers", "0", 0, 1024, "", "--threads",
    "How many threads compute; 0 is one per core."},
   {setting::batch_size, kind::integer, "batch_size", "8", 1, 256, "", "",
    "How many pairs of pictures a metric gets in one call, at most; on a device 32, unless this is set."},
   {setting::device, kind::device, "device", "auto", 0, 0, "", "",
    "Where metrics compute that have code for a CUDA device, at level 2 and above: auto takes cuda:0 for jobs that are "
    "large enough; cuda is cuda:0, and an error where there is none."},
   {setting::plugin_path, kind::paths, "plugin_path", "", 0, 0, "", "--plugin",
    "Folders that are searched for plugins before those that come with giflab; each --plugin adds one in front."},
   {setting::model_path, kind::paths, "model_path", "", 0, 0, "", "--models",
    "Folders that are searched for the files of plugins' models before the one where giflab keeps them itself; each "
    "--models adds one in front."},
   {setting::allowed_programs, kind::programs, "allowed_programs", "", 0, 0, "", "",
    "Programs that plugins may run besides the encoders that giflab knows."},
   {setting::gifsicle_path, kind::program, "gifsicle_path", "", 0, 0, "", "",
    "Where gifsicle is, if not in a folder of PATH."},
   {setting::imagemagick_path, kind::program, "imagemagick_path", "", 0, 0, "", "",
    "Where ImageMagick's magick or convert is, if not in a folder of PATH."},
   {setting::ffmpeg_path, kind::program, "ffmpeg_path", "", 0, 0, "", "",
    "Where ffmpeg is, if not in a folder of PATH."},
   {setting::gifski_path, kind::program, "gifski_path", "", 0, 0, "", "",
    "Where gifski is, if not in a folder of PATH."},
   {setting::animately_path, kind::program, "animately_path", "", 0, 0, "", "",
    "Where animately is, if not in a folder of PATH."},
   {setting::run_timeout, kind::integer, "run_timeout", "300", 1, 86400, "", "",
    "How many seconds a program that a plugin runs may take."},
   {setting::log_level, kind::choice, "log_level", "warning", 0, 0, "debug|info|warning|error|off", "",
    "The least important messages that are still shown on standard error."},
   {setting::enable_parallel_metrics, kind::boolean, "enable_parallel_metrics", "true", 0, 0, "", "",
    "Whether several metrics work on one pair of files at the same time."},
   {setting::enable_model_caching, kind::boolean, "enable_model_caching", "true", 0, 0, "", "",
    "Whether a model is loaded once and shared by all that need it; false loads it for each instance of a metric, as "
    "level 0 does."},
   {setting::enable_memory_mapping, kind::boolean, "enable_memory_mapping", "false", 0, 0, "", "",
    "Whether pictures of an original with several candidates that do not fit into memory are kept in a temporary file, "
    "at level 2, instead of being decoded again."},
   {setting::enable_progressive_calculation, kind::boolean, "enable_progressive_calculation", "true", 0, 0, "", "",
    "Whether level 3 samples or skips expensive metrics where no decision needs more; set to true it is so from "
    "level 1 on, set to false at no level."},
   {setting::cleanup_interval_seconds, kind::integer, "cleanup_interval_seconds", "300", 0, 86400, "", "",
    "How many seconds a model stays loaded that nobody needs any more."},
   {setting::max_memory_mb, kind::integer, "max_memory_mb", "0", 0, 1 << 24, "", "",
    "How many MiB of memory giflab and the programs that it runs may take together; 0 is as much as there is."},
   {setting::cache_size_mb, kind::integer, "cache_size_mb", "0", 0, 1 << 20, "", "",
    "How many MiB of values are kept from one run for another, at level 2; 0 keeps none."},
   {setting::cache_dir, kind::folder, "cache_dir", "", 0, 0, "", "",
    "Where values are kept; giflab in XDG_CACHE_HOME or in ~/.cache, if not set."},
   {setting::temp_dir, kind::folder, "temp_dir", "", 0, 0, "", "",
    "Where temporary files are made; where the system keeps them, if not set."},
   {setting::random_seed, kind::integer, "random_seed", "0", 0, INT64_MAX, "", "",
    "Where chance has a part: the seed of metrics that declare to be seeded."},
   {setting::max_pixels, kind::integer, "max_pixels", "67108864", 1, int64_t{1} << 32, "", "",
    "Pictures with more pixels than this are refused."},
   {setting::max_frames, kind::integer, "max_frames", "100000", 1, 1'000'000'000, "", "",
    "Files with more frames than this are refused."},
   {setting::max_file_bytes, kind::bytes, "max_file_bytes", "1G", 1, int64_t{1} << 40, "", "",
    "Files larger than this are refused."},
   {setting::browser_delays, kind::boolean, "browser_delays", "true", 0, 0, "", "",
    "Whether a GIF delay under 20 ms plays as 100 ms, as browsers do."},
   {setting::background, kind::colour, "background", "white", 0, 0, "", "",
    "The colour under transparent pixels."},
   {setting::align, kind::choice, "align", "time", 0, 0, "time|index|content", "",
    "Which pictures are compared: what both files show at the same moment, frames of equal number, or the "
    "most alike."},
   {setting::resize, kind::resize, "resize", "none", 0, 0, "", "",
    "Which side is brought to the other's size, and how, if the sizes differ; none makes that an error."},
}};
// clang-format on

static_assert(std::ranges::all_of(definitions, [](const setting_definition &definition) {
   return &definition == &definitions[static_cast<std::size_t>(definition.id)];
}));

constexpr std::string_view variable_prefix = "GIFLAB_";

// Said to builds of plugins, which may run giflab: cargo hands on what a build script was told and set, and
// workflows name where giflab is cloned from.
constexpr std::array<std::string_view, 3> variables_of_builds{"GIFLAB_SDK", "GIFLAB_RS", "GIFLAB_REPOSITORY"};

constexpr std::array<std::string_view, 5> resize_filters{"nearest", "bilinear", "bicubic", "area", "lanczos"};

std::vector<std::string> split(std::string_view text, char separator) {
   std::vector<std::string> parts;
   while (true) {
      const std::size_t end = text.find(separator);
      if (end != 0 && !text.empty())
         parts.emplace_back(text.substr(0, end));
      if (end == std::string_view::npos)
         return parts;
      text.remove_prefix(end + 1);
   }
}

std::string joined(std::span<const std::string> parts, std::string_view separator) {
   return fmt::format("{}", fmt::join(parts, separator));
}

std::string lower_case(std::string_view text) {
   std::string lower(text);
   for (char &c : lower)
      if (c >= 'A' && c <= 'Z')
         c = static_cast<char>(c - 'A' + 'a');
   return lower;
}

std::optional<bool> parse_boolean(std::string_view text) {
   const std::string word = lower_case(text);
   if (word == "true" || word == "1" || word == "yes" || word == "on")
      return true;
   if (word == "false" || word == "0" || word == "no" || word == "off")
      return false;
   return std::nullopt;
}

std::optional<int64_t> parse_integer(std::string_view text) {
   int64_t number = 0;
   const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
   if (problem != std::errc{} || end != text.data() + text.size())
      return std::nullopt;
   return number;
}

std::optional<int64_t> parse_bytes(std::string_view text) {
   constexpr std::string_view suffixes = "kmg";
   int shift = 0;
   if (const std::size_t suffix =
           text.empty() ? std::string_view::npos : suffixes.find(lower_case(text).back());
       suffix != std::string_view::npos) {
      shift = 10 * static_cast<int>(suffix + 1);
      text.remove_suffix(1);
   }
   const std::optional<int64_t> number = parse_integer(text);
   const bool fits = number && *number >= 0 && *number <= (INT64_MAX >> shift);
   return fits ? std::optional(*number << shift) : std::nullopt;
}

// As 0xRRGGBB.
std::optional<int64_t> parse_colour(std::string_view text) {
   const std::string word = lower_case(text);
   if (word == "white")
      return 0xFFFFFF;
   if (word == "black")
      return 0;
   int64_t number = 0;
   const auto [end, problem] = std::from_chars(word.data() + std::min<std::size_t>(1, word.size()),
                                               word.data() + word.size(), number, 16);
   const bool whole = problem == std::errc{} && end == word.data() + word.size();
   if (word.size() != 7 || word[0] != '#' || word[1] == '-' || !whole)
      return std::nullopt;
   return number;
}

bool is_one_of(const auto &words, std::string_view text) {
   return std::ranges::find(words, text) != std::ranges::end(words);
}

constexpr int64_t most_devices = 256;

// Of cuda and cuda:N; nothing otherwise.
std::optional<int64_t> device_ordinal(std::string_view text) {
   constexpr std::string_view prefix = "cuda";
   if (text == prefix)
      return 0;
   if (!text.starts_with("cuda:"))
      return std::nullopt;
   const std::optional<int64_t> ordinal = parse_integer(text.substr(prefix.size() + 1));
   return ordinal && *ordinal >= 0 && *ordinal < most_devices ? ordinal : std::nullopt;
}

bool is_resize(std::string_view text) {
   if (text == "none")
      return true;
   const std::size_t colon = text.find(':');
   if (colon == std::string_view::npos)
      return false;
   const std::string_view side = text.substr(0, colon);
   return (side == "reference" || side == "distorted") && is_one_of(resize_filters, text.substr(colon + 1));
}

bool is_program_name(std::string_view text) {
   return text != "." && text != ".." && std::ranges::all_of(text, [](char c) {
             return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    std::string_view("._+-").find(c) != std::string_view::npos;
          });
}

// The number behind a text, 0 for kinds without one; nothing if the setting does not take that text.
std::optional<int64_t> accepted_number(const setting_definition &definition, std::string_view text) {
   std::optional<int64_t> number;
   switch (definition.kind) {
   case kind::boolean:
      return parse_boolean(text);
   case kind::integer:
   case kind::bytes:
      number = definition.kind == kind::bytes ? parse_bytes(text) : parse_integer(text);
      return number >= definition.lowest && number <= definition.highest ? number : std::nullopt;
   case kind::device:
      return text == "auto" || text == "cpu" ? std::optional<int64_t>(0) : device_ordinal(text);
   case kind::choice:
      return is_one_of(split(definition.choices, '|'), text) ? std::optional<int64_t>(0) : std::nullopt;
   case kind::paths:
   case kind::program:
   case kind::folder:
      return 0;
   case kind::programs:
      return std::ranges::all_of(split(text, ':'), is_program_name) ? std::optional<int64_t>(0) : std::nullopt;
   case kind::colour:
      return parse_colour(text);
   case kind::resize:
      return is_resize(text) ? std::optional<int64_t>(0) : std::nullopt;
   }
   return std::nullopt;
}

// One spelling for every way to write a value.
std::string plain_text(kind of, std::string_view text, int64_t number) {
   switch (of) {
   case kind::boolean:
      return number != 0 ? "true" : "false";
   case kind::integer:
   case kind::bytes:
      return std::to_string(number);
   case kind::paths:
   case kind::programs:
      return joined(split(text, ':'), ":");
   case kind::colour:
      return fmt::format("#{:06x}", number);
   case kind::choice:
   case kind::program:
   case kind::folder:
   case kind::device:
   case kind::resize:
      break;
   }
   return std::string(text);
}

std::vector<std::string> names_of_all(std::string (*spelled)(const setting_definition &)) {
   std::vector<std::string> names;
   names.reserve(definitions.size());
   for (const setting_definition &definition : definitions)
      names.push_back(spelled(definition));
   return names;
}

const setting_definition *find_definition(std::string_view name) {
   const auto found = std::ranges::find(definitions, name, &setting_definition::name);
   return found == definitions.end() ? nullptr : &*found;
}

} // namespace

std::span<const setting_definition> setting_definitions() { return definitions; }

const setting_definition &definition_of(setting id) { return definitions[static_cast<std::size_t>(id)]; }

std::string environment_name(const setting_definition &definition) {
   std::string name(variable_prefix);
   for (const char c : definition.name)
      name += c == '_' ? c : static_cast<char>(c - 'a' + 'A');
   return name;
}

std::string option_name(const setting_definition &definition) {
   std::string name = fmt::format("--{}", definition.name);
   std::ranges::replace(name, '_', '-');
   return name;
}

std::string accepted_values(const setting_definition &definition) {
   switch (definition.kind) {
   case kind::boolean:
      return "true or false";
   case kind::integer:
      return fmt::format("an integer from {} to {}", definition.lowest, definition.highest);
   case kind::bytes:
      return fmt::format("a number of bytes from {} to {}, with K, M or G behind it if you like",
                         definition.lowest, definition.highest);
   case kind::choice: {
      const std::vector<std::string> words = split(definition.choices, '|');
      return joined(std::span(words).first(words.size() - 1), ", ") + " or " + words.back();
   }
   case kind::device:
      return "auto, cpu, cuda or cuda:N";
   case kind::paths:
      return "folders with ':' between them";
   case kind::programs:
      return "names of programs with ':' between them";
   case kind::program:
      return "the path of a program";
   case kind::folder:
      return "the path of a folder";
   case kind::colour:
      return "#rrggbb, white or black";
   case kind::resize:
      return fmt::format("none, or reference or distorted with one of {} behind a ':'",
                         fmt::join(resize_filters, ", "));
   }
   return {};
}

settings::settings() {
   for (const setting_definition &definition : definitions) {
      value initial = parsed(definition, definition.initial).value();
      initial.origin = "default";
      values_[static_cast<std::size_t>(definition.id)] = std::move(initial);
   }
}

result<settings::value> settings::parsed(const setting_definition &definition, std::string_view text) {
   const std::optional<int64_t> number = accepted_number(definition, text);
   if (!number)
      return failed(problem::usage, fmt::format("{} must be {}, not {}", definition.name,
                                                accepted_values(definition), in_quotes(text)));
   value parsed{plain_text(definition.kind, text, *number), {}, *number, {}};
   if (definition.kind == kind::paths || definition.kind == kind::programs)
      parsed.parts = split(text, ':');
   return parsed;
}

result<void> settings::set(std::string_view name, std::string_view text, std::string_view origin) {
   const setting_definition *definition = find_definition(name);
   if (definition == nullptr) {
      const auto known = names_of_all([](const setting_definition &each) { return std::string(each.name); });
      return failed(problem::usage, fmt::format("unknown setting {} ({}); {}", in_quotes(name),
                                                printable(origin), did_you_mean(name, known)));
   }
   result<value> made = parsed(*definition, text);
   if (!made)
      return failed(problem::usage, fmt::format("{} ({})", made.error().text, printable(origin)));
   made->origin = origin;
   values_[static_cast<std::size_t>(definition->id)] = std::move(*made);
   return {};
}

result<void> settings::apply(std::span<const assignment> assignments) {
   for (const assignment &each : assignments)
      if (result<void> done = set(each.name, each.text, each.origin); !done)
         return done;
   return {};
}

result<void> settings::apply_environment(std::span<const std::string_view> variables) {
   for (const std::string_view variable : variables) {
      const std::size_t equals = variable.find('=');
      if (!variable.starts_with(variable_prefix) || equals == std::string_view::npos ||
          equals + 1 == variable.size())
         continue;
      const std::string_view name = variable.substr(0, equals);
      if (std::ranges::count(variables_of_builds, name))
         continue;
      const auto found = std::ranges::find(definitions, name, environment_name);
      if (found == definitions.end()) {
         const std::string_view instead = in_place_of(name);
         return failed(problem::usage,
                       fmt::format("unknown environment variable {}; {}", printable(name),
                                   instead.empty() ? did_you_mean(name, names_of_all(environment_name))
                                                   : std::string(instead)));
      }
      if (result<void> done =
              set(found->name, variable.substr(equals + 1), fmt::format("environment {}", name));
          !done)
         return done;
   }
   return {};
}

void settings::prepend_paths(setting id, std::span<const std::string> folders, std::string_view origin) {
   of(id, kind::paths, kind::paths); // throws for other kinds
   value &changed = values_[static_cast<std::size_t>(id)];
   changed.parts.insert(changed.parts.begin(), folders.begin(), folders.end());
   changed.text = joined(changed.parts, ":");
   changed.origin =
       changed.origin == "default" ? std::string(origin) : fmt::format("{}, {}", origin, changed.origin);
}

const settings::value &settings::of(setting id, setting_kind one, setting_kind other) const {
   const setting_definition &definition = definition_of(id);
   if (definition.kind != one && definition.kind != other)
      throw std::logic_error(fmt::format("setting {} was read as what it is not", definition.name));
   return of(id);
}

bool settings::enabled(setting id) const { return of(id, kind::boolean, kind::boolean).number != 0; }

int64_t settings::integer(setting id) const { return of(id, kind::integer, kind::bytes).number; }

const std::vector<std::string> &settings::paths(setting id) const {
   return of(id, kind::paths, kind::paths).parts;
}

const std::vector<std::string> &settings::programs(setting id) const {
   return of(id, kind::programs, kind::programs).parts;
}

config::colour settings::background() const {
   const auto rgb = static_cast<uint32_t>(of(setting::background).number);
   return {static_cast<uint8_t>(rgb >> 16), static_cast<uint8_t>(rgb >> 8), static_cast<uint8_t>(rgb)};
}

device_choice settings::device() const {
   const std::string &text = of(setting::device).text;
   return {text == "auto", text != "cpu", static_cast<int32_t>(of(setting::device).number)};
}

std::optional<resize_choice> settings::resize() const {
   const std::string &text = of(setting::resize).text;
   if (text == "none")
      return std::nullopt;
   const std::size_t colon = text.find(':');
   return resize_choice{text.substr(0, colon) == "distorted", text.substr(colon + 1)};
}

const std::string &settings::text(setting id) const { return of(id).text; }

const std::string &settings::origin(setting id) const { return of(id).origin; }

result<settings> effective_settings(std::span<const assignment> run_file,
                                    std::span<const std::string_view> environment,
                                    std::span<const assignment> options) {
   settings effective;
   if (result<void> done = effective.apply(run_file); !done)
      return tl::unexpected(done.error());
   if (result<void> done = effective.apply_environment(environment); !done)
      return tl::unexpected(done.error());
   if (result<void> done = effective.apply(options); !done)
      return tl::unexpected(done.error());
   return effective;
}

} // namespace giflab::config
