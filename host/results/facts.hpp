#pragma once
// Facts of sources and results that are no plugin's, as values among the others, so that conditions and limits
// speak of them by name.

#include "results/journal.hpp"

#include <optional>
#include <string>
#include <vector>

namespace giflab::results {

// What a source is, from its comparison with itself: frames, width, height, pixels, duration_ms,
// frames_per_second (undefined for a still).
void add_source_facts(comparison &about);
const std::vector<std::string> &source_fact_names();

// What a pipeline was asked for, in the words of its steps.
struct asked_for {
   std::optional<int64_t> frames; // of a source with so many
   std::string unknown_frames;    // why that cannot be said
   std::optional<double> colours; // of the last step that takes a number of colours
};

// By the parameters `keep` and `colours`. A step in the slot `frame` without `keep`, and parameters that choose
// pictures by rate or likeness, leave the number of frames unknown.
asked_for asked(const experiment_pipeline &pipeline, int64_t source_frames);

// What became of a source, from a cell's comparison, the source's with itself and the pipeline:
//
//   frames                 of the result
//   size_percent           of the source's bytes
//   frame_share_deviation  how many pictures more or fewer than asked for, as a share of the source's. One is
//                          rounding and counts 0; so do fewer where no picture went that differs from the
//                          others
//   duration_deviation     of the playing time, as a share of the source's; undefined for stills
//   fps_deviation          of pictures per second from those that the source's time and the pictures asked for
//   give asked_colours          undefined where no step takes a number of colours
void add_result_facts(comparison &about, const comparison &source, const experiment_pipeline &pipeline);
const std::vector<std::string> &result_fact_names();

// The slot that a pipeline works in: "frame", "colour", "lossy", "several", or nothing where it passes through.
std::string working_slot(const experiment_pipeline &pipeline);

} // namespace giflab::results
