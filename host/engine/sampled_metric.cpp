#include "engine/sampled_metric.hpp"

#include "engine/metric_run.hpp"
#include "engine/pooling.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace giflab::engine {

namespace {

using results::metric_value;
using results::statistic;
using results::status;

bool is_mean(uint32_t pool) {
   return pool == GIFLAB_POOL_MEAN || pool == GIFLAB_POOL_HARMONIC_MEAN || pool == GIFLAB_POOL_DECIBEL_MEAN;
}

// The pooling that a statistic amounts to; nothing for those that take every pair.
std::optional<uint32_t> pool_of(statistic wanted, const giflab_output &output) {
   switch (wanted) {
   case statistic::value:
      return output.pool;
   case statistic::mean:
      return GIFLAB_POOL_MEAN;
   case statistic::min:
      return GIFLAB_POOL_MIN;
   case statistic::max:
      return GIFLAB_POOL_MAX;
   case statistic::p05:
      return GIFLAB_POOL_P05;
   case statistic::p95:
      return GIFLAB_POOL_P95;
   default:
      return std::nullopt;
   }
}

std::vector<double> weights_of(std::span<const sampling_unit> units, std::span<const std::size_t> order) {
   std::vector<double> weights;
   for (const std::size_t unit : order)
      weights.push_back(units[unit].weight);
   return weights;
}

} // namespace

// ---- The clip

namespace {

std::vector<std::size_t> known_first(std::span<const sampling_unit> units, bool identical_known) {
   std::vector<std::size_t> order(units.size());
   for (std::size_t unit = 0; unit < units.size(); ++unit)
      order[unit] = unit;
   if (identical_known)
      std::ranges::stable_partition(order, [&](std::size_t unit) { return units[unit].identical; });
   return order;
}

} // namespace

sampled_clip::sampled_clip(std::span<const sampling_unit> of, std::span<const results::pair_row> all_rows,
                           bool identical_known, std::size_t certain, std::size_t strata, uint64_t seed)
    : units(of), rows(all_rows), order(known_first(of, identical_known)),
      known(identical_known ? static_cast<std::size_t>(std::ranges::count_if(of, &sampling_unit::identical))
                            : 0),
      sample(weights_of(of, std::span(order).subspan(known)), certain, strata, seed) {}

std::vector<std::size_t> sampled_clip::drawn() const {
   std::vector<std::size_t> found;
   for (const stratified_sample::stratum &stratum : sample.strata())
      found.push_back(order[known + stratum.drawn]);
   return found;
}

// ---- The metric

sampled_metric::sampled_metric(const planned_metric &metric, std::vector<const results::gate *> gates)
    : metric_(metric), gates_(std::move(gates)), values_(metric.columns.size()) {
   for (const planned_metric::column &column : metric.columns)
      last_.push_back(unmeasured(metric, column));
}

const giflab_output &sampled_metric::output_of(std::size_t column) const {
   return metric_.plugin->outputs[metric_.columns[column].output];
}

bool sampled_metric::must_be_whole() const {
   const giflab_plugin &table = metric_.plugin->table;
   if (table.scope != GIFLAB_SCOPE_FRAME || table.lookback > 0)
      return true;
   for (std::size_t column = 0; column < metric_.columns.size(); ++column) {
      const giflab_output &output = output_of(column);
      if (output.level != GIFLAB_PER_FRAME || !is_mean(output.pool) || output.least_side > 0)
         return true;
   }
   return std::ranges::any_of(gates_, [](const results::gate *gate) {
      return gate->about.statistic == statistic::std || gate->about.statistic >= statistic::first;
   });
}

bool sampled_metric::knows_identical() const {
   for (std::size_t column = 0; column < metric_.columns.size(); ++column)
      if (std::isnan(output_of(column).identical))
         return false;
   return true;
}

void sampled_metric::know_identical(std::span<const sampling_unit> units) {
   for (std::size_t column = 0; column < values_.size(); ++column) {
      values_[column].resize(units.size(), unknown);
      for (std::size_t unit = 0; unit < units.size(); ++unit)
         if (units[unit].identical)
            values_[column][unit] = output_of(column).identical;
   }
}

void sampled_metric::keep(std::span<const metric_value> values, const results::comparison &round,
                          std::size_t first, std::span<const std::size_t> fresh,
                          std::span<const sampling_unit> units) {
   last_.assign(values.begin(), values.end());
   for (std::size_t column = 0; column < values_.size(); ++column) {
      values_[column].resize(units.size(), unknown);
      for (const std::size_t unit : fresh)
         values_[column][unit] = round.pairs[units[unit].pairs.front()].values[first + column];
   }
}

