#pragma once
// One expensive metric of one pair of files, measured on as many pairs of pictures as it takes.

#include "engine/pooling.hpp"
#include "engine/sampling.hpp"
#include "engine/selection.hpp"
#include "results/gates.hpp"

#include <span>
#include <vector>

namespace giflab::engine {

// The distinct pairs of a clip, and which of them were drawn.
struct sampled_clip {
   std::span<const sampling_unit> units;
   std::span<const results::pair_row> rows; // of every pair
   std::vector<std::size_t> order; // of units: those with a known value first, then as the sample has them
   std::size_t known = 0;          // so many are known without measuring
   stratified_sample sample;       // of those behind them

   // `identical_known`: units without any difference need no measuring.
   sampled_clip(std::span<const sampling_unit> units, std::span<const results::pair_row> rows,
                bool identical_known, std::size_t certain, std::size_t strata, uint64_t seed);

   std::vector<std::size_t> drawn() const; // units
};

class sampled_metric {
 public:
   // `gates`: those about its columns. All must outlive it.
   sampled_metric(const planned_metric &metric, std::vector<const results::gate *> gates);

   const planned_metric &plan() const { return metric_; }
   const std::vector<const results::gate *> &gates() const { return gates_; }

   // Some pairs would say nothing of the others, or not what the gates ask.
   bool must_be_whole() const;

   // Every column declares what it is where nothing differs.
   bool knows_identical() const;

   // Enters what is known without measuring.
   void know_identical(std::span<const sampling_unit> units);

   // Takes what a round says of these units: `values` are the metric's own, in `round` from column `first` on.
   void keep(std::span<const results::metric_value> values, const results::comparison &round, std::size_t first,
             std::span<const std::size_t> fresh, std::span<const sampling_unit> units);

   bool has_values(std::span<const std::size_t> of_units) const; // in every column
   double value(std::size_t column, std::size_t unit) const;     // NaN: not known

   // It cannot be measured here, or failed: then what the last round said stands.
   bool has_ended() const;
   const std::vector<results::metric_value> &last() const { return last_; }

   // By what was drawn, at most `error` of the time wrong; `confidence` is what that comes to over all looks.
   std::vector<results::metric_value> by_sample(const sampled_clip &clip, double error,
                                                double confidence) const;

   // By all pairs, where every unit is known. The same bits as if none had been left out.
   std::vector<results::metric_value> complete(const sampled_clip &clip) const;

   // Does each of these, of this metric, settle its gates?
   bool settles_gates(std::span<const results::metric_value> values) const;

 private:
   const giflab_output &output_of(std::size_t column) const;
   std::vector<weighted_value> pairs_of(std::size_t column, const sampled_clip &clip) const;
   void fill(results::metric_value &value, std::size_t column, const sampled_clip &clip, double error,
             double confidence) const;

   const planned_metric &metric_;
   std::vector<const results::gate *> gates_;
   std::vector<results::metric_value> last_; // of its columns
   std::vector<std::vector<double>> values_; // [column][unit]; NaN: not known
};

} // namespace giflab::engine
