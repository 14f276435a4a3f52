// The values of independent implementations, where they lie beside the checkout.

#include "engine/compare.hpp"
#include "engine/metric_run.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>

using namespace giflab;
namespace fs = std::filesystem;

namespace {

const fs::path reference = fs::path(SHARED_DIRECTORY) / "reference";

// Relative tolerances of the reference's README.
const std::map<std::string, double> tolerances = {{"mse", 1e-6},      {"psnr", 1e-6},    {"psnr_y", 1e-6},
                                                  {"ssim", 1e-6},     {"ms_ssim", 1e-6}, {"gmsd", 1e-6},
                                                  {"ciede2000", 1e-5}};

using frame_values = std::map<int64_t, std::map<std::string, double>>; // NaN where there is none

std::vector<std::string> metric_names() {
   std::vector<std::string> names;
   for (const auto &[name, tolerance] : tolerances)
      names.push_back(name);
   return names;
}

std::string path_of(const nlohmann::json &pair, const char *side) {
   return (reference / pair[side].get<std::string>()).string();
}

// Every frame, as `compare` does it.
frame_values compare_all(const nlohmann::json &pair, const modules::catalogue &found, std::size_t threads) {
   const services::cancellation never;
   engine::machine on(threads, never);
   const auto plan = engine::select_metrics(found, metric_names(), {});
   engine::comparison_options options;
   options.level = 1;
   options.alignment = media::alignment_mode::index; // as the values were made
   options.per_frame = true;
   const auto compared =
       engine::compare(path_of(pair, "reference"), path_of(pair, "distorted"), *plan, options, on, nullptr);
   REQUIRE_MESSAGE(compared, (compared ? "" : compared.error().text));
   frame_values values;
   for (const results::pair_row &row : compared->pairs)
      for (std::size_t i = 0; i < compared->metrics.size(); ++i)
         values[row.reference_frame][compared->metrics[i].id] = row.values[i];
   return values;
}

// Only the frames that have published values: the plain arithmetic takes its time.
frame_values measure_published(const nlohmann::json &pair, const std::vector<engine::planned_metric> &plan,
                               int level) {
   const services::cancellation never;
   engine::machine on(1, never);
   const auto first = media::open(path_of(pair, "reference"), {}, on.pixels());
   const auto second = media::open(path_of(pair, "distorted"), {}, on.pixels());
   REQUIRE(first);
   REQUIRE(second);
   const auto aligner = media::align(**first, **second, media::alignment_mode::index);
   engine::batch wanted;
   for (int64_t number = 0;; ++number) {
      const auto next = (*aligner)->next();
      REQUIRE(next);
      if (!*next)
         break;
      if (pair["pairs"].contains(std::to_string(number)))
         wanted.pairs.push_back(
             {{(*next)->reference, nullptr, {}}, {(*next)->distorted, nullptr, {}}, number, 0, 0});
   }
   engine::run_conditions conditions;
   conditions.on = &on;
   conditions.clip = {(*first)->facts().width, (*first)->facts().height, -1, -1, 1, 0};
   conditions.level = level;
   frame_values values;
   for (const engine::planned_metric &metric : plan) {
      engine::metric_run run(metric, conditions);
      run.measure(wanted);
      for (const engine::batch_pair &one : wanted.pairs)
         for (std::size_t column = 0; column < metric.columns.size(); ++column)
            values[one.number][metric.columns[column].id] = run.value_of(column, one.number);
   }
   return values;
}

void check_pair(const nlohmann::json &expected, const frame_values &values) {
   for (const auto &[frame, metrics] : expected["pairs"].items())
      for (const auto &[name, tolerance] : tolerances) {
         CAPTURE(frame);
         CAPTURE(name);
         const double value = values.at(std::stoll(frame)).at(name);
         if (!metrics.contains(name)) { // the reference has none below the least size
            CHECK(std::isnan(value));
            continue;
         }
         if (metrics[name].is_null()) { // infinite
            CHECK(std::isinf(value));
            continue;
         }
         const double wanted = metrics[name].get<double>();
         CAPTURE(wanted);
         CAPTURE(value);
         // 1e-12 is for values that should be 0 and are a rounding away from it.
         CHECK(std::abs(value - wanted) <= tolerance * std::abs(wanted) + 1e-12);
      }
}

// Under a sanitizer, whose tests come beside those of a release build, a few pairs do.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t most_pairs = 2;
#else
constexpr std::size_t most_pairs = SIZE_MAX;
#endif

// The pairs are sorted by their GIFs, each of which has about five: every sixth is one of most GIFs, in another
// way of damaging it each.
enum class portion : std::size_t { all = 1, some = 6 };

template <class Check> void for_each_pair(const std::string &name, Check check, portion of) {
   if (!fs::exists(reference / name)) {
      std::cout << "skipped: reference data not found (" << (reference / name).string() << ")\n";
      return;
   }
   const auto found = modules::catalogue::discover({BUILTIN_PLUGINS}, 1);
   REQUIRE(found);
   const auto published = nlohmann::json::parse(std::ifstream(reference / name));
   std::size_t passed = 0, pairs = 0;
   for (const auto &[pair, expected] : published.items()) {
      if (passed++ % static_cast<std::size_t>(of) != 0)
         continue;
      if (++pairs > most_pairs)
         break;
      CAPTURE(pair);
      check(expected, *found);
   }
}

void check_level_1(const nlohmann::json &expected, const modules::catalogue &found) {
   const frame_values values = compare_all(expected, found, 1);
   check_pair(expected, values);
   for (std::size_t threads : {2u, 8u}) // the same bits: as text, since NaN equals nothing
      CHECK(nlohmann::json(compare_all(expected, found, threads)).dump() == nlohmann::json(values).dump());
}

void check_level_0(const nlohmann::json &expected, const modules::catalogue &found) {
   const auto plan = engine::select_metrics(found, metric_names(), {});
   REQUIRE(plan);
   check_pair(expected, measure_published(expected, *plan, 0));
}

} // namespace

