#pragma once
// A few pairs of pictures for all of a clip, and how far what they say of it can be trusted.

#include "results/comparison.hpp"

#include <cstdint>
#include <limits>
#include <random>
#include <span>
#include <vector>

namespace giflab::engine {

// Pairs that a metric of single pairs cannot tell apart: they show the same pixels on both sides.
struct sampling_unit {
   std::vector<std::size_t> pairs; // by number, ascending; the first stands for all
   double weight = 0;              // its share of the display time; of a clip without any, of the pairs
   bool identical = false;         // nothing differs between its two sides
};

// Every distinct pair, those first that the measured values call worst: by the mean of their ranks under each
// column of the rows that has a direction and a value for every pair. Ties in the order of the clip.
std::vector<sampling_unit> units_worst_first(const results::comparison &measured);

// Units drawn by chance, a few at first and ever more until all are. Neighbours by rank form a stratum, out of
// which one unit is drawn with a probability in proportion to its weight, so that the sum of the strata's
// weights times what was drawn is the weighted mean, on average and without bias. grow() halves every stratum:
// what was drawn stays as the draw of its own half, which it is with the right probability already, and the
// other half draws anew. The same seed draws the same units on any machine, whatever they turn out to be worth.
class stratified_sample {
 public:
   struct stratum {
      std::size_t first = 0, count = 0; // of the units, in their order
      std::size_t drawn = 0;            // one of them
      double weight = 0;                // of all of them
   };

   // `weights` of all units, worst first; the `certain` first are strata of their own, the others `strata`.
   stratified_sample(std::vector<double> weights, std::size_t certain, std::size_t strata, uint64_t seed);

   void grow();
   bool complete() const; // everything is drawn
   std::span<const stratum> strata() const { return strata_; }
   double weight(std::size_t unit) const { return weights_[unit]; }

 private:
   stratum made(std::size_t first, std::size_t count) const;
   std::size_t middle_of(const stratum &whole) const;
   std::size_t draw(const stratum &from);
   bool split_heaviest();

   std::vector<double> weights_;
   std::vector<stratum> strata_;
   std::mt19937_64 chance_;
};

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

// A number that is known to lie somewhere; the same twice where it is known.
struct interval {
   double low = 0, high = 0;
};

// What a metric can be, as it declares.
struct value_bounds {
   double lowest = 0, highest = 0;
};

// Values as far as they are known: `unknown` for those that were not measured. All units, those drawn and those
// known without.
struct partly_known {
   std::span<const double> weights, values;
   value_bounds bounds;
};

// Where a pooled value (GIFLAB_POOL_*, but SUM) must lie whatever the unknown values are.
interval certain_interval(const partly_known &of, uint32_t pool);

struct estimate {
   double value = 0; // NaN where the pooling is none of a mean
   interval within;  // missed with a probability of `error` at most, as far as the interval's assumptions go
};

// The pooled value by a sample of the units behind the first `known` ones, whose values are all there.
//
// Means: Student's t over the drawn values, with the strata's weights and a finite population correction; a
// harmonic or decibel mean in terms of what it is the mean of. This holds as nearly as the sum of the draws is
// normal, and errs on the wide side in so far as strata differ, which the spread of all draws takes in. Values
// that are all equal say nothing of the spread of the rest.
//
// 5th and 95th percentiles: were more than a twentieth of the time beyond every draw, all draws would have
// missed it with a probability of exp(-0.05 / largest stratum) at most (the strata are independent).
//
// Both within what is certain anyway, which is all that is known of a minimum and a maximum.
estimate estimated(const stratified_sample &sample, std::size_t known, const partly_known &of, uint32_t pool,
                   double error);

} // namespace giflab::engine
