#pragma once
// Run files: which files to compare, by what, and where the results go. configs/README.md has the form.

#include "config/output_format.hpp"
#include "config/settings.hpp"
#include "error.hpp"

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

struct run_file {
   std::string path, folder;         // folder: "." if the path has none
   std::vector<assignment> settings; // of [run], known to be valid
   std::vector<run_input> inputs;
   std::vector<std::string> metrics;       // empty if the file does not select
   std::vector<std::string> formula_files; // usable from the current folder
   std::vector<run_parameter> parameters;
   std::vector<run_output> outputs;
   std::vector<run_gate> gates;
};

// Reads and checks a run file. Every error names file, line and column where there are any; unknown tables and
// keys are errors that name the nearest known one. Whether metrics, parameters and gates mean anything is for
// those to say who know the plugins.
result<run_file> load_run_file(const std::string &path);

// The same for a text; `path` is for error texts and relative paths only.
result<run_file> parse_run_file(std::string_view text, const std::string &path);

} // namespace giflab::config
