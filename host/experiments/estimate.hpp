#pragma once
// How long a run will take, by cells that were timed: those of a run like it, or a few that are tried.

#include "experiments/experiment.hpp"
#include "services/sandbox.hpp"

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace giflab::experiments {

// Source and pipeline of an experiment, from 0.
using cell_place = std::pair<std::size_t, std::size_t>;

struct timed_cell {
   std::optional<cell_place> place; // none: a pipeline or source of another run
   std::string pipeline;            // its text
   double work = 0;                 // pixels of a picture of the source, times pictures
   double seconds = 0;              // of one cell, beside the others that worked at that time
};

struct time_estimate {
   double seconds = 0;                 // of all cells that are left, one after another
   double error = 0;                   // a standard error of that; NaN where one cell says all
   std::size_t known = 0, guessed = 0; // cells that were timed themselves, and the others
};

// Of the cells in `left`. A cell that was timed takes as long again; others take as long by the work of their
// source (by number) as those of their pipeline that were timed, or as all, where none were. At least one cell
// was timed, and took some work.
time_estimate estimate(const std::vector<cell_place> &left, const std::vector<std::string> &pipelines,
                       const std::vector<double> &work, const std::vector<timed_cell> &timed);

// Of every source: the pixels of a picture times the pictures; 0 for what cannot be read. Reads them all.
result<std::vector<double>> work_of(const experiment &of, engine::machine &on);

// Cells of a journal that computed what this experiment will, on sources that are known by content: other
// settings and metrics take other times. Empty where it is no such run.
result<std::vector<timed_cell>> timed_cells(const experiment &of, const results::run_facts &facts,
                                            const std::vector<double> &work, results::journal &from);

// Runs an experiment's cells in a folder.
using cell_trial = std::function<result<void>(const experiment &part, run_folder &in)>;

// Tries up to twelve cells, of three sources and four pipelines that stand evenly among the others, in a folder
// of `files`; no more sources once `seconds` are over.
result<std::vector<timed_cell>> tried_cells(const experiment &of, const std::vector<double> &work,
                                            double seconds, services::sandbox &files, const cell_trial &run);

} // namespace giflab::experiments
