#include "engine/compare.hpp"
#include "synthetic_clips.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <cmath>
#include <thread>

using namespace giflab;
using engine_tests::plugins;

namespace {

struct run_options {
   int level = 2;
   std::size_t threads = 2, batch_size = 8;
   bool parallel_metrics = true, per_frame = false;
};

result<results::comparison> compare(const std::string &a, const std::string &b,
                                    const std::vector<std::string> &metrics, const run_options &run = {}) {
   const services::cancellation never;
   engine::machine on(run.threads, never);
   const auto plan = engine::select_metrics(plugins(), metrics, {});
   REQUIRE(plan);
   engine::comparison_options options;
   options.level = run.level;
   options.batch_size = run.batch_size;
   options.parallel_metrics = run.parallel_metrics;
   options.per_frame = run.per_frame;
   return engine::compare(a, b, *plan, options, on, nullptr);
}

// The one value of a comparison of a file with itself.
results::metric_value value_of(const std::string &metric, const run_options &run = {}, int frames = 6) {
   const std::string gif = engine_tests::gif(64, 48, frames);
   auto found = compare(gif, gif, {metric}, run);
   REQUIRE(found);
   return found->metrics.at(0);
}

// Every number of a comparison, to be compared to the bit.
std::vector<double> numbers_of(const results::comparison &found) {
   std::vector<double> numbers;
   for (const results::metric_value &value : found.metrics) {
      numbers.push_back(value.value);
      if (value.statistics)
         for (double number :
              {value.statistics->mean, value.statistics->std, value.statistics->min, value.statistics->p05})
            numbers.push_back(std::isnan(number) ? -12345 : number);
   }
   for (const results::pair_row &row : found.pairs)
      for (double number : row.values)
         numbers.push_back(std::isnan(number) ? -12345 : number);
   return numbers;
}

} // namespace

TEST_CASE("identical files score what the outputs say of identical pictures") {
   const std::string gif = engine_tests::gif(200, 180, 4);
   const auto found = compare(gif, gif, {"default"});
   REQUIRE(found);
   CHECK(found->alignment.pairs == 4);
   for (const results::metric_value &value : found->metrics) {
      CAPTURE(value.id);
      CAPTURE(value.reason);
      CHECK(value.status == results::status::present);
      const modules::plugin *home = plugins().find(value.plugin);
      REQUIRE(home);
      for (const giflab_output &output : home->outputs)
         if (output.id == value.id && !std::isnan(output.identical))
            CHECK(value.value == output.identical);
   }
}

TEST_CASE("the same bits at any number of threads, batch size and schedule; level 0 within the tolerance") {
   const std::string a = engine_tests::gif(200, 180, 9), b = engine_tests::gif(200, 180, 7);
   run_options one{2, 1, 8, true, true};
   const auto first = compare(a, b, {"default"}, one);
   REQUIRE(first);
   CHECK(first->pairs.size() == 9); // the shorter one holds its last picture
   for (const run_options &other :
        {run_options{2, 2, 8, true, true}, run_options{2, 8, 8, true, true}, run_options{2, 2, 1, true, true},
         run_options{2, 3, 5, false, true}, run_options{1, 2, 8, true, true}}) {
      const auto again = compare(a, b, {"default"}, other);
      REQUIRE(again);
      CHECK(numbers_of(*first) == numbers_of(*again));
   }
   const auto judge = compare(a, b, {"default"}, {0, 1, 8, true, true});
   REQUIRE(judge);
   const std::vector<double> plain = numbers_of(*judge), fast = numbers_of(*first);
   REQUIRE(plain.size() == fast.size());
   for (std::size_t i = 0; i < plain.size(); ++i)
      CHECK((fast[i] == plain[i] ||
             fast[i] == doctest::Approx(plain[i]).epsilon(1e-6))); // infinity equals itself
}

