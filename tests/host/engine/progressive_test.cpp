#include "engine/progressive.hpp"
#include "engine/progressive_agreement.hpp"
#include "synthetic_clips.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <fmt/format.h>

using namespace giflab;
using engine_tests::plugins;

namespace {

std::string clip_of(int frames) { return engine_tests::gif(64, 48, frames); }

// mdsi is dear and runs on request; mse, ssim and the others of the default set are of the first round.
const std::vector<std::string> cheap_and_dear = {"mse", "ssim", "mdsi"};

struct asked_progressively {
   std::string reference = clip_of(40), distorted = clip_of(39);
   std::vector<std::string> metrics = cheap_and_dear;
   std::vector<std::string> gates = {}, whole = {};
   engine::progressive_policy policy = {};
   std::size_t threads = 2;
};

std::vector<results::gate> gates_of(const std::vector<std::string> &texts) {
   std::vector<results::gate> gates;
   for (const std::string &text : texts) {
      auto gate = results::parse_gate(text, "test");
      REQUIRE(gate);
      gates.push_back(*gate);
   }
   return gates;
}

struct answer {
   results::comparison found;
   engine::progressive_cost mdsi;
};

answer compared(const asked_progressively &how) {
   const services::cancellation never;
   engine::machine on(how.threads, never);
   const auto plan = engine::select_metrics(plugins(), how.metrics, {});
   REQUIRE(plan);
   engine::comparison_options options;
   options.level = 3;
   options.per_frame = true;
   engine::progressive_costs costs;
   auto found = engine::compare_progressively(how.reference, how.distorted, *plan, options, how.policy,
                                              {gates_of(how.gates), how.whole}, on, nullptr, costs);
   REQUIRE(found);
   return {std::move(*found), costs["org.giflab.mdsi"]};
}

results::comparison all_of(const asked_progressively &how) {
   const services::cancellation never;
   engine::machine on(2, never);
   const auto plan = engine::select_metrics(plugins(), how.metrics, {});
   REQUIRE(plan);
   engine::comparison_options options;
   options.level = 1;
   options.per_frame = true;
   auto found = engine::compare(how.reference, how.distorted, *plan, options, on, nullptr);
   REQUIRE(found);
   return std::move(*found);
}

const results::metric_value &mdsi_of(const results::comparison &found) {
   return *std::ranges::find(found.metrics, "mdsi", &results::metric_value::id);
}

// To the bit, NaN too.
bool same_rows(const results::comparison &a, const results::comparison &b) {
   return std::ranges::equal(a.pairs, b.pairs, [](const auto &one, const auto &other) {
      return std::ranges::equal(one.values, other.values, {}, std::bit_cast<uint64_t, double>,
                                std::bit_cast<uint64_t, double>);
   });
}

} // namespace

TEST_CASE("a gate about an expensive metric is settled by a few pairs, as all pairs settle it") {
   const results::comparison full = all_of({});
   const double truth = mdsi_of(full).value;
   int sampled = 0;
   for (int i = 0; i < 16; ++i) {
      const std::string statistic = std::array{"", ".mean", ".max", ".p05"}[static_cast<std::size_t>(i % 4)];
      const double limit = truth * (0.6 + 0.05 * i);
      const std::string text = fmt::format("mdsi{} {} {}", statistic, i % 3 == 0 ? "<" : ">=", limit);
      CAPTURE(text);
      const answer found = compared({.gates = {text}});
      const results::gate gate = gates_of({text}).front();
      CHECK(results::judge(gate, found.found).passed == results::judge(gate, full).passed);
      const results::metric_value &value = mdsi_of(found.found);
      sampled += value.sample ? 1 : 0;
      CHECK(value.status == results::status::present);
      if (!value.sample)
         CHECK(value.value == truth);
      else {
         CHECK(value.frames < value.sample->pairs);
         CHECK(found.mdsi.spared_pairs > 0);
         CHECK(std::isnan(value.statistics->min));
         CHECK(value.sample->intervals.front().low <= truth);
         CHECK(truth <= value.sample->intervals.front().high);
      }
   }
   CHECK(sampled >= 4);
}

TEST_CASE("what no gate asks for is skipped with the reason, or as the policy says") {
   const answer skipped = compared({.gates = {"ssim < 0"}});
   CHECK(mdsi_of(skipped.found).status == results::status::skipped);
   CHECK(mdsi_of(skipped.found).reason == "progressive: no gate asks for it");
   CHECK(skipped.mdsi.measured_pairs == 0);
   CHECK_FALSE(skipped.mdsi.saved_seconds());
   CHECK(std::isnan(skipped.found.pairs.front().values.back()));

   const answer early = compared({.gates = {"ssim < 1.1", "mdsi > 0.5"}});
   CHECK(mdsi_of(early.found).reason == "progressive: the gate 'ssim < 1.1' fails already, which decides");
   asked_progressively to_the_end{.gates = {"ssim < 1.1", "mdsi > 0.9"}};
   to_the_end.policy.early_exit = false;
   CHECK(mdsi_of(compared(to_the_end).found).status == results::status::present);

   asked_progressively tiered{.gates = {"ssim < 0"}};
   tiered.policy.tiers = {{"other", gates_of({"mse < 0"}), engine::unasked_metrics::skipped},
                          {"any", gates_of({"mse >= 0", "ssim <= 1"}), engine::unasked_metrics::measured}};
   CHECK(mdsi_of(compared(tiered).found).value == mdsi_of(all_of({})).value);
   tiered.policy.tiers.back().unasked = engine::unasked_metrics::skipped;
   CHECK(mdsi_of(compared(tiered).found).reason == "progressive: no gate asks for it (tier any)");
}

