// What the validator makes of files: which lines there are, what is not run and why, and what people read.

#include "validated.hpp"
#include "validator/report.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <filesystem>

using namespace giflab;
using namespace giflab::validator;
using namespace validator_tests;
namespace fs = std::filesystem;

namespace {

const std::string good = BUILTIN_PLUGINS "/error.so";
const std::vector<std::string> quick = {"L03", "S01", "S13"};

validation validated_here(const std::string &path, const std::vector<std::string> &only) {
   const services::cancellation never;
   validation_options options;
   options.only = only;
   options.in_process = true;
   return *validate(path, options, never, [](const checked &) {});
}

std::vector<std::string> as_texts(const validation &told) {
   std::vector<std::string> texts;
   for (const checked &line : told.lines)
      texts.push_back(std::string(line.what->id) + " " + line.plugin + " " + verdict_name(line.found.verdict));
   return texts;
}

} // namespace

TEST_CASE("lines come file first, then plugin by plugin, and are told in that order") {
   const services::cancellation never;
   validation_options options;
   options.only = {"S13", "L03", "S01"};
   options.at_once = 3;
   std::vector<std::string> heard;
   const auto told = validate(good, options, never, [&](const checked &line) {
      heard.push_back(std::string(line.what->id) + " " + line.plugin + " " + verdict_name(line.found.verdict));
   });
   REQUIRE(told);
   CHECK(heard == std::vector<std::string>{"L03  pass", "S01 org.giflab.error pass",
                                           "S13 org.giflab.error pass", "S01 org.giflab.psnr_y pass",
                                           "S13 org.giflab.psnr_y pass"});
   CHECK(as_texts(*told) == heard);
   CHECK(told->passed());
   CHECK(told->plugins == std::vector<std::string>{"org.giflab.error", "org.giflab.psnr_y"});
}

TEST_CASE("checks find the same in this process") {
   CHECK(as_texts(validated_here(good, quick)) == as_texts(validated(good, quick)));
}

TEST_CASE("an unknown check is refused with the nearest known one") {
   const services::cancellation never;
   validation_options options;
   options.only = {"S1"};
   const auto told = validate(good, options, never, [](const checked &) {});
   REQUIRE_FALSE(told);
   CHECK(told.error().kind == problem::usage);
   CHECK(told.error().text.find("did you mean S0") != std::string::npos);
}

TEST_CASE("a file that is no module fails, whatever is asked of it") {
   const std::string path = SOURCE_DIRECTORY "/README.md";
   const validation whole = validated(path);
   CHECK_FALSE(whole.passed());
   CHECK(whole.plugins.empty());
   for (const checked &line : whole.lines) {
      CAPTURE(in_words(line));
      CHECK(line.found.verdict != verdict::pass);
      if (line.what->stage != stage::load)
         CHECK(line.found.sentence.starts_with("not run: L"));
   }
   const validation one = validated(path, {"S05"});
   REQUIRE(one.lines.size() == 1);
   CHECK(one.lines[0].found.verdict == verdict::fail);
   CHECK(one.lines[0].found.sentence.find("it does not begin as an ELF file") != std::string::npos);
}

TEST_CASE("a plugin that giflab turns away does not pass by checks that cannot run") {
   const std::string path = FAULTY_PLUGINS "/D02_bad_id.so";
   REQUIRE(fs::exists(path));
   const validation told = validated(path, {"S01", "S02"});
   CHECK(failures(told) == std::set<std::string>{"S01"});
   CHECK(told.lines.at(1).found.sentence == "not run: S01 failed");
}

TEST_CASE("a wish to stop is an error of its own") {
   services::cancellation cancelled;
   cancelled.request();
   const auto told = validate(good, {}, cancelled, [](const checked &) {});
   REQUIRE_FALSE(told);
   CHECK(told.error().kind == problem::cancelled);
}

TEST_CASE("the summary counts, and says how to see a failure again") {
   const check *first = &every_check()[0], *second = &every_check()[1];
   validation told;
   told.seed = 7;
   told.lines = {{first, {}, passed(), {}}, {second, {}, warned("odd"), {}}};
   CHECK(report_summary(told, std::chrono::milliseconds(3210)) ==
         "1 passed, 1 warned, 0 failed, 0 skipped in 3.2 s; reproduce with --only L02 --seed 7\n");
   told.lines.push_back({first, "a", failed_check("wrong"), {}});
   told.lines.push_back({first, "b", failed_check("wrong"), {}});
   CHECK(report_summary(told, {}) ==
         "1 passed, 1 warned, 2 failed, 0 skipped in 0.0 s; reproduce with --only L01 --seed 7\n");
   CHECK(report_line({second, "a", failed_check("wrong\x1b"), {}}, false) ==
         "L02  fail  a                         wrong\\x1B [A1]\n");
   CHECK(report_line({second, {}, passed(), {}}, true).find("\x1b[32mpass\x1b[0m") != std::string::npos);
}

TEST_CASE("JSON has a file's identity, its plugins, its checks and their counts") {
   const validation told = validated(good, quick);
   const auto text = report_json({&told, 1});
   REQUIRE(text);
   const auto document = nlohmann::json::parse(*text).at(0);
   CHECK(document["path"] == good);
   CHECK(document["sha256"].get<std::string>().size() == 64);
   CHECK(document["seed"] == 1);
   CHECK(document["plugins"].size() == 2);
   CHECK(document["checks"].size() == 5);
   CHECK(document["checks"][0]["plugin"].is_null());
   CHECK(document["checks"][1]["plugin"] == "org.giflab.error");
   CHECK(document["checks"][1]["verdict"] == "pass");
   CHECK(document["counts"]["pass"] == 5);
   CHECK(document["counts"]["fail"] == 0);
}
