#pragma once
// What an experiment has done so far, on the disk: each cell (a source through a pipeline) once, whole or not
// at all, so that a run that was killed at any moment goes on where it was.

#include "results/comparison.hpp"
#include "results/database.hpp"

#include <array>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace giflab::results {

// What makes two runs the same: names and values, such as "setting background" and "#ffffff".
using run_facts = std::vector<std::pair<std::string, std::string>>;

struct experiment_source {
   std::string path, content; // as it was named; SHA-256, empty if it cannot be read
   int64_t bytes = 0;
};

struct experiment_pipeline {
   std::array<std::string, 3> steps; // frame, colour, lossy

   std::string text() const; // "drop_even:keep=0.5 + gifsicle:lossy=40", or "none"
};

// Numbers of sources, pipelines and metrics count from 1.
struct experiment_cell {
   int64_t source = 0, pipeline = 0;
   results::status status = status::present; // failed and unavailable have a reason, and no file
   std::string reason;
   std::string file; // relative to the folder of the run
   comparison found; // of `file` with the source; every metric of the run is there, absent or not
   double seconds = 0;
};

class journal {
 public:
   // Makes what is not there. An error also where the file is another program's, or of another giflab.
   static result<journal> open(const std::string &path, database::access wanted = database::access::write);

   // Empty as long as nothing was begun.
   result<run_facts> facts();

   // The first entry: what is to be done.
   result<void> begin(const run_facts &facts, const std::vector<experiment_source> &sources,
                      const std::vector<experiment_pipeline> &pipelines);

   result<std::vector<experiment_source>> sources();
   result<std::vector<experiment_pipeline>> pipelines();

   // The text of the decisions that the run's results were judged by; empty if none were noted yet.
   result<void> note_rules(const std::string &text);
   result<std::string> rules();

   // Of a source's comparison with itself: its size in pixels, pictures, time and values; or its failure.
   result<void> add_features(int64_t source, const comparison &found);

   // By the number of the source. Both sides of a comparison are the source.
   result<std::map<int64_t, comparison>> features();

   // Source and pipeline of every cell that is done: it is there, and nothing of it failed.
   result<std::set<std::pair<int64_t, int64_t>>> done();

   // Takes out every cell and every source's features of which something failed, to be tried again.
   result<void> forget_failures();

   // Of every cell that is there and had its tools here: the seconds it took, by source and pipeline.
   result<std::map<std::pair<int64_t, int64_t>, double>> timings();

   // On the disk when it returns.
   result<void> add(const experiment_cell &cell);

   // Every cell that is there, by source, then by pipeline. Seconds are not read back.
   using visitor = std::function<result<void>(const experiment_cell &cell)>;
   result<void> visit(const visitor &visit);

   // All that is no matter of time, as an SQLite file of its own; the same journal gives the same bytes.
   // `more` are statements about the schema `export`, run at the end. The file must not be there.
   result<void> copy_to(const std::string &path, const std::string &more);

 private:
   explicit journal(database open) : database_(std::move(open)) {}

   result<void> add_rows(const experiment_cell &cell);
   result<void> add_value(const experiment_cell &cell, int64_t metric, const metric_value &value);

   database database_;
};

} // namespace giflab::results
