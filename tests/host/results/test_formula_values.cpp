#include "infinite.hpp"
#include "results/formula_values.hpp"

#include <cmath>
#include <doctest/doctest.h>

using namespace giflab::results;
using namespace giflab::config;
using giflab::tests::infinite;

namespace {

metric_value metric(const std::string &id, double value) {
   metric_value made;
   made.id = id;
   made.value = value;
   return made;
}

metric_value unavailable(const std::string &id, const std::string &reason) {
   metric_value made = metric(id, 0);
   made.status = status::unavailable;
   made.reason = reason;
   return made;
}

formula with(std::vector<formula_term> terms, combination combine = combination::weighted_mean) {
   formula made;
   made.id = "quality";
   made.version = "1";
   made.combine = combine;
   made.terms = std::move(terms);
   return made;
}

metric_value value_of(const formula &one, std::vector<metric_value> metrics) {
   comparison about;
   about.metrics = std::move(metrics);
   about.pairs.resize(2);
   add_formula_values(about, std::vector{one});
   REQUIRE(about.metrics.back().id == "quality");
   CHECK(about.pairs[1].values.size() == 1);
   CHECK(std::isnan(about.pairs[1].values[0]));
   return about.metrics.back();
}

double one_term(formula_term term, double value) {
   term.metric = "m";
   term.weight = 2;
   return value_of(with({term}), {metric("m", value)}).value;
}

} // namespace

TEST_CASE("scales bring values to 0..1, and no further") {
   formula_term linear, falling, logarithmic, reciprocal, ratio;
   linear.best = 50;
   falling.worst = 0.5;
   falling.best = 0;
   logarithmic.scale = term_scale::logarithmic;
   logarithmic.best = 20;
   reciprocal.scale = term_scale::reciprocal_logarithmic;
   ratio.scale = term_scale::ratio;
   CHECK(one_term(linear, 25) == 0.5);
   CHECK(one_term(linear, 60) == 1);
   CHECK(one_term(linear, -1) == 0);
   CHECK(one_term(linear, infinite) == 1);
   CHECK(one_term(falling, 0.125) == 0.75);
   CHECK(one_term(falling, infinite) == 0);
   CHECK(one_term(logarithmic, 1) == doctest::Approx(std::log(2.0) / std::log(21.0)));
   CHECK(one_term(logarithmic, 30) == 1);
   CHECK(one_term(reciprocal, 0) == 1);
   CHECK(one_term(reciprocal, 100) == doctest::Approx(1.0 / 3));
   CHECK(one_term(reciprocal, infinite) == 0);
   CHECK(one_term(ratio, 4) == 0.25);
   CHECK(one_term(ratio, 0.5) == 0.5);
   CHECK(one_term(ratio, 0) == 0);
   CHECK(one_term(ratio, infinite) == 0);
}

TEST_CASE("means are weighted") {
   const std::vector<metric_value> metrics = {metric("a", 0.25), metric("b", 1)};
   CHECK(value_of(with({{"a", 3}, {"b", 1}}), metrics).value == doctest::Approx(0.4375));
   CHECK(value_of(with({{"a", 1}, {"b", 1}}, combination::weighted_geometric_mean), metrics).value ==
         doctest::Approx(0.5));
   CHECK(value_of(with({{"z", 1}, {"b", 1}}, combination::weighted_geometric_mean),
                  {metric("z", 0), metric("b", 1)})
             .value == 0);
}

TEST_CASE("what is absent is left out and named, and never counts as a number") {
   const std::vector<metric_value> metrics = {metric("a", 0.5), unavailable("b", "its model is not installed")};
   const metric_value partly = value_of(with({{"a", 1}, {"b", 9}}), metrics);
   CHECK(partly.status == status::present);
   CHECK(partly.value == 0.5);
   CHECK(partly.reason == "without b (its model is not installed)");
   const metric_value none = value_of(with({{"b", 1}}), metrics);
   CHECK(none.status == status::undefined);
   CHECK(none.reason == "without b (its model is not installed)");
   formula_term required{"b", 1};
   required.required = true;
   CHECK(value_of(with({{"a", 1}, required}), metrics).status == status::undefined);
   CHECK(value_of(with({{"a", 1}}), metrics).reason.empty());
}

TEST_CASE("terms may be statistics, columns with parameters, and formulas before") {
   metric_value a = metric("a(window=3)", 0.5);
   a.statistics = statistics();
   a.statistics->p05 = 0.25;
   comparison about;
   about.metrics = {a};
   formula first = with({{"a.p05", 1}}), second = with({{"first", 1}, {"a", 1}});
   first.id = "first";
   add_formula_values(about, std::vector{first, second});
   REQUIRE(about.metrics.size() == 3);
   CHECK(about.metrics[1].value == 0.25);
   CHECK(about.metrics[2].value == 0.375);
   CHECK(metrics_of(std::vector{first, second}) == std::vector<std::string>{"a"});
}

TEST_CASE("names are checked before anything is measured") {
   formula taken = with({{"a", 1}});
   taken.id = "a";
   CHECK_FALSE(check_formulas(std::vector{taken}, std::vector<std::string>{"a"}));
   const auto wrong = check_formulas(std::vector{with({{"a.p50", 1}})}, std::vector<std::string>{"a"});
   REQUIRE_FALSE(wrong);
   CHECK(wrong.error().text.find("\"a.p50\" asks for an unknown statistic; did you mean p05?") !=
         std::string::npos);
   CHECK(check_formulas(std::vector{with({{"a.p05", 1}})}, std::vector<std::string>{"a"}));
}

TEST_CASE("a comparison that failed gets no values") {
   comparison about;
   about.failure = "cannot be read";
   add_formula_values(about, std::vector{with({{"a", 1}})});
   CHECK(about.metrics.empty());
}
