#pragma once
// Level 3: cheap metrics first, and of expensive ones no more than a decision needs.
//
// The first round measures every cheap metric of every pair. Its values settle some gates, and rank the pairs.
// Each expensive metric that a gate still waits for is then measured on a few pairs, more each round, until its
// interval lies on one side of the gate's limit. The others are sampled to a precision, or skipped, as the
// policy says. Nothing is guessed: a value that stands for pairs that were not measured carries its sample, and
// one that was not computed is skipped with the reason.

#include "engine/compare.hpp"
#include "results/gates.hpp"

#include <map>
#include <span>
#include <string>
#include <vector>

namespace giflab::engine {

// What becomes of an expensive metric that no gate waits for.
enum class unasked_metrics {
   automatic, // skipped where there are gates, which are then what the run is for; else sampled
   skipped,
   sampled,  // until the interval is as narrow as the policy's precision
   measured, // all pairs
};

// What the first round may say of a pair of files, and what follows for metrics that no gate waits for.
struct quality_tier {
   std::string name;
   std::vector<results::gate> conditions; // all must hold
   unasked_metrics unasked = unasked_metrics::automatic;
};

// All that is a matter of taste. configs/README.md explains each under [progressive].
struct progressive_policy {
   double confidence = 0.99; // above 0.5, below 1: that a verdict by a sample is right
   double precision = 0.05;  // half of an interval, as a share of the value: enough where no gate asks
   std::map<std::string, double> precisions; // the same by metric, in its own unit
   std::size_t first_frames = 4;             // drawn at first; 2 or more
   std::size_t worst_frames = 1;             // and besides them the worst by the first round
   std::size_t most_frames = 0;              // for a precision; 0: no limit
   int64_t cheap_nanoseconds = 10;           // a pixel, as declared: up to here metrics are of the first round
   bool early_exit = true;                   // a gate that holds makes the others unnecessary
   unasked_metrics unasked = unasked_metrics::automatic;
   std::size_t picture_bytes = std::size_t{256} << 20; // of pictures kept for the next round, at most
   uint64_t seed = 1;
   std::vector<quality_tier> tiers; // the first that fits counts
};

// What the values are for: which of them matter, and what bounds would settle it. A search that keeps what is
// at least so good asks with one gate about its target.
struct decision {
   std::vector<results::gate> gates; // the comparison fails if one holds; those about no column are passed over
   std::vector<std::string> whole;   // columns that are wanted of every pair, whatever is decided
};

// What one plugin cost in a run, and what it did not.
struct progressive_cost {
   double seconds = 0; // of the processor, in calls that measured
   double measured_pixels = 0, spared_pixels = 0;
   int64_t measured_pairs = 0, spared_pairs = 0; // distinct ones
   int64_t sampled = 0, skipped = 0, whole = 0;  // comparisons

   // By what it cost where it was measured; nothing if it never was.
   std::optional<double> saved_seconds() const;
};

// By plugin, of those that are not of the first round.
using progressive_costs = std::map<std::string, progressive_cost>;

// As compare(), for the same result at a level below 3 but for what is sampled or skipped. Repeated pairs are
// measured once. The same arguments give the same values, at any number of threads. Adds to `costs`.
result<results::comparison> compare_progressively(const std::string &reference, const std::string &distorted,
                                                  const std::vector<planned_metric> &plan,
                                                  const comparison_options &options,
                                                  const progressive_policy &policy, const decision &wanted,
                                                  machine &on, const progress_listener &progress,
                                                  progressive_costs &costs);

} // namespace giflab::engine
