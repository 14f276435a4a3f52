#include "examples.hpp"
#include "results/gates.hpp"

#include <cmath>
#include <doctest/doctest.h>
#include <limits>
#include <vector>

using namespace giflab::results;
using giflab::problem;

namespace {

gate good(std::string_view text) {
   auto read = parse_gate(text, "--fail-if");
   REQUIRE_MESSAGE(read.has_value(), (read ? std::string() : read.error().text));
   return *read;
}

std::string error_of(std::string_view text) {
   const auto read = parse_gate(text, "--fail-if");
   REQUIRE_FALSE(read);
   CHECK(read.error().kind == problem::usage);
   return read.error().text;
}

bool passes(std::string_view text, const comparison &of) { return judge(good(text), of).passed; }

} // namespace

TEST_CASE("gates are read in every form") {
   const gate full = good("  ssim.p05<=0.9 ");
   CHECK(full.about.metric == "ssim");
   CHECK(full.about.statistic == statistic::p05);
   CHECK(full.comparison == gate_operator::less_or_equal);
   CHECK(full.limit == 0.9);
   CHECK(good("psnr < 30").about.statistic == statistic::value);
   CHECK(good("psnr != +3").limit == 3);
   CHECK(good("psnr >= -1e-3").limit == -1e-3);
   CHECK(good("psnr == inf").limit == std::numeric_limits<double>::infinity());
   CHECK(good("ssim(sigma=1.5).std > 1").about.metric == "ssim(sigma=1.5)");
   CHECK(good("ssim(sigma=1.5).std > 1").about.statistic == statistic::std);
   CHECK(good("ssim(a<b) > 1").about.metric == "ssim(a<b)");
   CHECK(good("ssim@org.giflab.ssim > 1").about.metric == "ssim@org.giflab.ssim");
   CHECK(good("ssim(sigma=1.5)@org.x.p05.min > 1").about.metric == "ssim(sigma=1.5)@org.x.p05");
   CHECK(good("ssim@org.giflab.ssim.p05 > 1").about.statistic == statistic::p05);
   for (const char *name :
        {"value", "mean", "std", "min", "max", "p05", "p95", "first", "middle", "last", "positional_variance"})
      CHECK(parse_gate(std::string("a.") + name + " < 1", ""));
}

TEST_CASE("gates that cannot be meant") {
   CHECK(error_of("ssim.p50 < 1") ==
         "--fail-if: the condition \"ssim.p50 < 1\" asks for an unknown statistic; did you "
         "mean p05?");
   CHECK(error_of("ssim 0.9") ==
         "--fail-if: the condition \"ssim 0.9\" has no operator; write it like \"ssim.p05 < 0.9\"");
   CHECK(error_of("ssim =< 1").find("has an unknown operator; use one of < <= > >= == !=") !=
         std::string::npos);
   CHECK(error_of("ssim = 1").find("unknown operator") != std::string::npos);
   for (const char *text : {"ssim <", "ssim < x", "ssim < 1x", "ssim < nan", "ssim < 0.9 1", "ssim < 1 < 2",
                            "ssim < ++1", "ssim < 0,9"})
      CHECK(error_of(text).find("needs a number at its end") != std::string::npos);
   CHECK(error_of("< 1").find("has no metric before its operator") != std::string::npos);
   CHECK(error_of(".p05 < 1").find("has no metric before its operator") != std::string::npos);
   CHECK(error_of("").find("has no operator") != std::string::npos);
   CHECK(error_of("((((").find("has no operator") != std::string::npos);
}

TEST_CASE("a gate about a metric that is not there is an error at once") {
   const std::vector<std::string> metrics{"psnr", "ssim"};
   CHECK(check_gates(std::vector{good("psnr < 1"), good("ssim.min < 1")}, metrics));
   const auto unclear = check_gates(std::vector{good("mse < 1")}, std::vector<std::string>{"mse@a.b", "mse@c"});
   REQUIRE_FALSE(unclear);
   CHECK(unclear.error().text.ends_with("several plugins have it: write mse@a.b or mse@c"));
   const auto wrong = check_gates(std::vector{good("sim < 1")}, metrics);
   REQUIRE_FALSE(wrong);
   CHECK(wrong.error().text ==
         "--fail-if: \"sim < 1\" is about \"sim\", which is not among the metrics of this run; did "
         "you mean ssim?");
}

