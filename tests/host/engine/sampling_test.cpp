#include "engine/sampling.hpp"
#include "infinite.hpp"

#include <giflab/plugin.h>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

using namespace giflab;
using namespace giflab::engine;
using giflab::tests::infinite;

namespace {

struct population {
   std::vector<double> weights, values;

   double mean() const { return std::inner_product(weights.begin(), weights.end(), values.begin(), 0.0); }
};

population made(std::size_t count, const std::function<double(double position, double noise)> &value,
                uint64_t seed = 1) {
   population all;
   std::mt19937_64 chance(seed);
   const auto uniform = [&] { return static_cast<double>(chance() >> 11) * 0x1p-53; };
   double sum = 0;
   for (std::size_t i = 0; i < count; ++i) {
      double noise = -6; // nearly normal: the sum of twelve uniform numbers
      for (int k = 0; k < 12; ++k)
         noise += uniform();
      all.values.push_back(value(static_cast<double>(i) / static_cast<double>(count), noise));
      all.weights.push_back(i % 3 == 0 ? 2 : 1);
      sum += all.weights.back();
   }
   for (double &weight : all.weights)
      weight /= sum;
   return all;
}

// What is known once the units of the sample are measured.
std::vector<double> measured(const population &all, const stratified_sample &sample) {
   std::vector<double> values(all.values.size(), unknown);
   for (const auto &stratum : sample.strata())
      values[stratum.drawn] = all.values[stratum.drawn];
   return values;
}

estimate look(const population &all, const stratified_sample &sample, double error,
              uint32_t pool = GIFLAB_POOL_MEAN) {
   const std::vector<double> values = measured(all, sample);
   return estimated(sample, 0, {all.weights, values, {-infinite, infinite}}, pool, error);
}

bool holds(const interval &within, double value) {
   return within.low <= value + 1e-12 && value - 1e-12 <= within.high;
}

// Clips as they are: even ones, ones that get worse, of two scenes, and with a heavy tail that the first round
// ranks as it is.
population clip_of(int kind, std::size_t count, uint64_t seed) {
   if (kind == 0)
      return made(
          count, [](double, double noise) { return 60 + 3 * noise; }, seed);
   if (kind == 1)
      return made(
          count, [](double at, double noise) { return 40 + 20 * at + noise; }, seed);
   if (kind == 2)
      return made(
          count, [](double at, double noise) { return (at < 0.4 ? 20 : 90) + noise; }, seed);
   population tail = made(
       count, [](double, double noise) { return std::exp(noise); }, seed);
   if (kind == 3)
      std::ranges::sort(tail.values, std::greater());
   return tail; // 4: it does not see it
}

// The shares of clips whose mean is missed: at the first look alone, and at any look of all.
struct misses {
   double first = 0, any = 0;
};

misses missed(int kind, std::size_t count, double error) {
   constexpr int populations = 60, draws = 25;
   misses sum;
   for (uint64_t seed = 0; seed < populations * draws; ++seed) {
      const population clip = clip_of(kind, count, seed / draws);
      stratified_sample sample(clip.weights, 1, 4, seed);
      sum.first += holds(look(clip, sample, error).within, clip.mean()) ? 0 : 1;
      bool all_hold = true;
      for (double share = error / 2; !sample.complete(); sample.grow(), share /= 2)
         all_hold = all_hold && holds(look(clip, sample, share).within, clip.mean());
      sum.any += all_hold ? 0 : 1;
   }
   return {sum.first / (populations * draws), sum.any / (populations * draws)};
}

} // namespace

TEST_CASE("an interval holds the mean as often as it says, at a first look and at all looks together") {
   for (const std::size_t count : {17, 60})
      for (int kind = 0; kind < 4; ++kind)
         for (const double error : {0.05, 0.01}) {
            CAPTURE(count);
            CAPTURE(kind);
            const misses found = missed(kind, count, error);
            const double most = error + 3 * std::sqrt(error / 1500); // three standard errors
            CHECK(found.first <= most);
            CHECK(found.any <= most);
         }
}

