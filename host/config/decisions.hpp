#pragma once
// What is decided from measurements, by which rules: content classes, validation, elimination.
// configs/README.md has the form; configs/decisions.toml holds those that are built in.

#include "config/run_file.hpp"

namespace giflab::config {

// A kind of source: conditions as gates have them, all of which have to hold.
struct content_class {
   std::string name, help;
   std::vector<run_gate> conditions; // at least one
};

constexpr const char *no_class = "unclassified";

// What is written behind a value, such as "> 0.1"; empty where there is no such limit.
struct limit_texts {
   std::string warning, error, artifact;
   std::string where;
};

struct validation_rule {
   std::string id, help;
   std::string value, less; // METRIC[.STATISTIC] or a fact; `less` may be empty
   limit_texts limits;
   std::vector<std::pair<std::string, limit_texts>> classes, slots; // by name; a slot may be "several"
};

struct elimination_rules {
   int64_t top = 3;
   std::vector<std::string> by;
   std::vector<run_gate> eliminate_if; // about means
};

struct decisions {
   std::string text; // of the file
   std::vector<content_class> classes;
   std::vector<validation_rule> rules;
   elimination_rules elimination;
};

// Every error names file, line and column. Whether conditions and limits mean anything is for those to say who
// know values.
result<decisions> load_decisions(const std::string &path);
result<decisions> parse_decisions(std::string_view text, const std::string &path);

// configs/decisions.toml as it was when the program was built.
std::string_view default_decisions();

} // namespace giflab::config
