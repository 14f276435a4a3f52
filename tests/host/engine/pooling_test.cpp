#include "engine/pooling.hpp"
#include "infinite.hpp"

#include <giflab/plugin.h>

#include <doctest/doctest.h>

#include <cmath>

using namespace giflab;
using engine::weighted_value;
using giflab::tests::infinite;

TEST_CASE("means are weighted by display time") {
   const std::vector<weighted_value> values = {{1, 100, 0}, {4, 300, 1}};
   CHECK(engine::pooled(values, GIFLAB_POOL_MEAN) == doctest::Approx(3.25));
   CHECK(engine::pooled(values, GIFLAB_POOL_HARMONIC_MEAN) == doctest::Approx(1 / (0.25 * 1 + 0.75 * 0.25)));
   CHECK(engine::pooled(values, GIFLAB_POOL_MIN) == 1);
   CHECK(engine::pooled(values, GIFLAB_POOL_MAX) == 4);
   CHECK(engine::pooled(values, GIFLAB_POOL_SUM) == 5);
   const results::statistics found = engine::statistics_of(values);
   CHECK(found.mean == doctest::Approx(3.25));
   CHECK(found.std == doctest::Approx(std::sqrt(0.25 * 2.25 * 2.25 + 0.75 * 0.75 * 0.75)));
}

TEST_CASE("positions are those of the first, the middle and the last value, however long they are on show") {
   const std::vector<weighted_value> values = {{1, 100, 0}, {7, 1, 1}, {4, 300, 2}, {1, 5, 5}};
   const results::statistics found = engine::statistics_of(values);
   CHECK(found.first == 1);
   CHECK(found.middle == 4);
   CHECK(found.last == 1);
   CHECK(found.positional_variance == doctest::Approx(2)); // of 1, 4, 1
   const results::statistics alone = engine::statistics_of(std::span(values).first(1));
   CHECK(alone.middle == 1);
   CHECK(alone.positional_variance == 0);
}

TEST_CASE("stills, which are on show for no time, count once each") {
   const std::vector<weighted_value> values = {{1, 0, 0}, {4, 0, 1}};
   CHECK(engine::pooled(values, GIFLAB_POOL_MEAN) == 2.5);
   CHECK(engine::statistics_of(values).p95 == 4);
}

TEST_CASE("a pair without time has no say where others have some, not even an infinite one") {
   const std::vector<weighted_value> values = {{infinite, 0, 0}, {4, 10, 1}};
   CHECK(engine::pooled(values, GIFLAB_POOL_MEAN) == 4);
}

TEST_CASE("a percentile is where that share of the display time is reached") {
   std::vector<weighted_value> values;
   for (int i = 1; i <= 100; ++i)
      values.push_back({static_cast<double>(101 - i), 10, i});
   CHECK(engine::pooled(values, GIFLAB_POOL_P05) == 5);
   CHECK(engine::pooled(values, GIFLAB_POOL_P95) == 95);
   const std::vector<weighted_value> uneven = {{1, 4, 0}, {2, 96, 1}};
   CHECK(engine::pooled(uneven, GIFLAB_POOL_P05) == 2);
}

TEST_CASE("decibels pool as the mean of the errors behind them, and no error counts as none") {
   // PSNR of mean squared errors 10 and 30 is PSNR of 20.
   const auto psnr = [](double mse) { return 10 * std::log10(255 * 255 / mse); };
   const std::vector<weighted_value> values = {{psnr(10), 1, 0}, {psnr(30), 1, 1}};
   CHECK(engine::pooled(values, GIFLAB_POOL_DECIBEL_MEAN) == doctest::Approx(psnr(20)));
   const std::vector<weighted_value> half = {{psnr(10), 1, 0}, {infinite, 1, 1}};
   CHECK(engine::pooled(half, GIFLAB_POOL_DECIBEL_MEAN) == doctest::Approx(psnr(5)));
   const std::vector<weighted_value> equal = {{infinite, 1, 0}, {infinite, 1, 1}};
   CHECK(engine::pooled(equal, GIFLAB_POOL_DECIBEL_MEAN) == infinite);
   CHECK(std::isnan(engine::statistics_of(equal).std));
}

TEST_CASE("the worst pairs are those at the bad end, the earlier of equal ones first") {
   const std::vector<weighted_value> values = {{3, 1, 0}, {1, 1, 1}, {2, 1, 2}, {1, 1, 3}};
   const auto low = engine::worst_of(values, results::direction::higher, 3);
   REQUIRE(low.size() == 3);
   CHECK(low[0].pair == 1);
   CHECK(low[1].pair == 3);
   CHECK(low[2].pair == 2);
   CHECK(engine::worst_of(values, results::direction::lower, 1)[0].pair == 0);
   CHECK(engine::worst_of(values, results::direction::neither, 3).empty());
   CHECK(engine::worst_of(values, results::direction::higher, 9).size() == 4);
}
