#pragma once
// Run files: which files to compare, by what, and where the results go; or which files to take through which
// pipelines. configs/README.md has the form.

#include "config/output_format.hpp"
#include "config/settings.hpp"
#include "error.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace giflab::config {

// One [[inputs]] table. Paths and patterns are as written, relative to the folder of the run file.
struct run_input {
   std::string reference;
   std::string distorted;               // empty if there are candidates
   std::vector<std::string> candidates; // empty if there is `distorted`
   std::string where;                   // "runs/a.toml:12:1"
};

// One value below [metrics.parameters."PLUGIN"]; true, 3, 0.5 and texts as they would be typed.
struct run_parameter {
   std::string plugin, name, text, where;
};

struct run_output {
   output_format format = output_format::table;
   std::string path; // "-" is standard output; otherwise usable from the current folder
   bool per_frame = false;
   std::string where;
};

struct run_gate {
   std::string text, where;
};

// One [[sources]] table: a file, a folder or a pattern, as written, relative to the folder of the run file.
struct run_source {
   std::string path, where;
};

// A parameter of a step, and what it takes in turn: at least one text, as it would be typed.
struct run_levels {
   std::string parameter;
   std::vector<std::string> values;
};

// What a slot holds: a filter or an encoder with its parameters, or "none".
struct run_step {
   std::string name;
   std::vector<run_levels> parameters; // by name
   std::vector<run_step> instead;      // at most one: where the tool of this is not here
   std::string where;
};

// How pipelines are chosen among all that the slots give.
enum class pipeline_design { full, stratified, fraction, quick, random };

std::string_view name_of(pipeline_design design);

constexpr std::array<const char *, 3> slot_names = {"frame", "colour", "lossy"};

// One of the pipelines in a list of them: a step for each slot, as `giflab process --step` takes it, or "none".
struct run_pipeline {
   std::array<std::string, slot_names.size()> steps;
   std::string where;
};

// The table [pipelines].
struct run_pipelines {
   std::vector<run_pipeline> chosen; // these and no others; then slots and design are at rest
   std::array<std::vector<run_step>, slot_names.size()> slots; // an empty one is passed through
   pipeline_design design = pipeline_design::full;
   int64_t seed = 1;
   std::optional<int64_t> most; // above 0
   std::string decisions;       // a file of them, usable from the current folder; empty: those built in
   std::string quality;         // METRIC[.STATISTIC]; empty: the first of the run that can be better or worse
};

// The table [search]: of each source the smallest result that meets all goals, by halving along knobs.
struct run_search {
   std::vector<run_gate> goals; // at least one
   std::vector<run_gate> knobs; // PARAMETER or STEP.PARAMETER, at least one
   int64_t neighbours = 2;      // how many values on each side of an answer are tried too
   std::string where;
};

// What becomes of an expensive metric that no gate asks for.
enum class unasked_metrics { automatic, skip, sample, measure };

// One [[progressive.tiers]] table.
struct run_tier {
   std::string name;
   std::vector<run_gate> conditions; // at least one; all must hold
   unasked_metrics unasked = unasked_metrics::automatic;
};

// The table [progressive]. Each key is explained in configs/README.md.
struct run_progressive {
   double confidence = 0.99;                 // 0.5 to 0.999999
   double precision = 0.05;                  // above 0
   std::map<std::string, double> precisions; // by metric, above 0
   int64_t first_frames = 4;                 // 2 or more
   int64_t worst_frames = 1, most_frames = 0;
   int64_t cheap_nanoseconds = 10;
   bool early_exit = true;
   unasked_metrics unasked = unasked_metrics::automatic;
   int64_t picture_megabytes = 256;
   int64_t seed = 1;
   std::vector<run_tier> tiers;
};

struct run_file {
   std::string path, folder;         // folder: "." if the path has none
   std::vector<assignment> settings; // of [run], known to be valid
   std::vector<run_input> inputs;
   std::vector<std::string> metrics;       // empty if the file does not select
   std::vector<std::string> formula_files; // usable from the current folder
   std::vector<run_parameter> parameters;
   std::vector<run_output> outputs;
   std::vector<run_gate> gates;
   std::vector<run_source> sources;
   run_progressive progressive;
   std::optional<run_pipelines> pipelines; // then there are no inputs and no outputs
   std::optional<run_search> search;       // only with pipelines
};

// Reads and checks a run file. Every error names file, line and column where there are any; unknown tables and
// keys are errors that name the nearest known one. Whether metrics, parameters and gates mean anything is for
// those to say who know the plugins.
result<run_file> load_run_file(const std::string &path);

// The same for a text; `path` is for error texts and relative paths only.
result<run_file> parse_run_file(std::string_view text, const std::string &path);

} // namespace giflab::config