TEST_CASE("where there are no gates a metric is sampled to a precision") {
   const double truth = mdsi_of(all_of({})).value;
   asked_progressively how;
   how.policy.precision = 0.2;
   const answer rough = compared(how);
   how.policy.precisions["mdsi"] = truth * 0.02;
   const answer fine = compared(how);
   how.policy.most_frames = 4;
   const answer limited = compared(how);
   REQUIRE(mdsi_of(rough.found).sample);
   const auto width = [](const answer &of) {
      const results::metric_value &value = mdsi_of(of.found);
      return value.sample ? value.sample->intervals.front().high - value.sample->intervals.front().low : 0;
   };
   CHECK(width(rough) <= 0.4 * mdsi_of(rough.found).value);
   CHECK(width(fine) <= 2 * how.policy.precisions["mdsi"]);
   CHECK(fine.mdsi.measured_pairs > rough.mdsi.measured_pairs);
   CHECK(limited.mdsi.measured_pairs == 5); // and the worst
   CHECK(mdsi_of(rough.found).reason.find("pairs; between ") != std::string::npos);
   CHECK(rough.mdsi.saved_seconds().value_or(0) > 0);
}

TEST_CASE("what is measured whole is what it is without any of this, to the bit") {
   asked_progressively how;
   how.policy.unasked = engine::unasked_metrics::measured;
   const results::comparison full = all_of(how);
   CHECK(same_rows(compared(how).found, full));
   how.policy = {};
   how.policy.precision = 1e-9; // grows until all is drawn
   const answer grown = compared(how);
   CHECK_FALSE(mdsi_of(grown.found).sample);
   CHECK(same_rows(grown.found, full));
   CHECK(std::bit_cast<uint64_t>(mdsi_of(grown.found).value) == std::bit_cast<uint64_t>(mdsi_of(full).value));
   CHECK(mdsi_of(grown.found).statistics->p05 == mdsi_of(full).statistics->p05);
   CHECK(mdsi_of(grown.found).worst.size() == mdsi_of(full).worst.size());
   const answer wanted = compared({.gates = {"ssim < 0"}, .whole = {"mdsi"}});
   CHECK(mdsi_of(wanted.found).value == mdsi_of(full).value);
}

TEST_CASE("the same values at any number of threads, and with pictures kept or decoded again") {
   asked_progressively how;
   how.policy.most_frames = 4;
   const answer one = compared(how);
   how.threads = 5;
   CHECK(same_rows(one.found, compared(how).found));
   for (const std::size_t bytes : {std::size_t{0}, std::size_t{200'000}}) {
      how.policy.picture_bytes = bytes;
      CHECK(same_rows(one.found, compared(how).found));
   }
   how.policy.seed = 2;
   CHECK_FALSE(same_rows(one.found, compared(how).found));
}

TEST_CASE("a file beside itself needs no measuring where a metric declares what equal pictures give") {
   const answer found = compared({.distorted = clip_of(40)});
   CHECK(mdsi_of(found.found).value == 0);
   CHECK(mdsi_of(found.found).frames == 40);
   CHECK_FALSE(mdsi_of(found.found).sample);
   CHECK(found.mdsi.measured_pairs == 0);
   CHECK(mdsi_of(found.found).reason.find("nothing differs in any pair") != std::string::npos);
}

TEST_CASE("a plan of expensive metrics alone, and one that fails") {
   const answer alone = compared({.metrics = {"mdsi"}, .gates = {"mdsi > 0.999"}});
   CHECK(mdsi_of(alone.found).sample.has_value());
   asked_progressively failing{.metrics = {"fails_on_third"}};
   failing.policy.cheap_nanoseconds = 0;
   CHECK(compared(failing).found.metrics.front().status == results::status::failed);
}

TEST_CASE("agreement counts verdicts, gates, intervals and bits") {
   const results::comparison full = all_of({});
   const std::vector<results::gate> gates = gates_of({"mdsi > 0.999", "mdsi < 0.999"});
   const answer found = compared({.gates = {"mdsi > 0.999", "mdsi < 0.999"}});
   engine::progressive_agreement sums;
   engine::note_agreement(sums, found.found, full, gates);
   CHECK(sums.comparisons == 1);
   CHECK(sums.other_verdicts == 0);
   CHECK(sums.gates == 2);
   CHECK(sums.other_gates == 0);
   CHECK(sums.intervals == 1);
   CHECK(sums.missed == 0);
   CHECK(sums.whole_values > 0);
   CHECK(sums.other_values == 0);
   results::comparison other = full;
   for (results::metric_value &value : other.metrics)
      value.value += 1;
   engine::note_agreement(sums, found.found, other, gates);
   CHECK(sums.missed == 1);
   CHECK(sums.other_gates == 2);
   CHECK(sums.other_verdicts == 0); // another gate fails now
   CHECK(sums.other_values > 0);
   CHECK(sums.differences.size() >= 3);
}