TEST_CASE("published values of GIF pairs, level 1, with the same bits at 1, 2 and 8 threads") {
   for_each_pair("published.json", check_level_1, portion::some);
}
TEST_CASE("published values of stills, level 1, with the same bits at 1, 2 and 8 threads") {
   for_each_pair("published_stills.json", check_level_1, portion::all);
}
TEST_CASE("published values of GIF pairs, level 0") {
   for_each_pair("published.json", check_level_0, portion::some);
}
TEST_CASE("published values of stills, level 0") {
   for_each_pair("published_stills.json", check_level_0, portion::all);
}

// In tools/test all: ctest's test_engine_at_length.
TEST_CASE("every published pair: level 1, with the same bits at 1, 2 and 8 threads" * doctest::skip()) {
   for_each_pair("published.json", check_level_1, portion::all);
}
TEST_CASE("every published pair: level 0" * doctest::skip()) {
   for_each_pair("published.json", check_level_0, portion::all);
}

// ---- SSIMULACRA 2: absolute tolerances, and a column for each arithmetic

namespace {

void check_ssimulacra2(const nlohmann::json &expected, const modules::catalogue &found,
                       const std::string &arithmetic, const std::string &name, double tolerance, int level) {
   const auto plan = engine::select_metrics(
       found, {"ssimulacra2"}, {{"org.giflab.ssimulacra2", "arithmetic", arithmetic, "this test"}});
   REQUIRE(plan);
   for (const auto &[frame, values] : measure_published(expected, *plan, level)) {
      CAPTURE(frame);
      CAPTURE(arithmetic);
      const double wanted = expected["pairs"][std::to_string(frame)][name].get<double>();
      CHECK(std::abs(values.begin()->second - wanted) <= tolerance);
   }
}

void check_ssimulacra2_at(const std::string &file, int level, portion of) {
   for_each_pair(
       file,
       [=](const nlohmann::json &expected, const modules::catalogue &found) {
          check_ssimulacra2(expected, found, "reference", "ssimulacra2", 1e-5, level);
          check_ssimulacra2(expected, found, "exact", "ssimulacra2_exact", 1e-3, level);
       },
       of);
}

} // namespace

TEST_CASE("SSIMULACRA 2 of GIF pairs, level 1") { check_ssimulacra2_at("published.json", 1, portion::some); }
TEST_CASE("SSIMULACRA 2 of stills, level 1") { check_ssimulacra2_at("published_stills.json", 1, portion::all); }
TEST_CASE("SSIMULACRA 2 of stills, level 0") { check_ssimulacra2_at("published_stills.json", 0, portion::all); }
TEST_CASE("every published pair: SSIMULACRA 2, level 1" * doctest::skip()) {
   check_ssimulacra2_at("published.json", 1, portion::all);
}