TEST_CASE("a gate fails if its condition holds") {
   const comparison about = readme_comparison();
   const std::pair<const char *, bool> cases[] = {
       {"psnr < 38.25", true},    {"psnr <= 38.25", false}, {"psnr > 38.25", true}, {"psnr >= 38.25", false},
       {"psnr == 38.25", false},  {"psnr != 38.25", true},  {"psnr < 30", true},    {"psnr.min < 30.2", false},
       {"psnr.mean > 38", false}, {"psnr.p05 < 31", true}};
   for (const auto &each : cases) {
      CAPTURE(each.first);
      CHECK(passes(each.first, about) == each.second);
   }
   CHECK(judge(good("psnr < 40"), about).reason == "\"psnr < 40\" holds for \"compressed.gif\": it is 38.25");
   CHECK(judge(good("psnr < 30"), about).reason.empty());
}

TEST_CASE("infinite values are judged as what they are") {
   const comparison about = readme_comparison();
   CHECK(passes("psnr.max < 1000", about));
   CHECK_FALSE(passes("psnr.max > 1000", about));
   CHECK_FALSE(passes("psnr.max == inf", about));
}

TEST_CASE("what is absent fails, whatever the condition") {
   const comparison about = readme_comparison();
   CHECK(
       judge(good("ms_ssim < 0"), about).reason ==
       "whether \"ms_ssim < 0\" holds for \"compressed.gif\" is unknown: needs pictures of at least 176x176 pixels; these are 480x130");
   CHECK_FALSE(passes("ms_ssim >= 0", about));
   CHECK_FALSE(passes("psnr.std > 1", about)); // NaN
   CHECK_FALSE(passes("psnr.std <= 1", about));
   CHECK_FALSE(passes("ssim < 0", about)); // not computed
   CHECK(judge(good("psnr < 0"), failed_comparison()).reason ==
         "whether \"psnr < 0\" holds for \"broken.gif\" is unknown: broken.gif is not a GIF");

   comparison clip = about;
   clip.metrics[0].statistics.reset();
   CHECK(passes("psnr < 0", clip));
   CHECK(judge(good("psnr.p05 < 0"), clip).reason.find("is one value for the whole clip, without statistics") !=
         std::string::npos);
}

TEST_CASE("whether a condition holds for all numbers of a range, for none, or for some") {
   const auto held = [](std::string_view text, double low, double high) {
      return holds_throughout(good(text), low, high);
   };
   constexpr double infinite = std::numeric_limits<double>::infinity();
   CHECK(held("a < 3", 1, 2) == true);
   CHECK(held("a < 3", 3, 4) == false);
   CHECK(held("a <= 3", 3, 4) == std::nullopt);
   CHECK(held("a > 3", -infinite, infinite) == std::nullopt);
   CHECK(held("a > 3", 3.5, infinite) == true);
   CHECK(held("a == 3", 3, 3) == true);
   CHECK(held("a == 3", 2, 4) == std::nullopt);
   CHECK(held("a != 3", 2, 4) == std::nullopt);
   CHECK(held("a != 3", 4, 5) == true);
   CHECK(held("a == 3", 4, 5) == false);
}

TEST_CASE("of a sampled value the interval of the gate's statistic decides") {
   comparison found;
   found.distorted.path = "b.gif";
   metric_value &value = found.metrics.emplace_back();
   value.id = "dear";
   value.value = 62;
   value.frames = 8;
   value.statistics.emplace().mean = 62;
   value.sample = sample{20, 0.99, {{"value", 60, 64}, {"p05", 40, 62}}};
   CHECK(passes("dear < 59", found));
   CHECK_FALSE(passes("dear < 65", found));
   CHECK_FALSE(passes("dear < 61", found)); // 62 would pass, but who knows
   CHECK_FALSE(passes("dear.p05 < 50", found));
   CHECK_FALSE(passes("dear.std > 50", found));
   CHECK(judge(good("dear > 50"), found).reason ==
         "\"dear > 50\" holds for \"b.gif\": it is between 60 and 64 by 8 of 20 pairs, with 99 % confidence");
   CHECK(judge(good("dear.max > 90"), found).reason ==
         "whether \"dear.max > 90\" holds for \"b.gif\" is unknown: it cannot be told by 8 of 20 pairs");
   CHECK(number_of({"dear", statistic::min}, found).error() == "a sample of 8 of 20 pairs does not tell");
   CHECK(number_of({"dear", statistic::mean}, found) == 62);
}
