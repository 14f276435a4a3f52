#include "engine/progressive.hpp"

#include "engine/kept_originals.hpp"
#include "engine/memory_needs.hpp"
#include "engine/metric_run.hpp"
#include "engine/sampled_metric.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <limits>

namespace giflab::engine {

namespace {

using results::metric_value;
using results::status;

int64_t nanoseconds_of(uint32_t cost) {
   constexpr std::array<int64_t, 4> declared = {1, 10, 100, 1000}; // as GIFLAB_COST_*
   return cost < declared.size() ? declared[cost] : std::numeric_limits<int64_t>::max();
}

// `name` may leave out the parameters that a column has in its id.
bool has_column(const planned_metric &metric, const std::string &name) {
   return std::ranges::any_of(metric.columns, [&](const planned_metric::column &column) {
      return column.id == name || column.id.starts_with(name + "(");
   });
}

// One metric that is not of the first round, and what came of it.
struct pending_metric {
   sampled_metric metric;
   std::vector<metric_value> concluded; // of its columns, in the end
   progressive_cost cost;
};

using metric_list = std::vector<pending_metric *>;

// One pair of files.
class progressive_run {
 public:
   progressive_run(const std::string &reference, const std::string &distorted,
                   const std::vector<planned_metric> &plan, const comparison_options &options,
                   const progressive_policy &policy, const decision &wanted, machine &on,
                   const progress_listener &progress)
       : reference_(reference), distorted_(distorted), plan_(plan), options_(options), policy_(policy),
         wanted_(wanted), on_(on), progress_(progress) {}

   result<results::comparison> run();
   void add_costs(progressive_costs &costs) const;

 private:
   bool is_of_first_round(const planned_metric &metric) const;
   void divide_plan();
   result<void> measure_first_round();
   result<std::unique_ptr<media::reader>> open_again(const std::string &path);
   result<results::comparison> measure(const metric_list &metrics, const std::vector<bool> *pairs);

   std::optional<std::string> failing_gate() const;
   const quality_tier *tier() const;

   result<void> measure_gated();
   result<void> measure_unasked();
   void skip(pending_metric &metric, const std::string &why);
   result<void> measure_either_way(const metric_list &metrics);
   result<void> measure_whole(const metric_list &metrics);
   result<void> measure_by_sample(metric_list metrics, bool identical_known);
   sampled_clip clip_for(bool identical_known) const;
   result<void> measure_units(const metric_list &metrics, std::span<const std::size_t> units);
   bool conclude_after_look(pending_metric &metric, const sampled_clip &clip, int look);
   bool is_enough(const pending_metric &metric, std::span<const metric_value> values, std::size_t drawn) const;
   bool is_precise(const metric_value &value) const;
   void conclude(pending_metric &metric, std::vector<metric_value> values);

   results::comparison assembled() const;
   void add_row_values(std::vector<double> &row, std::size_t pair, const pending_metric &metric) const;

   const std::string &reference_, &distorted_;
   const std::vector<planned_metric> &plan_;
   const comparison_options &options_;
   const progressive_policy &policy_;
   const decision &wanted_;
   machine &on_;
   const progress_listener &progress_;

