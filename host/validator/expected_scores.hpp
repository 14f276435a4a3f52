#pragma once
// The table of scores that an author may ship beside a module: what it gives for clips that never change. With
// it, results that drift while the version stays are found before a cache or a reader is misled by them.

#include "error.hpp"
#include "services/cancellation.hpp"
#include "validator/check.hpp"
#include "validator/test_host.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace giflab::validator {

// One line: plugin, version, case, output and value, with tabs between them.
struct expected_score {
   std::string plugin, version;
   std::string name;   // of the case: that of a clip, and ".2" behind it for its pair 2
   std::string output; // its id
   double value;       // may be infinite; NaN: undefined

   bool same_place(const expected_score &other) const {
      return plugin == other.plugin && name == other.name && output == other.output;
   }
};

// Where the table of a module is: its path with ".expect.tsv" for ".so".
std::string expected_scores_path(const std::string &module_path);

// The lines of a table. The error says which line is wrong, and how; `name` is what it calls the table.
result<std::vector<expected_score>> parse_expected_scores(std::string_view text, const std::string &name);

// The text that parses back to the same lines, with a heading.
std::string expected_scores_text(std::span<const expected_score> lines);

// What a metric scores now for the fixed clips, under a host of this conduct whose seed is not used. Clips that
// it does not support are left out. The error says which call failed. Calls the plugin: it may crash.
result<std::vector<expected_score>> measure_expected_scores(const modules::plugin &guest, host_conduct conduct);

// The text of the table that belongs beside a module: of all its metrics, measured in a process of its own.
// Empty if it has none. `path` is absolute. The calling process must have one thread only. [main]
result<std::string> expected_scores_of_module(const std::string &path,
                                              const std::vector<std::string> &model_folders,
                                              const services::cancellation &cancelled);

// Compares a table with what is measured now: drift within one version fails, another version warns.
finding compare_expected_scores(const modules::plugin &guest, std::span<const expected_score> expected,
                                std::span<const expected_score> measured);

} // namespace giflab::validator
