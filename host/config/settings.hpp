#pragma once
// What a run can be told, in one table. A setting `batch_size` is the key batch_size of [run] in a run file,
// the environment variable GIFLAB_BATCH_SIZE and the option --batch-size; a later one of
// default < run file < environment < command line wins, and each value remembers where it came from.

#include "error.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace giflab::config {

// In the order of setting_definitions().
enum class setting : uint8_t {
   optimization_level,
   max_parallel_workers,
   batch_size,
   device,
   plugin_path,
   model_path,
   allowed_programs,
   gifsicle_path,
   imagemagick_path,
   ffmpeg_path,
   gifski_path,
   animately_path,
   run_timeout,
   log_level,
   enable_parallel_metrics,
   enable_model_caching,
   enable_memory_mapping,
   enable_progressive_calculation,
   cleanup_interval_seconds,
   max_memory_mb,
   cache_size_mb,
   cache_dir,
   temp_dir,
   random_seed,
   max_pixels,
   max_frames,
   max_file_bytes,
   browser_delays,
   background,
   align,
   resize,
};
constexpr std::size_t setting_count = static_cast<std::size_t>(setting::resize) + 1;

enum class setting_kind {
   boolean, // true or false; 1, 0, yes, no, on, off mean the same
   integer,
   bytes,    // an integer; K, M and G behind it stand for 2^10, 2^20 and 2^30
   choice,   // one of a few words
   device,   // auto, cpu, cuda or cuda:N
   paths,    // folders with ':' between them
   programs, // names of programs with ':' between them
   program,  // the path of one, or nothing
   folder,   // the path of one, or nothing
   colour,   // #rrggbb, white or black
   resize,   // none, or SIDE:FILTER
};

struct setting_definition {
   setting id;
   setting_kind kind;
   std::string_view name;    // snake_case
   std::string_view initial; // the default, as a person would write it
   int64_t lowest, highest;  // of integer and bytes, both included
   std::string_view choices; // of choice, with '|' between them
   // A second name of the option, such as "--threads", or empty. Of paths, the only one: an option that adds a
   // folder in front.
   std::string_view other_option;
   std::string_view help; // one sentence
};

std::span<const setting_definition> setting_definitions();
const setting_definition &definition_of(setting id);

std::string environment_name(const setting_definition &definition); // "GIFLAB_BATCH_SIZE"
std::string option_name(const setting_definition &definition);      // "--batch-size"

// What values a setting takes, to stand behind "must be": "an integer from 1 to 256".
std::string accepted_values(const setting_definition &definition);

// One value as somebody wrote it. The origin is shown to people: "file runs/a.toml:12:1".
struct assignment {
   std::string name, text, origin;
};

struct colour {
   uint8_t red = 0, green = 0, blue = 0;

   bool operator==(const colour &) const = default;
};

struct device_choice {
   bool automatic = true; // the processor, or the device `ordinal` where that is worth it
   bool cuda = true;      // false: the processor alone
   int32_t ordinal = 0;   // as CUDA counts
};

struct resize_choice {
   bool distorted = false; // the side that is brought to the other's size; false = the reference
   std::string filter;     // nearest, bilinear, bicubic, area or lanczos
};

// The value of every setting. A plain value: copy it, and read it from any thread while nobody writes.
class settings {
 public:
   // Every setting at its default.
   settings();

   // Errors are of the kind usage and name the setting, the value, what is accepted and the origin; an unknown
   // name gets the nearest known ones. On error nothing changes.
   result<void> set(std::string_view name, std::string_view text, std::string_view origin);

   // Each in turn, up to the first error.
   result<void> apply(std::span<const assignment> assignments);

   // Takes the GIFLAB_* ones of "NAME=value" texts, such as `environ` has, and ignores the rest. An empty
   // value is as good as none. An unknown GIFLAB_* name is an error; one of GifLab 0.2.0 gets what there is in
   // its place.
   result<void> apply_environment(std::span<const std::string_view> variables);

   // Puts folders in front of those that are there; for options that may be repeated. A setting of the kind
   // paths only.
   void prepend_paths(setting id, std::span<const std::string> folders, std::string_view origin);

   // Each getter is for the kinds behind it; another kind is a bug, and throws std::logic_error.
   bool enabled(setting id) const;                             // boolean
   int64_t integer(setting id) const;                          // integer, bytes
   const std::vector<std::string> &paths(setting id) const;    // paths
   const std::vector<std::string> &programs(setting id) const; // programs
   colour background() const;
   device_choice device() const;
   std::optional<resize_choice> resize() const; // nothing: files of different size are not compared

   // The value in its plainest form, of any kind: "true", "1073741824", "#ffffff", "a:b".
   const std::string &text(setting id) const;
   const std::string &origin(setting id) const; // "default", "environment GIFLAB_BATCH_SIZE", ...

 private:
   struct value {
      std::string text, origin;
      int64_t number = 0;             // boolean, integer, bytes; a colour's 0xRRGGBB
      std::vector<std::string> parts; // paths, programs
   };

   static result<value> parsed(const setting_definition &definition, std::string_view text);
   const value &of(setting id) const { return values_[static_cast<std::size_t>(id)]; }
   const value &of(setting id, setting_kind one, setting_kind other) const;

   std::array<value, setting_count> values_;
};

// All layers in their order of precedence: the [run] table of a run file, then the environment, then the
// options of the command line.
result<settings> effective_settings(std::span<const assignment> run_file,
                                    std::span<const std::string_view> environment,
                                    std::span<const assignment> options);

} // namespace giflab::config