   std::array<original_store, 2> sides_; // what was read of reference and distorted, for the next round
   std::size_t opened_ = 0;
   std::vector<planned_metric> first_plan_;
   std::deque<pending_metric> pending_;
   results::comparison first_; // of the first round, with a row for every pair
   results::comparison known_; // the same with what has been concluded since
   std::vector<sampling_unit> units_;
   std::vector<std::size_t> unit_of_pair_;
};

// ---- The first round

bool progressive_run::is_of_first_round(const planned_metric &metric) const {
   const giflab_plugin &table = metric.plugin->table;
   if (!metric.unavailable.empty() || table.scope == GIFLAB_SCOPE_FILE ||
       !(table.flags & GIFLAB_FLAG_ON_REQUEST) || nanoseconds_of(table.cost) <= policy_.cheap_nanoseconds)
      return true;
   const auto is_named = [&](const std::string &name) { return has_column(metric, name); };
   return std::ranges::any_of(wanted_.whole, is_named) ||
          std::ranges::any_of(policy_.tiers, [&](const quality_tier &tier) {
             return std::ranges::any_of(tier.conditions, [&](const results::gate &condition) {
                return is_named(condition.about.metric);
             });
          });
}

void progressive_run::divide_plan() {
   for (const planned_metric &metric : plan_) {
      if (is_of_first_round(metric)) {
         first_plan_.push_back(metric);
         continue;
      }
      std::vector<const results::gate *> gates;
      for (const results::gate &gate : wanted_.gates)
         if (std::ranges::find(metric.columns, gate.about.metric, &planned_metric::column::id) !=
             metric.columns.end())
            gates.push_back(&gate);
      pending_.push_back({sampled_metric(metric, std::move(gates)), {}, {}});
   }
}

result<void> progressive_run::measure_first_round() {
   comparison_options options = options_;
   options.per_frame = true;
   if (!pending_.empty())
      options.open = [this](const std::string &path) { return open_again(path); };
   auto found = compare(reference_, distorted_, first_plan_, options, on_, progress_);
   if (!found)
      return tl::unexpected(found.error());
   first_ = std::move(*found);
   known_ = first_;
   units_ = units_worst_first(first_);
   unit_of_pair_.resize(first_.pairs.size());
   for (std::size_t unit = 0; unit < units_.size(); ++unit)
      for (const std::size_t pair : units_[unit].pairs)
         unit_of_pair_[pair] = unit;
   return {};
}

// For comparison_options::open, which is asked for the two files in turn.
result<std::unique_ptr<media::reader>> progressive_run::open_again(const std::string &path) {
   const original_request wanted{path, options_.reading, options_.background, picture_bytes(1, 0),
                                 policy_.picture_bytes / sides_.size()};
   return sides_[opened_++ % sides_.size()].open(wanted, on_.pixels()).map([](opened_original made) {
      return std::move(made.reader);
   });
}

// A later round: of these pairs alone, or of all.
result<results::comparison> progressive_run::measure(const metric_list &metrics,
                                                     const std::vector<bool> *pairs) {
   std::vector<planned_metric> plan;
   for (const pending_metric *pending : metrics)
      plan.push_back(pending->metric.plan());
   comparison_options options = options_;
   options.per_frame = true;
   options.wanted = pairs;
   options.open = [this](const std::string &path) { return open_again(path); };
   auto found = compare(reference_, distorted_, plan, options, on_, progress_);
   if (found && found->pairs.size() != first_.pairs.size())
      return failed(problem::input,
                    fmt::format("{} or {} changed while they were compared", reference_, distorted_));
   return found;
}

// ---- Decisions

// The text of a gate that fails by what is known already.
std::optional<std::string> progressive_run::failing_gate() const {
   for (const results::gate &gate : wanted_.gates) {
      const bool known =
          std::ranges::find(known_.metrics, gate.about.metric, &metric_value::id) != known_.metrics.end();
      if (known && !results::judge(gate, known_).passed)
         return gate.text;
   }
   return std::nullopt;
}

const quality_tier *progressive_run::tier() const {
   for (const quality_tier &tier : policy_.tiers) {
      const bool fits = std::ranges::all_of(tier.conditions, [&](const results::gate &condition) {
         const auto value = results::number_of(condition.about, first_);
         return value && results::holds_throughout(condition, *value, *value).value_or(false);
      });
      if (fits)
         return &tier;
   }
   return nullptr;
}

// What gates wait for, the cheap ones first: a gate that fails makes the dearer ones unnecessary.
result<void> progressive_run::measure_gated() {
   std::map<uint32_t, metric_list> by_cost;
   for (pending_metric &pending : pending_)
      if (!pending.metric.gates().empty())
         by_cost[policy_.early_exit ? pending.metric.plan().plugin->table.cost : 0].push_back(&pending);
   for (const auto &[cost, metrics] : by_cost) {
      if (policy_.early_exit && failing_gate())
         return {};
      if (auto done = measure_either_way(metrics); !done)
         return done;
   }
   return {};
}

result<void> progressive_run::measure_unasked() {
   metric_list left;
   for (pending_metric &pending : pending_)
      if (pending.concluded.empty())
         left.push_back(&pending);
   const quality_tier *fitting = tier();
   unasked_metrics what = fitting ? fitting->unasked : policy_.unasked;
   if (what == unasked_metrics::automatic)
      what = wanted_.gates.empty() ? unasked_metrics::sampled : unasked_metrics::skipped;
   if (what == unasked_metrics::measured)
      return measure_whole(left);
   if (what == unasked_metrics::sampled)
      return measure_either_way(left);
   const std::optional<std::string> failing = failing_gate();
   for (pending_metric *pending : left) {
      const std::string why = failing && !pending->metric.gates().empty()
                                  ? fmt::format("the gate '{}' fails already, which decides", *failing)
                                  : "no gate asks for it";
      skip(*pending, fitting ? fmt::format("{} (tier {})", why, fitting->name) : why);
   }
   return {};
}

void progressive_run::skip(pending_metric &pending, const std::string &why) {
   std::vector<metric_value> values;
   for (const planned_metric::column &column : pending.metric.plan().columns) {
      metric_value &value = values.emplace_back(unmeasured(pending.metric.plan(), column));
      value.status = status::skipped;
      value.reason = "progressive: " + why;
   }
   ++pending.cost.skipped;
   conclude(pending, std::move(values));
}

void progressive_run::conclude(pending_metric &pending, std::vector<metric_value> values) {
   known_.metrics.insert(known_.metrics.end(), values.begin(), values.end());
   pending.concluded = std::move(values);
}

// ---- Later rounds

result<void> progressive_run::measure_either_way(const metric_list &metrics) {
   metric_list whole, identical_known, identical_unknown;
   for (pending_metric *pending : metrics)
      (pending->metric.must_be_whole()     ? whole
       : pending->metric.knows_identical() ? identical_known
                                           : identical_unknown)
          .push_back(pending);
   if (auto done = measure_whole(whole); !done)
      return done;
   if (auto done = measure_by_sample(std::move(identical_known), true); !done)
      return done;
   return measure_by_sample(std::move(identical_unknown), false);
}

// As it is without any of this.
result<void> progressive_run::measure_whole(const metric_list &metrics) {
   if (metrics.empty())
      return {};
   auto found = measure(metrics, nullptr);
   if (!found)
      return tl::unexpected(found.error());
   std::vector<std::size_t> all(units_.size());
   for (std::size_t unit = 0; unit < all.size(); ++unit)
      all[unit] = unit;
   std::size_t column = 0;
   for (pending_metric *pending : metrics) {
      const std::size_t columns = pending->metric.plan().columns.size();
      const auto values = std::span(found->metrics).subspan(column, columns);
      pending->metric.keep(values, *found, column, all, units_);
      pending->cost.seconds += values.front().seconds;
      pending->cost.measured_pairs += static_cast<int64_t>(units_.size());
      ++pending->cost.whole;
      conclude(*pending, {values.begin(), values.end()});
      column += columns;
   }
   return {};
}

sampled_clip progressive_run::clip_for(bool identical_known) const {
   // Clips draw differently, and the same clip the same wherever it stands.
   uint64_t seed = policy_.seed;
   for (const results::pair_row &row : first_.pairs)
      seed = (seed ^ row.reference_content ^ (row.distorted_content << 1)) * 0x9E3779B97F4A7C15u;
   return {units_, first_.pairs, identical_known, policy_.worst_frames, policy_.first_frames, seed};
}

// One after the other look at ever more pairs, until each metric has been concluded.
result<void> progressive_run::measure_by_sample(metric_list metrics, bool identical_known) {
   if (metrics.empty())
      return {};
   sampled_clip clip = clip_for(identical_known);
   if (identical_known)
      for (pending_metric *pending : metrics)
         pending->metric.know_identical(units_);
   metric_list whole;
   std::vector<bool> seen(units_.size());
   for (int look = 1; !metrics.empty(); ++look) {
      std::vector<std::size_t> fresh;
      for (const std::size_t unit : clip.drawn())
         if (!seen[unit])
            fresh.push_back(unit);
      if (auto done = measure_units(metrics, fresh); !done)
         return done;
      for (const std::size_t unit : fresh)
         seen[unit] = true;
      metric_list left;
      for (pending_metric *pending : metrics)
         if (!pending->metric.has_ended() && !pending->metric.has_values(fresh))
            whole.push_back(pending); // some pairs have no value: how many, a sample cannot tell
         else if (!conclude_after_look(*pending, clip, look))
            left.push_back(pending);
      metrics = std::move(left);
      clip.sample.grow();
   }
   return measure_whole(whole);
}

result<void> progressive_run::measure_units(const metric_list &metrics, std::span<const std::size_t> units) {
   if (units.empty())
      return {};
   std::vector<bool> pairs(first_.pairs.size());
   for (const std::size_t unit : units)
      pairs[units_[unit].pairs.front()] = true;
   auto found = measure(metrics, &pairs);
   if (!found)
      return tl::unexpected(found.error());
   std::size_t column = 0;
   for (pending_metric *pending : metrics) {
      const std::size_t columns = pending->metric.plan().columns.size();
      const auto values = std::span(found->metrics).subspan(column, columns);
      pending->metric.keep(values, *found, column, units, units_);
      pending->cost.seconds += values.front().seconds;
      pending->cost.measured_pairs += static_cast<int64_t>(units.size());
      column += columns;
   }
   return {};
}

// True if this look is the metric's last. Each look may err half as often as the one before, so that all
// together do not err more often than the confidence allows.
bool progressive_run::conclude_after_look(pending_metric &pending, const sampled_clip &clip, int look) {
   if (pending.metric.has_ended()) {
      conclude(pending, pending.metric.last());
      return true;
   }
   if (clip.sample.complete()) {
      ++pending.cost.whole;
      conclude(pending, pending.metric.complete(clip));
      return true;
   }
   const double error = (1 - policy_.confidence) * std::pow(0.5, look);
   std::vector<metric_value> values = pending.metric.by_sample(clip, error, policy_.confidence);
   if (!is_enough(pending, values, clip.sample.strata().size()))
      return false;
   ++pending.cost.sampled;
   conclude(pending, std::move(values));
   return true;
}

bool progressive_run::is_enough(const pending_metric &pending, std::span<const metric_value> values,
                                std::size_t drawn) const {
   if (!std::ranges::all_of(values, [](const metric_value &value) { return value.status == status::present; }))
      return false;
   if (!pending.metric.gates().empty())
      return pending.metric.settles_gates(values) || (policy_.early_exit && failing_gate());
   if (policy_.most_frames > 0 && drawn >= policy_.most_frames)
      return true;
   return std::ranges::all_of(values, [&](const metric_value &value) { return is_precise(value); });
}

bool progressive_run::is_precise(const metric_value &value) const {
   const results::sampled_statistic &within = value.sample->intervals.front();
   const double half = (within.high - within.low) / 2;
   const auto own = policy_.precisions.find(value.id);
   return half <= (own != policy_.precisions.end() ? own->second : policy_.precision * std::abs(value.value));
}

// ---- What came of it

void progressive_run::add_row_values(std::vector<double> &row, std::size_t pair,
                                     const pending_metric &pending) const {
   for (std::size_t column = 0; column < pending.concluded.size(); ++column)
      row.push_back(pending.metric.value(column, unit_of_pair_[pair]));
}

// In the order of the plan.
results::comparison progressive_run::assembled() const {
   results::comparison made = first_;
   made.metrics.clear();
   for (results::pair_row &row : made.pairs)
      row.values.clear();
   std::size_t first_column = 0;
   auto pending = pending_.begin();
   for (const planned_metric &metric : plan_) {
      if (is_of_first_round(metric)) {
         for (std::size_t i = 0; i < metric.columns.size(); ++i, ++first_column) {
            made.metrics.push_back(first_.metrics[first_column]);
            for (std::size_t pair = 0; pair < made.pairs.size(); ++pair)
               made.pairs[pair].values.push_back(first_.pairs[pair].values[first_column]);
         }
         continue;
      }
      made.metrics.insert(made.metrics.end(), pending->concluded.begin(), pending->concluded.end());
      for (std::size_t pair = 0; pair < made.pairs.size(); ++pair)
         add_row_values(made.pairs[pair].values, pair, *pending);
      ++pending;
   }
   if (!options_.per_frame)
      made.pairs.clear();
   return made;
}

void progressive_run::add_costs(progressive_costs &costs) const {
   const double pixels = static_cast<double>(first_.distorted.width) * first_.distorted.height;
   for (const pending_metric &pending : pending_) {
      progressive_cost &sum = costs[pending.metric.plan().plugin->id()];
      const int64_t spared =
          std::max<int64_t>(0, static_cast<int64_t>(units_.size()) - pending.cost.measured_pairs);
      sum.seconds += pending.cost.seconds;
      sum.measured_pairs += pending.cost.measured_pairs;
      sum.spared_pairs += spared;
      sum.measured_pixels += static_cast<double>(pending.cost.measured_pairs) * pixels;
      sum.spared_pixels += static_cast<double>(spared) * pixels;
      sum.sampled += pending.cost.sampled;
      sum.skipped += pending.cost.skipped;
      sum.whole += pending.cost.whole;
   }
}

result<results::comparison> progressive_run::run() {
   divide_plan();
   if (auto done = measure_first_round(); !done)
      return tl::unexpected(done.error());
   if (auto done = measure_gated(); !done)
      return tl::unexpected(done.error());
   if (auto done = measure_unasked(); !done)
      return tl::unexpected(done.error());
   return assembled();
}

} // namespace

std::optional<double> progressive_cost::saved_seconds() const {
   if (measured_pixels <= 0)
      return std::nullopt;
   return seconds / measured_pixels * spared_pixels;
}

result<results::comparison> compare_progressively(const std::string &reference, const std::string &distorted,
                                                  const std::vector<planned_metric> &plan,
                                                  const comparison_options &options,
                                                  const progressive_policy &policy, const decision &wanted,
                                                  machine &on, const progress_listener &progress,
                                                  progressive_costs &costs) {
   progressive_run run(reference, distorted, plan, options, policy, wanted, on, progress);
   auto found = run.run();
   if (found)
      run.add_costs(costs);
   return found;
}

} // namespace giflab::engine
