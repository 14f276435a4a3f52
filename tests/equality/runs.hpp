#pragma once
// `giflab run` over the same inputs in different ways, and what tells its results apart.

#include <cstddef>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace equality {

struct way {
   int level = 1, threads = 1;
   bool in_process = false; // plugins are called by the program itself, not by its workers
   std::map<std::string, std::string> variables = {};
};
std::string name_of(const way &how);

// What a run leaves, but for the level that it names.
struct results {
   int code = -1;
   std::string messages; // standard error, its lines sorted
   std::string json_lines, json, csv, table;
};

// The sets of metrics that need no model. Left out is what Tesseract reads: it promises no bits.
struct metric_sets {
   std::string cheap; // the set default, and what declares at most 10 ns a pixel
   std::string dear;  // what declares more
};
const metric_sets &metrics();

// By output, how close two values are that count as equal.
const std::map<std::string, double> &tolerances();

// Runs a file of these tables with --quiet, with values pair by pair.
results run(const std::string &metrics, const std::string &inputs, const way &how,
            const std::vector<std::string> &more = {});

// The rows of a run, without their level.
std::vector<nlohmann::json> rows_of(const results &run);

// The numbers in a row: of metrics, their statistics and each pair of pictures.
std::size_t numbers_in(const nlohmann::json &row);

// Checks that both left the same bytes; where they did not, tells how many values differ and which is first.
void check_same(const results &found, const results &expected);

} // namespace equality