bool sampled_metric::has_values(std::span<const std::size_t> of_units) const {
   return std::ranges::all_of(values_, [&](const std::vector<double> &column) {
      return std::ranges::none_of(of_units, [&](std::size_t unit) { return std::isnan(column[unit]); });
   });
}

double sampled_metric::value(std::size_t column, std::size_t unit) const {
   return unit < values_[column].size() ? values_[column][unit] : unknown;
}

bool sampled_metric::has_ended() const {
   return std::ranges::any_of(last_, [](const metric_value &value) {
      return value.status == status::failed || value.status == status::skipped ||
             value.status == status::unavailable;
   });
}

// Every pair that is known, in display order.
std::vector<weighted_value> sampled_metric::pairs_of(std::size_t column, const sampled_clip &clip) const {
   std::vector<weighted_value> found;
   for (std::size_t unit = 0; unit < clip.units.size(); ++unit)
      if (!std::isnan(values_[column][unit]))
         for (const std::size_t pair : clip.units[unit].pairs)
            found.push_back({values_[column][unit], static_cast<double>(clip.rows[pair].duration_us),
                             static_cast<int64_t>(pair)});
   std::ranges::sort(found, {}, &weighted_value::pair);
   return found;
}

std::vector<metric_value> sampled_metric::complete(const sampled_clip &clip) const {
   std::vector<metric_value> values;
   for (std::size_t column = 0; column < values_.size(); ++column) {
      metric_value &value = values.emplace_back(unmeasured(metric_, metric_.columns[column]));
      value.device = last_[column].device;
      if (clip.known == clip.units.size())
         value.reason = "progressive: known without measuring, for nothing differs in any pair";
      fill_pooled(value, pairs_of(column, clip), output_of(column).pool,
                  [&](int64_t pair) { return clip.rows[static_cast<std::size_t>(pair)].start_us; });
   }
   return values;
}

std::vector<metric_value> sampled_metric::by_sample(const sampled_clip &clip, double error,
                                                    double confidence) const {
   std::vector<metric_value> values;
   for (std::size_t column = 0; column < values_.size(); ++column) {
      metric_value &value = values.emplace_back(unmeasured(metric_, metric_.columns[column]));
      value.device = last_[column].device;
      fill(value, column, clip, error, confidence);
   }
   return values;
}

void sampled_metric::fill(metric_value &value, std::size_t column, const sampled_clip &clip, double error,
                          double confidence) const {
   const giflab_output &output = output_of(column);
   std::vector<double> weights = weights_of(clip.units, clip.order), known;
   for (const std::size_t unit : clip.order)
      known.push_back(values_[column][unit]);
   const partly_known of{weights, known, {output.lowest, output.highest}};

   const std::vector<weighted_value> pairs = pairs_of(column, clip);
   fill_pooled(value, pairs, output.pool,
               [&](int64_t pair) { return clip.rows[static_cast<std::size_t>(pair)].start_us; });
   value.statistics = results::statistics(); // those of the pairs that were drawn say nothing of the clip
   results::sample &sample = value.sample.emplace();
   sample.pairs = static_cast<int64_t>(clip.rows.size());
   sample.confidence = confidence;
   const auto add = [&](statistic wanted) {
      const std::string name(results::name_of(wanted));
      const auto there = std::ranges::find(sample.intervals, name, &results::sampled_statistic::statistic);
      if (there != sample.intervals.end())
         return unknown;
      const estimate found = estimated(clip.sample, clip.known, of, *pool_of(wanted, output), error);
      sample.intervals.push_back({name, found.within.low, found.within.high});
      return found.value;
   };
   value.value = add(statistic::value);
   value.statistics->mean = add(statistic::mean);
   for (const results::gate *gate : gates_)
      if (gate->about.metric == value.id)
         add(gate->about.statistic);
   if (std::isnan(value.value)) {
      value.status = status::skipped;
      value.reason = "progressive: the pairs that were drawn have no mean";
      return;
   }
   const results::sampled_statistic &within = sample.intervals.front();
   value.reason =
       fmt::format("progressive: by {} of {} pairs; between {:.6g} and {:.6g} with {:.6g} % confidence",
                   value.frames, sample.pairs, within.low, within.high, 100 * confidence);
}

bool sampled_metric::settles_gates(std::span<const metric_value> values) const {
   return std::ranges::all_of(gates_, [&](const results::gate *gate) {
      const auto about = std::ranges::find(values, gate->about.metric, &metric_value::id);
      const auto &intervals = about->sample->intervals;
      const auto within = std::ranges::find(intervals, results::name_of(gate->about.statistic),
                                            &results::sampled_statistic::statistic);
      return results::holds_throughout(*gate, within->low, within->high).has_value();
   });
}

} // namespace giflab::engine
