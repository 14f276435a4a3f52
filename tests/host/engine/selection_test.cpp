#include "contains.hpp"
#include "engine/selection.hpp"
#include "synthetic_clips.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace giflab;
using engine_tests::plugins;
using giflab::tests::contains;

namespace {

std::vector<std::string> columns_of(const std::vector<std::string> &names) {
   const auto plan = engine::select_metrics(plugins(), names, {});
   REQUIRE(plan);
   std::vector<std::string> ids;
   for (const auto &metric : *plan)
      for (const auto &column : metric.columns)
         ids.push_back(column.id);
   return ids;
}

std::string refusal(const std::vector<std::string> &names,
                    const std::vector<engine::parameter_choice> &parameters = {}) {
   const auto plan = engine::select_metrics(plugins(), names, parameters);
   REQUIRE_FALSE(plan);
   CHECK(plan.error().kind == problem::usage);
   return plan.error().text;
}

bool has(const std::vector<std::string> &ids, const std::string &id) {
   return std::find(ids.begin(), ids.end(), id) != ids.end();
}

} // namespace

TEST_CASE("the default set leaves out what runs on request only; all leaves out nothing") {
   const auto usual = columns_of({"default"}), all = columns_of({"all"});
   CHECK(has(usual, "ssim"));
   CHECK_FALSE(has(usual, "throws"));
   CHECK(has(all, "throws"));
   CHECK(has(all, "ssim"));
}

TEST_CASE("names are outputs or plugins, in the order asked, each once") {
   CHECK(columns_of({"psnr", "mse"}) == std::vector<std::string>{"psnr", "mse"});
   CHECK(columns_of({"org.giflab.file_size"}) == std::vector<std::string>{"compression_ratio", "kilobytes"});
   CHECK(columns_of({"gmsd", "default", "gmsd"}).front() == "gmsd");
}

TEST_CASE("where two plugins have a metric of one name, each says whose it is") {
   CHECK(contains(refusal({"frames_reordered"}), "frames_reordered@org.giflab.timing"));
   const auto both = columns_of({"default", "org.test.namesake"});
   CHECK_FALSE(has(both, "frames_reordered"));
   CHECK(has(both, "frames_reordered@org.giflab.timing"));
   CHECK(has(both, "frames_reordered@org.test.namesake"));
   CHECK(has(columns_of({"default"}), "frames_reordered"));
   CHECK(columns_of({"frames_reordered@org.test.namesake"}) == std::vector<std::string>{"frames_reordered"});
}

TEST_CASE("an unknown name suggests what was meant") {
   CHECK(contains(refusal({"smis"}), "did you mean ssim"));
   CHECK(contains(refusal({}), "no metric is selected"));
}

TEST_CASE("parameters are parsed, checked and shown where they are not the defaults") {
   const auto plan = engine::select_metrics(plugins(), {"tells_parameters"},
                                            {{"org.test.tells_parameters", "gain", "3", "test"},
                                             {"org.test.tells_parameters", "gain", "2.5", "test"},
                                             {"org.test.tells_parameters", "shape", "square", "test"}});
   REQUIRE(plan);
   CHECK((*plan)[0].columns[0].id == "tells_parameters(gain=2.5,shape=square)");
   CHECK((*plan)[0].values[0].number == 2.5);
   CHECK((*plan)[0].values[1].number == 1);
   CHECK(std::string((*plan)[0].values[1].text) == "square");

   CHECK(contains(
       refusal({"tells_parameters"}, {{"org.test.tells_parameters", "gain", "11", "option --param"}}),
       "option --param: parameter gain of org.test.tells_parameters is '11'; it takes a number from 0 to 10"));
   CHECK(contains(refusal({"tells_parameters"}, {{"org.test.tells_parameters", "shape", "oval", "x"}}),
                  "one of round, square"));
   CHECK(contains(refusal({"tells_parameters"}, {{"org.test.tells_parameters", "gian", "1", "x"}}),
                  "did you mean gain"));
   CHECK(contains(refusal({"tells_parameters"}, {{"org.test.tells_parameter", "gain", "1", "x"}}),
                  "did you mean org.test.tells_parameters"));
}

TEST_CASE("a plugin whose tool is missing is planned as unavailable, with its own words") {
   const auto plan = engine::select_metrics(plugins(), {"absent"}, {});
   REQUIRE(plan);
   CHECK((*plan)[0].unavailable == "its tool is not installed");
}

TEST_CASE("texts of parameters go along where metrics are copied and lists of them grow") {
   engine::planned_metric chosen;
   chosen.texts.push_back(std::make_shared<const std::string>("a text that fits into no string object itself"));
   chosen.values.push_back({0, chosen.texts.back()->c_str()});
   std::vector<engine::planned_metric> plan = {chosen};
   chosen = {};
   for (int i = 0; i < 9; ++i)
      plan.emplace_back();
   REQUIRE(plan[0].texts.size() == 1);
   CHECK((plan[0].values[0].text == plan[0].texts[0]->c_str()));
   CHECK(std::string(plan[0].values[0].text) == "a text that fits into no string object itself");
}