TEST_CASE("a heavy tail that only the expensive metric sees is missed more often than that, as the page says") {
   const misses found = missed(4, 60, 0.05);
   CHECK(found.any > 0.05);
   CHECK(found.any < 0.25);
}

TEST_CASE("the mean is met without bias, and exactly once all is drawn") {
   for (int kind = 0; kind < 5; ++kind) {
      const population clip = clip_of(kind, 23, 1);
      double sum = 0, squares = 0;
      constexpr int seeds = 4000;
      for (uint64_t seed = 0; seed < seeds; ++seed) {
         stratified_sample sample(clip.weights, 0, 3, seed);
         sample.grow(); // what was kept counts as drawn anew
         const double miss = look(clip, sample, 0.05).value - clip.mean();
         sum += miss;
         squares += miss * miss;
         while (!sample.complete())
            sample.grow();
         const estimate whole = look(clip, sample, 0.05);
         REQUIRE(whole.value == doctest::Approx(clip.mean()).epsilon(1e-12));
         REQUIRE(whole.within.high - whole.within.low <= 1e-12 * std::abs(clip.mean()));
      }
      CHECK(std::abs(sum / seeds) <= 3.5 * std::sqrt(squares / seeds) / std::sqrt(static_cast<double>(seeds)));
   }
}

TEST_CASE("a sample grows around what it has, draws by weight, and the same seed draws the same") {
   const population clip = made(31, [](double at, double) { return at; });
   stratified_sample sample(clip.weights, 2, 4, 7), same(clip.weights, 2, 4, 7);
   CHECK(sample.strata().size() == 6);
   CHECK(sample.strata()[0].drawn == 0);
   CHECK(sample.strata()[1].drawn == 1);
   while (!sample.complete()) {
      const std::vector<stratified_sample::stratum> before(sample.strata().begin(), sample.strata().end());
      sample.grow();
      same.grow();
      std::size_t next = 0;
      for (const auto &stratum : sample.strata()) {
         CHECK(stratum.first == next); // one after the other, none left out
         CHECK((stratum.drawn >= stratum.first && stratum.drawn < stratum.first + stratum.count));
         next += stratum.count;
      }
      CHECK(next == clip.weights.size());
      for (const auto &one : before)
         CHECK(std::ranges::any_of(sample.strata(), [&](const auto &now) { return now.drawn == one.drawn; }));
      CHECK(std::ranges::equal(sample.strata(), same.strata(), {}, &stratified_sample::stratum::drawn,
                               &stratified_sample::stratum::drawn));
   }
   int heavy = 0;
   for (uint64_t seed = 0; seed < 3000; ++seed)
      heavy += stratified_sample({0.7, 0.3}, 0, 1, seed).strata()[0].drawn == 0 ? 1 : 0;
   CHECK(heavy / 3000.0 == doctest::Approx(0.7).epsilon(0.05));
}

TEST_CASE("samples of hardly anything") {
   CHECK(stratified_sample({}, 1, 4, 1).complete());
   CHECK(stratified_sample({1.0}, 1, 4, 1).complete());
   CHECK(stratified_sample({0.5, 0.5}, 0, 4, 1).complete());
   stratified_sample timeless({0, 0, 0, 0, 0, 1}, 0, 2, 3);
   while (!timeless.complete())
      timeless.grow();
   CHECK(timeless.strata().size() == 6);
}

TEST_CASE("values that are all equal say nothing of the rest but what is certain") {
   const std::vector<double> weights(10, 0.1);
   const stratified_sample sample(weights, 0, 5, 1);
   std::vector<double> values(10, unknown);
   for (const auto &stratum : sample.strata())
      values[stratum.drawn] = 0;
   const estimate found = estimated(sample, 0, {weights, values, {0, 31}}, GIFLAB_POOL_MEAN, 0.01);
   CHECK(found.value == 0);
   CHECK(found.within.low == 0);
   CHECK(found.within.high == doctest::Approx(0.5 * 31));
}

