#pragma once
// What `compare` and `run` have in common: choosing metrics, showing progress, judging gates.

#include "cli/profiling.hpp"
#include "cli/workshop.hpp"
#include "config/formulas.hpp"
#include "config/run_file.hpp"
#include "engine/progressive.hpp"
#include "engine/selection.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace giflab::cli {

struct comparing_options {
   common_options common;
   profiling_options profiling;
   workshop_options workshop;
   std::vector<std::string> metrics;    // of --metrics; empty: the set `default`
   std::vector<std::string> parameters; // "PLUGIN.NAME=VALUE"
   std::vector<std::string> gates;
   std::vector<std::string> formula_files;
   bool verify_progressive = false;
};

void add_comparing_options(CLI::App &command, comparing_options &options);

// Everything that can be refused before a picture is opened.
struct comparing_plan {
   config::settings settings;
   opened_workshop workshop;
   std::vector<engine::planned_metric> metrics;
   std::vector<config::formula> formulas;
   std::vector<results::gate> gates;
   std::optional<engine::progressive_policy> progressive; // nothing: every metric of every pair
};

// From the command line and what a run file says; where both speak of the same thing, the command line wins,
// except for gates and formulas: all of them count.
result<comparing_plan> plan_comparing(const comparing_options &options, const config::run_file &file);

// Refuses to write over a file that is read, or over another output. Empty names and "-" are no files.
result<void> check_overwriting(const std::vector<std::string> &outputs, const std::vector<std::string> &inputs);

// Progress on standard error: a bar that is redrawn on a terminal, lines elsewhere, nothing when quiet.
class progress_display {
 public:
   // `noun`: what is counted.
   explicit progress_display(bool quiet, std::string noun = "pairs");
   ~progress_display(); // takes the bar away

   // What is being worked on, "a.gif and b.gif"; `number` of `count`.
   void start(const std::string &what, std::size_t number, std::size_t count);
   void advance(double fraction, int64_t counted);
   // `counted`: -1 if nobody did. `seconds`: how long it took; by default since start().
   void done(int64_t counted, double seconds = -1);

 private:
   void clear();

   bool quiet_, terminal_, drawn_ = false;
   std::string noun_, what_;
   std::size_t number_ = 0, count_ = 0;
   std::chrono::steady_clock::time_point started_, last_;
};

// Says on standard error how many values of metrics were found in the cache, if it was asked for any.
void tell_of_cache(const engine::workshop &on, bool quiet);

// True if some metric failed, or the whole comparison did.
bool has_failures(const results::comparison &comparison);

// Judges all gates; says on standard error which held. True if all passed.
bool pass_gates(const std::vector<results::gate> &gates, const results::comparison &comparison);

} // namespace giflab::cli
