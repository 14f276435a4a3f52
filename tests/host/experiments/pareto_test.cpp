#include "experiments/pareto.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace giflab::experiments;

namespace {

constexpr std::nullopt_t front = std::nullopt;
using beaten = std::vector<std::optional<std::size_t>>;

} // namespace

TEST_CASE("the front is what nothing beats, and the others know what beats them") {
   const std::vector<outcome> outcomes = {{0.5, 80}, {0.3, 60}, {0.6, 70}, {0.3, 50}, {0.9, 95}, {0.95, 95}};
   CHECK(dominators(outcomes, true) == beaten{front, front, 0, 1, front, 4});
}

TEST_CASE("ties stay together") {
   CHECK(dominators(std::vector<outcome>{{0.5, 80}, {0.5, 80}, {0.5, 80}}, true) ==
         beaten{front, front, front});
   CHECK(dominators(std::vector<outcome>{{0.5, 80}, {0.5, 79}, {0.51, 80}}, true) == beaten{front, 0, 0});
}

TEST_CASE("lower can be better, and values may be infinite") {
   CHECK(dominators(std::vector<outcome>{{0.5, 2}, {0.6, 3}, {0.7, 1}}, false) == beaten{front, 0, front});
   const double infinite = std::numeric_limits<double>::infinity();
   CHECK(dominators(std::vector<outcome>{{1, infinite}, {1.1, infinite}, {0.5, 30}}, true) ==
         beaten{front, 0, front});
   CHECK(dominators({}, true).empty());
}

TEST_CASE("all sources together: sizes relative to each, and only pipelines that have them all") {
   const std::vector<std::vector<std::optional<outcome>>> by_source = {
       {outcome{0.5, 80}, outcome{0.2, 40}, std::nullopt},
       {std::nullopt, std::nullopt, std::nullopt}, // a corrupt source is nobody's fault
       {outcome{0.125, 90}, outcome{0.8, 60}, outcome{0.1, 10}}};
   const auto all = overall(by_source);
   REQUIRE(all.size() == 3);
   REQUIRE(all[0].mean);
   CHECK(all[0].mean->size == doctest::Approx(0.25));
   CHECK(all[0].mean->quality == 85);
   CHECK(all[1].mean->size == doctest::Approx(0.4));
   CHECK_FALSE(all[2].mean);
   CHECK(all[2].absence == "has a value for 1 of 2 sources");
}
