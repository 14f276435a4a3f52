#pragma once
// Many sources through many pipelines, each result compared with its source.

#include "config/formulas.hpp"
#include "engine/compare.hpp"
#include "engine/process.hpp"
#include "engine/workshop.hpp"
#include "experiments/expansion.hpp"
#include "experiments/run_folder.hpp"
#include "results/experiment_exports.hpp"
#include "results/reading.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace giflab::experiments {

// A source as it was found. What cannot be read still has its rows.
struct planned_source {
   results::experiment_source about;
   std::string format;  // as media::file_facts says
   std::string failure; // why it cannot be read; empty if it can
};

struct found_sources {
   std::vector<planned_source> sources;
   std::vector<std::string> notes; // of files that have the content of one before them, and are left out
};

// Opens and reads every file once. [main]
result<found_sources> examine_sources(const std::vector<std::string> &files,
                                      const media::reading_options &reading, engine::machine &on);

// A pipeline for sources of one format.
struct planned_stages {
   std::vector<engine::pipeline_stage> stages;
   std::string unavailable; // why it cannot run here; empty if it can
};

struct experiment {
   std::vector<planned_source> sources;
   std::vector<results::experiment_pipeline> pipelines;
   std::map<std::string, std::vector<planned_stages>> stages; // by a source's format, in the order of pipelines
   std::vector<engine::planned_metric> metrics;
   std::vector<engine::planned_metric> features; // of each source beside itself
   std::vector<config::formula> formulas;
   results::reading quality; // of the fronts
   engine::comparison_options comparing;
   engine::processing_options processing;
};

// Plans every pipeline for every format of a source, and for GIFs. `origins` are the places in the run file of
// each pipeline's three steps, for errors; what cannot run here is no error. [main]
result<void> plan_stages(experiment &of, const std::vector<std::array<std::string, slot_count>> &origins,
                         const modules::catalogue &found, engine::readiness_register &known);

// What must be equal for two runs to be the same: settings, versions of everything, contents of sources,
// pipelines, metrics. By name.
results::run_facts facts_of(const experiment &of, results::run_facts settings);

// Told of each cell as it is done, from one thread at a time.
using cell_listener = std::function<void(const results::experiment_cell &cell, std::size_t done)>;

// Numbers of a source and of a pipeline, from 0.
using cell_place = std::pair<std::size_t, std::size_t>;

// Every cell that was not done when the folder was opened.
std::vector<cell_place> waiting_cells(const experiment &of, const run_folder &in);

// Runs cells that the journal has not, `at_once` at a time, and writes each down. A cell that fails is a row
// like others; an error means that the run cannot go on.
result<void> run_cells(const experiment &of, run_folder &in, std::vector<cell_place> which, std::size_t at_once,
                       engine::workshop &on, const cell_listener &listener);

// The fronts of each source, and of all together: those on it and the others with what beats them.
result<std::vector<results::front_row>> fronts_of(const experiment &of, results::journal &in);

} // namespace giflab::experiments