TEST_CASE("a misbehaving plugin costs its own value, with a reason, and nothing else") {
   const std::pair<const char *, const char *> expected[] = {
       {"throws", "a word of its own"},
       {"scores_twice", "scored output 0 of pair 0 twice (rule S13)"},
       {"scores_elsewhere", "scored output 7 of pair 0, which is not there (rule S13)"},
       {"scores_nothing", "left output scores_nothing unscored (rule S13)"},
       {"scores_too_much", "outside its own bounds"},
       {"fails_on_third",
        "failed in 1 of 6 pairs of pictures; pair 2: input/output error: the third picture is cursed"},
       {"cannot_be_made", "could not be set up: no memory: no room at all"},
   };
   const std::string gif = engine_tests::gif(64, 48, 6);
   for (const auto &[metric, reason] : expected) {
      CAPTURE(metric);
      const auto found = compare(gif, gif, {metric, "mse"});
      REQUIRE(found);
      const results::metric_value &value = found->metrics.at(0);
      CAPTURE(value.reason);
      CHECK(value.status == results::status::failed);
      CHECK(value.reason.find(reason) != std::string::npos);
      CHECK(found->metrics.at(1).status == results::status::present);
   }
}

TEST_CASE("absent values say why") {
   CHECK(value_of("undefined_everywhere").status == results::status::undefined);
   CHECK(value_of("absent").status == results::status::unavailable);
   CHECK(value_of("absent").reason == "its tool is not installed");
   const results::metric_value small = value_of("ms_ssim");
   CHECK(small.status == results::status::skipped);
   CHECK(small.reason == "needs pictures of at least 176x176 pixels; these are 64x48");
   const std::string tiny = engine_tests::gif(8, 6, 2);
   const auto both = compare(tiny, tiny, {"ssim", "ms_ssim"});
   REQUIRE(both);
   CHECK(both->metrics[0].reason == "needs pictures of at least 11x11 pixels; these are 8x6");
   CHECK(both->metrics[1].reason == "needs pictures of at least 176x176 pixels; these are 8x6");
   const results::metric_value passed = value_of("passes_on_third");
   CHECK(passed.status == results::status::present);
   CHECK(passed.frames == 5);
}

TEST_CASE("a plugin is told which outputs have a column and large enough pictures, and need not score others") {
   const auto bits = [](int width, int height, const std::vector<std::string> &names) {
      const std::string gif = engine_tests::gif(width, height, 2);
      const auto found = compare(gif, gif, names);
      REQUIRE(found);
      REQUIRE(found->metrics[0].status == results::status::present);
      return found->metrics[0].value;
   };
   CHECK(bits(64, 64, {"wanted_first"}) == 1);
   CHECK(bits(64, 64, {"wanted_second", "wanted_of_large"}) == 6);
   CHECK(bits(64, 64, {"tells_wanted"}) == 7);
   CHECK(bits(64, 63, {"tells_wanted"}) == 3);
   CHECK(value_of("wanted_of_large").status == results::status::skipped);
   CHECK(value_of("wanted_of_large").reason == "needs pictures of at least 64x64 pixels; these are 64x48");
   const std::string gif = engine_tests::gif(64, 48, 2);
   const auto beside = compare(gif, gif, {"wanted_first", "wanted_of_large"});
   REQUIRE(beside);
   CHECK(beside->metrics[0].value == 1);
   CHECK(beside->metrics[1].status == results::status::skipped);
   CHECK(beside->metrics[1].reason == "needs pictures of at least 64x64 pixels; these are 64x48");
}