TEST_CASE("what is certain of each pooling whatever the rest is worth") {
   const std::vector<double> weights = {0.25, 0.25, 0.25, 0.25}, values = {3, unknown, 1, 2};
   const partly_known some{weights, values, {0, 10}};
   const auto check = [&](uint32_t pool, double low, double high) {
      const interval found = certain_interval(some, pool);
      CHECK(found.low == doctest::Approx(low));
      CHECK(found.high == doctest::Approx(high));
   };
   check(GIFLAB_POOL_MEAN, 1.5, 4);
   check(GIFLAB_POOL_MIN, 0, 1);
   check(GIFLAB_POOL_MAX, 3, 10);
   check(GIFLAB_POOL_P05, 0, 1);
   check(GIFLAB_POOL_P95, 3, 10);
   check(GIFLAB_POOL_HARMONIC_MEAN, 0, 4 / (1 / 3.0 + 1 + 0.5 + 0.1));
}

TEST_CASE("a percentile is bounded by what no draw went beyond, in clips that are long enough") {
   const population clip = made(4000, [](double at, double noise) { return 50 + 10 * at + noise; });
   std::vector<std::size_t> order(clip.values.size());
   std::iota(order.begin(), order.end(), std::size_t{0});
   std::ranges::sort(order, {}, [&](std::size_t i) { return clip.values[i]; });
   double below = 0, p05 = 0;
   for (std::size_t i = 0; below < 0.05; ++i) {
      below += clip.weights[order[i]];
      p05 = clip.values[order[i]];
   }
   int missed = 0;
   for (uint64_t seed = 0; seed < 300; ++seed) {
      const stratified_sample sample(clip.weights, 0, 100, seed);
      const interval found = look(clip, sample, 0.1, GIFLAB_POOL_P05).within;
      CHECK(std::isfinite(found.low));
      missed += found.low <= p05 ? 0 : 1;
   }
   CHECK(missed <= 0.05 * 300);
   const stratified_sample few(clip.weights, 0, 10, 1);
   CHECK(look(clip, few, 0.1, GIFLAB_POOL_P05).within.low == -infinite);
}

TEST_CASE("repeated pairs are one unit, and the worst come first") {
   results::comparison clip;
   for (const auto &[id, direction] : {std::pair{"good", results::direction::higher},
                                       {"bad", results::direction::lower},
                                       {"neutral", results::direction::neither},
                                       {"gaps", results::direction::higher}}) {
      clip.metrics.emplace_back().id = id;
      clip.metrics.back().direction = direction;
   }
   const auto add = [&](uint64_t reference, uint64_t distorted, int64_t duration, std::vector<double> values) {
      results::pair_row row;
      row.pair = static_cast<int64_t>(clip.pairs.size());
      row.duration_us = duration;
      row.values = std::move(values);
      row.reference_content = reference;
      row.distorted_content = distorted;
      clip.pairs.push_back(row);
   };
   add(1, 1, 10, {9, 0, 5, unknown});
   add(2, 3, 20, {1, 8, 5, 0});
   add(2, 4, 30, {5, 4, 5, 0});
   add(2, 3, 40, {1, 8, 5, 0});
   const std::vector<sampling_unit> units = units_worst_first(clip);
   REQUIRE(units.size() == 3);
   CHECK(units[0].pairs == std::vector<std::size_t>{1, 3});
   CHECK(units[0].weight == doctest::Approx(0.6));
   CHECK(units[1].pairs == std::vector<std::size_t>{2});
   CHECK(units[2].identical);
   for (results::pair_row &row : clip.pairs)
      row.duration_us = 0;
   CHECK(units_worst_first(clip)[0].weight == doctest::Approx(0.5));
}
