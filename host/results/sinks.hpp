#pragma once
// Where results go: a table for people; JSON, JSON lines and CSV for programs. host/results/README.md says
// what is in each.

#include "config/output_format.hpp"
#include "error.hpp"
#include "results/comparison.hpp"

#include <memory>
#include <string>

namespace giflab::results {

// Takes comparisons one after the other; keeps none. Used by one thread at a time.
class sink {
 public:
   virtual ~sink() = default; // without finish(): a file is left as it was before, nothing half-written remains

   // An error of the kind `cancelled`, without a text, means that nobody reads standard output any more.
   virtual result<void> write(const comparison &comparison) = 0;

   // Call once, after the last. Only then is a file there, whole.
   virtual result<void> finish() = 0;
};

struct sink_options {
   config::output_format format = config::output_format::table;
   std::string path = "-"; // "-" is standard output. Folders that are missing are made.
   bool per_frame = false; // with the values of every pair; not for tables
   bool many = false;      // a run's document of any number of comparisons, instead of that of one comparison
   bool samples = false;   // of CSV: with columns about values that stand for pairs that were not measured
};

// Errors name the path and the reason. The program has to ignore SIGPIPE for a closed pipe to be an error. JSON
// lines and CSV on standard output appear as they come.
result<std::unique_ptr<sink>> open_sink(const sink_options &options);

} // namespace giflab::results
