#pragma once
// What a comparison found: typed rows, as the engine fills them and the sinks write them.

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace giflab::results {

// Why a value is there or not. Nothing absent is ever written as a number.
enum class status {
   present,
   undefined,   // the metric has no value for these pictures
   skipped,     // not computed: outside what the plugin does, or a policy said so
   unavailable, // the plugin, its model or its tool is not here
   failed,      // it was tried and went wrong
};

enum class direction { neither, higher, lower };

// Over the pairs of a clip that have a value: weighted by display time, then those that are not. Infinite
// values stay infinite; what has no meaning among them (the spread of an infinite mean) is NaN and written as
// absent.
struct statistics {
   static constexpr double none = std::numeric_limits<double>::quiet_NaN();

   double mean = none, std = none, min = none, max = none, p05 = none, p95 = none;
   double first = none, middle = none, last = none; // of n values in display order those at 0, n/2 and n - 1
   double positional_variance = none;               // population variance of these three
};

// Between which numbers a statistic of all pairs lies, by some of them.
struct sampled_statistic {
   std::string statistic; // as in a gate: "value", "p05"
   double low = 0, high = 0;
};

// Not every pair was measured: what is known of all of them.
struct sample {
   int64_t pairs = 0;                        // of all; metric_value::frames of them have a known value
   double confidence = 0;                    // that an interval holds what it is about, such as 0.99
   std::vector<sampled_statistic> intervals; // of "value" first
};

struct worst_pair {
   int64_t pair = 0, start_us = 0;
   double value = 0;
};

struct metric_value {
   std::string id; // the output's id, and its parameters where they are not the defaults: "ssim"
   results::status status = status::present;
   std::string reason; // a sentence, unless present; a formula also says here what it does without
   double value = 0;   // pooled; meaningful only if present, may be infinite
   results::direction direction = direction::neither;
   std::string unit;
   std::string pooling; // "mean", "decibel_mean", ...; empty for values of the whole clip
   std::string plugin, version, device;
   int64_t frames = 0; // pairs with a value; 0 for values of the whole clip

   std::optional<results::statistics> statistics; // of metrics that have a value per pair
   std::vector<worst_pair> worst;                 // worst first, at most five; none without a direction

   // Then `value`, and of the statistics the mean, are estimates, other statistics are absent, and `worst` are
   // the worst of those measured.
   std::optional<results::sample> sample;

   double seconds = 0; // of the processor, in calls that measure; for reports on speed, in no output
};

struct file_summary {
   std::string path, format;
   int64_t bytes = 0, frames = 0, duration_us = 0;
   int32_t width = 0, height = 0, loop_count = 1;

   std::vector<std::string> warnings;
};

struct alignment_summary {
   std::string mode;
   int64_t pairs = 0, duration_us = 0;
   int64_t dropped = 0, duplicated = 0, reordered = 0, max_drift_us = 0;

   std::vector<std::string> notes;
};

// One pair of pictures; `values` in the order of comparison::metrics, NaN where there is none.
struct pair_row {
   int64_t pair = 0, reference_frame = 0, distorted_frame = 0, start_us = 0, duration_us = 0;

   std::vector<double> values;
   uint64_t reference_content = 0, distorted_content = 0; // media::content_id of what is compared; in no output
};

struct comparison {
   file_summary reference, distorted; // path alone is set if the file could not be read
   alignment_summary alignment;
   std::vector<metric_value> metrics;
   std::vector<pair_row> pairs; // only if rows were asked for
   std::string failure;         // why there are no values at all; empty otherwise
   int optimization_level = 2;
   std::string background; // "#ffffff"
};

} // namespace giflab::results