TEST_CASE("plugins see what they declared, as often and as together as they asked") {
   CHECK(value_of("sees_only_its_own").value == 1);
   CHECK(value_of("largest_batch").statistics->max == 4);
   CHECK(value_of("largest_batch", {2, 2, 2}).statistics->max == 2);
   CHECK(value_of("uses_tasks").value == 499'500);
   CHECK(value_of("uses_tasks", {0, 1}).value == 499'500);
   CHECK(value_of("alone", {2, 8}, 30).value == 1);
}

TEST_CASE("lookback reaches as deep as declared, whatever the batches") {
   for (std::size_t batch : {1u, 3u, 8u})
      for (int level : {0, 2}) {
         run_options run{level, 2, batch};
         run.per_frame = true;
         const std::string gif = engine_tests::gif(64, 48, 6);
         const auto found = compare(gif, gif, {"lookback_depth"}, run);
         REQUIRE(found);
         std::vector<double> depths;
         for (const results::pair_row &row : found->pairs)
            depths.push_back(row.values.at(0));
         CHECK(depths == std::vector<double>{0, 1, 2, 3, 3, 3});
      }
}

TEST_CASE("clip scope sees every pair in order, and scores the clip at its end") {
   const std::string gif = engine_tests::gif(64, 48, 30);
   for (std::size_t threads : {1u, 2u, 8u}) {
      const auto found = compare(gif, gif, {"clip_order", "clip_total"}, {2, threads, 3});
      REQUIRE(found);
      CHECK(found->metrics.at(0).statistics->max == 30);
      CHECK(found->metrics.at(1).value == 30);
      CHECK(found->metrics.at(1).pooling.empty());
   }
}

TEST_CASE("the changed rectangle is whole in the first pair and empty while a picture is held") {
   const std::string a = engine_tests::gif(64, 48, 3), still = engine_tests::gif(64, 48, 1);
   run_options run;
   run.per_frame = true;
   const auto found = compare(a, still, {"changed_share"}, run);
   REQUIRE(found);
   REQUIRE(found->pairs.size() == 3);
   CHECK(found->pairs[0].values[0] == 1);
   CHECK(found->pairs[1].values[0] == 0);
   CHECK(found->pairs[2].values[0] == 0);
}

TEST_CASE("different sizes are refused with the way out, and resized when asked") {
   const std::string a = engine_tests::gif(64, 48, 2), b = engine_tests::gif(32, 24, 2);
   const auto refused = compare(a, b, {"mse"});
   REQUIRE_FALSE(refused);
   CHECK(refused.error().kind == problem::input);
   CHECK(refused.error().text.find("--resize distorted:lanczos") != std::string::npos);

   const services::cancellation never;
   engine::machine on(2, never);
   const auto plan = engine::select_metrics(plugins(), {"mse"}, {});
   engine::comparison_options options;
   for (engine::side side : {engine::side::reference, engine::side::distorted}) {
      options.resize = engine::resizing{side, media::resize_filter::area};
      const auto found = engine::compare(a, b, *plan, options, on, nullptr);
      REQUIRE(found);
      CHECK(found->metrics.at(0).status == results::status::present);
   }
}

TEST_CASE("a wish to stop ends an endless plugin within a second") {
   services::cancellation wish;
   engine::machine on(2, wish);
   const auto plan = engine::select_metrics(plugins(), {"endless", "default"}, {});
   engine::comparison_options options;
   const std::string gif = engine_tests::gif(64, 48, 30);
   std::jthread person([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      wish.request();
   });
   const auto found = engine::compare(gif, gif, *plan, options, on, nullptr);
   REQUIRE_FALSE(found);
   CHECK(found.error().kind == problem::cancelled);
}

TEST_CASE("pixel memory does not grow with the number of frames") {
   const services::cancellation never;
   const auto plan = engine::select_metrics(plugins(), {"default"}, {});
   const auto peak = [&](std::size_t threads, int frames) {
      engine::machine on(threads, never);
      engine::comparison_options options;
      const std::string gif = engine_tests::gif(120, 90, frames);
      REQUIRE(engine::compare(gif, gif, *plan, options, on, nullptr));
      return on.pixels().peak_bytes();
   };
   CHECK(peak(1, 400) <= peak(1, 60) * 11 / 10);
   // How many batches are in flight at once is up to the system's scheduler; that they are few is not.
   constexpr std::size_t all_pictures = std::size_t{400} * 2 * 120 * 90 * 4;
   CHECK(peak(2, 400) <= all_pictures / 4);
}
