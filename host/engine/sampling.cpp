#include "engine/sampling.hpp"

#include "engine/pooling.hpp"

#include <giflab/plugin.h>

#include <boost/math/distributions/students_t.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

namespace giflab::engine {

namespace {

std::vector<sampling_unit> distinct_pairs(std::span<const results::pair_row> rows) {
   int64_t whole = 0;
   for (const results::pair_row &row : rows)
      whole += row.duration_us;
   const bool timeless = whole <= 0; // stills
   const double all = timeless ? static_cast<double>(rows.size()) : static_cast<double>(whole);
   std::map<std::pair<uint64_t, uint64_t>, std::size_t> known;
   std::vector<sampling_unit> units;
   for (std::size_t pair = 0; pair < rows.size(); ++pair) {
      const results::pair_row &row = rows[pair];
      const auto [place, fresh] =
          known.try_emplace({row.reference_content, row.distorted_content}, units.size());
      if (fresh)
         units.push_back({{}, 0, row.reference_content == row.distorted_content});
      sampling_unit &unit = units[place->second];
      unit.pairs.push_back(pair);
      unit.weight += (timeless ? 1.0 : static_cast<double>(row.duration_us)) / all;
   }
   return units;
}

// Adds to each unit's sum its rank by these values, from 0 for the best; equal ones share the middle of their
// places.
void add_ranks(std::vector<double> &sums, std::span<const double> badness) {
   std::vector<std::size_t> order(badness.size());
   std::iota(order.begin(), order.end(), std::size_t{0});
   std::ranges::stable_sort(order, {}, [&](std::size_t unit) { return badness[unit]; });
   for (std::size_t from = 0; from < order.size();) {
      std::size_t to = from;
      while (to < order.size() && badness[order[to]] == badness[order[from]])
         ++to;
      for (std::size_t i = from; i < to; ++i)
         sums[order[i]] += static_cast<double>(from + to - 1) / 2;
      from = to;
   }
}

} // namespace

std::vector<sampling_unit> units_worst_first(const results::comparison &measured) {
   std::vector<sampling_unit> units = distinct_pairs(measured.pairs);
   std::vector<double> ranks(units.size());
   for (std::size_t column = 0; column < measured.metrics.size(); ++column) {
      const results::direction direction = measured.metrics[column].direction;
      std::vector<double> badness;
      for (const sampling_unit &unit : units) {
         const double value = measured.pairs[unit.pairs.front()].values[column];
         badness.push_back(direction == results::direction::higher ? -value : value);
      }
      const bool complete = std::ranges::none_of(badness, [](double value) { return std::isnan(value); });
      if (direction != results::direction::neither && complete)
         add_ranks(ranks, badness);
   }
   std::vector<std::size_t> order(units.size());
   std::iota(order.begin(), order.end(), std::size_t{0});
   std::ranges::stable_sort(order, std::greater(), [&](std::size_t unit) { return ranks[unit]; });
   std::vector<sampling_unit> sorted;
   for (const std::size_t unit : order)
      sorted.push_back(std::move(units[unit]));
   return sorted;
}

// ---- The sample

stratified_sample::stratified_sample(std::vector<double> weights, std::size_t certain, std::size_t strata,
                                     uint64_t seed)
    : weights_(std::move(weights)), chance_(seed) {
   const std::size_t alone = std::min(certain, weights_.size());
   if (alone < weights_.size())
      strata_.push_back(made(alone, weights_.size() - alone));
   while (strata_.size() < strata && split_heaviest())
      ;
   for (stratum &each : strata_)
      each.drawn = draw(each);
   for (std::size_t unit = alone; unit-- > 0;) {
      strata_.insert(strata_.begin(), made(unit, 1));
      strata_.front().drawn = unit;
   }
}

stratified_sample::stratum stratified_sample::made(std::size_t first, std::size_t count) const {
   const auto begin = weights_.begin() + static_cast<std::ptrdiff_t>(first);
   return {first, count, first, std::accumulate(begin, begin + static_cast<std::ptrdiff_t>(count), 0.0)};
}

// How many units its first half has: those that come nearest to half of its weight, and never none or all.
std::size_t stratified_sample::middle_of(const stratum &whole) const {
   std::size_t best = 1;
   double sum = 0, nearest = std::numeric_limits<double>::infinity();
   for (std::size_t count = 1; count < whole.count; ++count) {
      sum += weights_[whole.first + count - 1];
      const double distance = std::abs(sum - whole.weight / 2);
      if (distance < nearest) {
         nearest = distance;
         best = count;
      }
   }
   return best;
}

bool stratified_sample::split_heaviest() {
   const auto heaviest = std::ranges::max_element(
       strata_, {}, [](const stratum &each) { return each.count > 1 ? each.weight : -1.0; });
   if (heaviest == strata_.end() || heaviest->count < 2)
      return false;
   const stratum whole = *heaviest;
   const std::size_t half = middle_of(whole);
   *heaviest = made(whole.first, half);
   strata_.insert(heaviest + 1, made(whole.first + half, whole.count - half));
   return true;
}

std::size_t stratified_sample::draw(const stratum &from) {
   const double moment = static_cast<double>(chance_() >> 11) * 0x1p-53; // 0 to below 1
   if (from.weight <= 0) // on show for no time at all: any is as good
      return from.first + static_cast<std::size_t>(moment * static_cast<double>(from.count));
   double left = moment * from.weight;
   for (std::size_t unit = from.first; unit < from.first + from.count; ++unit)
      if ((left -= weights_[unit]) < 0)
         return unit;
   return from.first + from.count - 1; // what rounding left over
}

void stratified_sample::grow() {
   std::vector<stratum> finer;
   for (const stratum &whole : strata_) {
      if (whole.count < 2) {
         finer.push_back(whole);
         continue;
      }
      const std::size_t half = middle_of(whole);
      for (stratum part : {made(whole.first, half), made(whole.first + half, whole.count - half)}) {
         const bool has_it = whole.drawn >= part.first && whole.drawn < part.first + part.count;
         part.drawn = has_it ? whole.drawn : draw(part);
         finer.push_back(part);
      }
   }
   strata_ = std::move(finer);
}

bool stratified_sample::complete() const {
   return std::ranges::all_of(strata_, [](const stratum &each) { return each.count == 1; });
}

// ---- What it says

namespace {

// Of what the pooled value is the plain mean, and back.
struct mean_form {
   double (*inward)(double);
   double (*outward)(double);
   bool falling;
};

const mean_form *form_of(uint32_t pool) {
   static constexpr mean_form plain = {[](double v) { return v; }, [](double v) { return v; }, false};
   static constexpr mean_form harmonic = {[](double v) { return 1 / v; }, [](double v) { return 1 / v; }, true};
   static constexpr mean_form decibel = {[](double v) { return std::pow(10, -v / 10); },
                                         [](double v) { return -10 * std::log10(std::max(v, 0.0)); }, true};
   switch (pool) {
   case GIFLAB_POOL_MEAN:
      return &plain;
   case GIFLAB_POOL_HARMONIC_MEAN:
      return &harmonic;
   case GIFLAB_POOL_DECIBEL_MEAN:
      return &decibel;
   default:
      return nullptr;
   }
}

double pooled_with(const partly_known &of, uint32_t pool, double instead) {
   std::vector<weighted_value> all;
   for (std::size_t unit = 0; unit < of.values.size(); ++unit)
      all.push_back({std::isnan(of.values[unit]) ? instead : of.values[unit], of.weights[unit],
                     static_cast<int64_t>(unit)});
   return pooled(all, pool);
}

// Both are right, or `likely` is wrong where there is no such part.
interval shared_part(const interval &certain, const interval &likely) {
   const interval both{std::max(certain.low, likely.low), std::min(certain.high, likely.high)};
   return both.low <= both.high ? both : certain;
}

// Of the mean of `form` over all units.
struct mean_estimate {
   double mean = 0, margin = 0; // margin: infinite where the draws say nothing of it
};

mean_estimate student_mean(const stratified_sample &sample, std::size_t known, const partly_known &of,
                           const mean_form &form, double error) {
   double mean = 0, sum = 0, squares = 0, spread = 0, open = 0;
   for (std::size_t unit = 0; unit < known; ++unit)
      mean += of.weights[unit] * form.inward(of.values[unit]);
   const auto strata = sample.strata();
   const auto count = static_cast<double>(strata.size());
   for (const auto &stratum : strata) {
      const double value = form.inward(of.values[known + stratum.drawn]);
      mean += stratum.weight * value;
      sum += value;
      if (stratum.count > 1) { // the finite population correction: what was drawn is known
         spread += stratum.weight * (stratum.weight - sample.weight(stratum.drawn));
         ++open;
      }
   }
   for (const auto &stratum : strata) {
      const double distance = form.inward(of.values[known + stratum.drawn]) - sum / count;
      squares += distance * distance;
   }
   if (sample.complete())
      return {mean, 0};
   if (strata.size() < 2 || squares == 0 || !std::isfinite(squares))
      return {mean, std::numeric_limits<double>::infinity()};
   using namespace boost::math::policies; // long double would compile for as long as the rest of this file
   using students_t = boost::math::students_t_distribution<double, policy<promote_double<false>>>;
   const students_t student(std::max(open - 1, 1.0)); // fewer than draws: those alone are no draws
   const double quantile = boost::math::quantile(boost::math::complement(student, error / 2));
   return {mean, quantile * std::sqrt(squares / (count - 1) * spread)};
}

estimate estimated_mean(const stratified_sample &sample, std::size_t known, const partly_known &of,
                        const mean_form &form, double error) {
   const mean_estimate found = student_mean(sample, known, of, form, error);
   const double infinite = std::numeric_limits<double>::infinity();
   estimate made{form.outward(found.mean), {-infinite, infinite}};
   if (std::isinf(found.margin))
      return made;
   // A mean of what cannot be negative is not, whatever its margin: else its reciprocal would change sides.
   const double least = form.falling ? std::max(found.mean - found.margin, 0.0) : found.mean - found.margin;
   const double a = form.outward(least), b = form.outward(found.mean + found.margin);
   made.within = {std::min(a, b), std::max(a, b)};
   return made;
}

// Were more of the time beyond them, some draw would be there too.
interval percentile_interval(const stratified_sample &sample, const partly_known &of, bool low_end,
                             double error) {
   constexpr double share = 0.05;
   const double infinite = std::numeric_limits<double>::infinity();
   double largest = 0, least = infinite, most = -infinite;
   for (const auto &stratum : sample.strata())
      largest = std::max(largest, stratum.count > 1 ? stratum.weight : 0);
   for (std::size_t unit = 0; unit < of.values.size(); ++unit)
      if (!std::isnan(of.values[unit])) {
         least = std::min(least, of.values[unit]);
         most = std::max(most, of.values[unit]);
      }
   if (largest > 0 && std::exp(-share / largest) > error / 2)
      return {-infinite, infinite};
   return low_end ? interval{least, infinite} : interval{-infinite, most};
}

} // namespace

interval certain_interval(const partly_known &of, uint32_t pool) {
   return {pooled_with(of, pool, of.bounds.lowest), pooled_with(of, pool, of.bounds.highest)};
}

estimate estimated(const stratified_sample &sample, std::size_t known, const partly_known &of, uint32_t pool,
                   double error) {
   estimate made{unknown, certain_interval(of, pool)};
   if (const mean_form *form = form_of(pool)) {
      const estimate by_chance = estimated_mean(sample, known, of, *form, error);
      made.value = by_chance.value;
      made.within = shared_part(made.within, by_chance.within);
   } else if (pool == GIFLAB_POOL_P05 || pool == GIFLAB_POOL_P95)
      made.within = shared_part(made.within, percentile_interval(sample, of, pool == GIFLAB_POOL_P05, error));
   return made;
}

} // namespace giflab::engine
