// The values of independent implementations, where they lie beside the checkout.

#include "engine/compare.hpp"

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

struct schedule {
   int level;
   std::size_t threads;
};

// The values by frame, NaN where there is none.
std::map<int64_t, std::map<std::string, double>> measure(const nlohmann::json &pair,
                                                         const modules::catalogue &found, const schedule &how) {
   std::vector<std::string> names;
   for (const auto &[name, tolerance] : tolerances)
      names.push_back(name);
   const services::cancellation never;
   engine::machine on(how.threads, never);
   const auto plan = engine::select_metrics(found, names, {});
   engine::comparison_options options;
   options.level = how.level;
   options.alignment = media::alignment_mode::index; // as the values were made
   options.per_frame = true;
   const auto compared = engine::compare((reference / pair["reference"].get<std::string>()).string(),
                                         (reference / pair["distorted"].get<std::string>()).string(), *plan,
                                         options, on, nullptr);
   REQUIRE_MESSAGE(compared, (compared ? "" : compared.error().text));
   std::map<int64_t, std::map<std::string, double>> values;
   for (const results::pair_row &row : compared->pairs)
      for (std::size_t i = 0; i < compared->metrics.size(); ++i)
         values[row.reference_frame][compared->metrics[i].id] = row.values[i];
   return values;
}

void check_pair(const nlohmann::json &expected,
                const std::map<int64_t, std::map<std::string, double>> &values) {
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

void check_file(const std::string &name) {
   if (!fs::exists(reference / name)) {
      std::cout << "skipped: reference data not found (" << (reference / name).string() << ")\n";
      return;
   }
   const auto found = modules::catalogue::discover({BUILTIN_PLUGINS}, 1);
   REQUIRE(found);
   for (const auto &[pair, expected] : nlohmann::json::parse(std::ifstream(reference / name)).items()) {
      CAPTURE(pair);
      const auto fast = measure(expected, *found, {1, 1});
      check_pair(expected, fast);
      for (std::size_t threads : {2u, 8u}) // the same bits; equal to NaN is never asked, so compare as text
         CHECK(fmt::format("{}", nlohmann::json(measure(expected, *found, {1, threads})).dump()) ==
               fmt::format("{}", nlohmann::json(fast).dump()));
   }
}

void check_level_0(const std::string &name) {
   if (!fs::exists(reference / name)) {
      std::cout << "skipped: reference data not found (" << (reference / name).string() << ")\n";
      return;
   }
   const auto found = modules::catalogue::discover({BUILTIN_PLUGINS}, 1);
   REQUIRE(found);
   for (const auto &[pair, expected] : nlohmann::json::parse(std::ifstream(reference / name)).items()) {
      CAPTURE(pair);
      check_pair(expected, measure(expected, *found, {0, 1}));
   }
}

} // namespace

TEST_CASE("published values of GIF pairs, level 1, at 1, 2 and 8 threads") { check_file("published.json"); }
TEST_CASE("published values of stills, level 1, at 1, 2 and 8 threads") { check_file("published_stills.json"); }
TEST_CASE("published values of GIF pairs, level 0") { check_level_0("published.json"); }
TEST_CASE("published values of stills, level 0") { check_level_0("published_stills.json"); }
