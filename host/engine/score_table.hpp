#pragma once
// What one plugin scored in one comparison, and the pairs that came to no scores.

#include "engine/result_cache.hpp"
#include "results/comparison.hpp"

#include <giflab/plugin.h>

#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace giflab::engine {

// The stretch of time that a pair takes up.
struct pair_time {
   int64_t start_us = 0, duration_us = 0;
};

// All functions: any thread.
class score_table {
 public:
   // `outputs` are the plugin's, and outlive this. `known`: what it measured in the same files before; may be
   // null.
   score_table(std::span<const giflab_output> outputs, const measured_scores *known);

   // One score an output; NaN where there is none.
   void keep(int64_t pair, std::span<const double> scores);
   void keep_of_clip(std::span<const double> scores);

   void note_failure(int64_t pair, std::string why);
   void note_skip(int64_t pair, std::string why);
   void note_repeat(int64_t pair, int64_t like); // that scores as an earlier one does

   // Gives each repeated pair what came of the one that it is like: scores, a failure, or nothing.
   void copy_repeated();

   // NaN if there is none.
   double value_of(std::size_t output, int64_t pair) const;

   // All that was scored; nothing if a pair failed or was skipped.
   std::optional<measured_scores> complete() const;

   // Enters what came of an output: of all pairs, pooled, or of the clip; or why there is nothing. `times` has
   // one entry a pair.
   void fill(results::metric_value &value, std::size_t output, std::span<const pair_time> times) const;

 private:
   struct problem {
      int64_t pair;
      std::string text;
   };
   struct repeat {
      int64_t pair, like;
   };

   void fill_pooled(results::metric_value &value, std::size_t output, std::span<const pair_time> times) const;
   void fill_absent(results::metric_value &value, std::span<const pair_time> times) const;

   const std::span<const giflab_output> outputs_;
   mutable std::mutex mutex_;        // guards all below
   std::vector<double> scores_;      // [pair * outputs + output]
   std::vector<double> clip_scores_; // [output]
   std::vector<problem> failures_, skips_;
   std::vector<repeat> repeats_;
};

} // namespace giflab::engine
