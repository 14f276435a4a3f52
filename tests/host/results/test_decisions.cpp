// Decisions: the rules as they are read, classes of sources, statuses of results, and where sources come from.

#include "results/findings.hpp"

#include "results/facts.hpp"

#include <doctest/doctest.h>

#include <cmath>

using namespace giflab;
using namespace giflab::results;

namespace {

rulebook rules_from(const std::string &text) {
   const auto written = config::parse_decisions(text, "test.toml");
   REQUIRE_MESSAGE(written.has_value(), (written ? std::string() : written.error().text));
   auto rules = rulebook_of(*written);
   REQUIRE_MESSAGE(rules.has_value(), (rules ? std::string() : rules.error().text));
   return *rules;
}

std::string refusal_of(const std::string &text) {
   const auto made = config::parse_decisions(text, "test.toml").and_then([](const config::decisions &read) {
      return rulebook_of(read);
   });
   REQUIRE_FALSE(made);
   CHECK(made.error().text.starts_with("test.toml:"));
   return made.error().text;
}

metric_value value(const std::string &id, double number) {
   metric_value made;
   made.id = id;
   made.value = number;
   return made;
}

metric_value absent(const std::string &id, const std::string &reason) {
   metric_value made;
   made.id = id;
   made.status = status::skipped;
   made.reason = reason;
   return made;
}

comparison source_of(int64_t frames, int64_t duration_us, std::vector<metric_value> metrics = {}) {
   comparison made;
   made.reference.path = "a.gif";
   made.reference.bytes = 1000;
   made.reference.frames = frames;
   made.reference.duration_us = duration_us;
   made.reference.width = made.reference.height = 10;
   made.metrics = std::move(metrics);
   add_source_facts(made);
   return made;
}

comparison result_of(int64_t frames, int64_t duration_us, int64_t bytes, int64_t dropped = 0) {
   comparison made;
   made.reference.bytes = 1000;
   made.distorted.bytes = bytes;
   made.distorted.frames = frames;
   made.distorted.duration_us = duration_us;
   made.alignment.dropped = dropped;
   return made;
}

double fact(const comparison &about, const std::string &name) {
   const auto found = number_of({name, statistic::value}, about);
   return found ? *found : std::nan("");
}

const experiment_pipeline through{{"none", "none", "gif"}};
const experiment_pipeline halved{{"drop_even:keep=0.5", "palette:colours=16,dither=none", "none"}};

constexpr const char *classes = R"(
[[content_classes]]
name = "still_life"
all = ["frames > 1", "changed <= 2"]
[[content_classes]]
name = "few"
all = ["colours <= 16"]
)";

} // namespace

TEST_CASE("the built-in decisions are those of configs/decisions.toml, and can be read") {
   const rulebook rules = rules_from(std::string(config::default_decisions()));
   const auto file = config::load_decisions(std::string(SOURCE_DIRECTORY) + "/configs/decisions.toml");
   REQUIRE(file);
   CHECK(file->text == config::default_decisions());
   CHECK(rules.classes.size() == 7);
   CHECK(features_of(rules) == std::vector<std::string>{"changed_area_reference", "colours_reference",
                                                        "sloping_area", "textured_area", "drawn_area",
                                                        "noise_reference", "flat_area"});
   CHECK(feature_readings_of(rules)[1] == "colours_reference.max");
   CHECK(rules.top == 3);
}

TEST_CASE("a source has the first class of which everything holds") {
   const rulebook rules = rules_from(classes);
   CHECK(classify(rules, source_of(5, 500, {value("changed", 1), value("colours", 4)})).name == "still_life");
   const content_class few = classify(rules, source_of(5, 500, {value("changed", 30), value("colours", 4)}));
   CHECK(few.name == "few");
   CHECK(few.reason == "colours <= 16 (is 4)");
   CHECK(classify(rules, source_of(5, 500, {value("changed", 30), value("colours", 40)})).reason ==
         "no class fits");
}

TEST_CASE("what cannot be decided is unclassified; what does not matter may be absent") {
   const rulebook rules = rules_from(classes);
   const content_class unknown =
       classify(rules, source_of(5, 500, {absent("changed", "too small"), value("colours", 4)}));
   CHECK(unknown.name == config::no_class);
   CHECK(unknown.reason == "whether changed <= 2 holds, for still_life, is unknown: too small");
   CHECK(classify(rules, source_of(1, 0, {absent("changed", "a still"), value("colours", 4)})).name == "few");
   comparison corrupt;
   corrupt.failure = "no GIF";
   CHECK(classify(rules, corrupt).reason == "no GIF");
}

TEST_CASE("pictures asked for: shares multiply, and what chooses otherwise leaves them unknown") {
   CHECK(asked(through, 9).frames == 9);
   CHECK(asked(halved, 9).frames == 4);
   CHECK(asked(halved, 1).frames == 1);
   CHECK(asked(halved, 9).colours == 16);
   CHECK_FALSE(asked(through, 9).colours);
   CHECK(asked({{"drop_even:keep=0.8", "none", "gifsicle:lossy=40,keep=0.5"}}, 10).frames == 4);
   CHECK(asked({{"drop_even:keep=0.29", "none", "none"}}, 100).frames == 29); // 28.999999999999996
   for (const experiment_pipeline &rate : {experiment_pipeline{{"drop_similar", "none", "none"}},
                                           {{"none", "ffmpeg:frames_per_second=5", "none"}}}) {
      CHECK_FALSE(asked(rate, 9).frames);
      CHECK(asked(rate, 9).unknown_frames.find("says no share of pictures") != std::string::npos);
   }
}

TEST_CASE("facts of results are relative to the source and to what was asked") {
   const comparison source = source_of(10, 1'000'000);
   comparison same = result_of(10, 1'000'000, 1300);
   add_result_facts(same, source, through);
   CHECK(fact(same, "size_percent") == 130);
   CHECK(fact(same, "frame_share_deviation") == 0);
   CHECK(fact(same, "duration_deviation") == 0);
   CHECK(fact(same, "fps_deviation") == 0);
   CHECK(std::isnan(fact(same, "asked_colours")));

   comparison fast = result_of(5, 500'000, 500, 5); // dropped, and their time with them
   add_result_facts(fast, source, halved);
   CHECK(fact(fast, "frame_share_deviation") == 0);
   CHECK(fact(fast, "duration_deviation") == 0.5);
   CHECK(fact(fast, "fps_deviation") == 1);
   CHECK(fact(fast, "asked_colours") == 16);

   comparison lost = result_of(6, 1'000'000, 500, 4);
   add_result_facts(lost, source, through);
   CHECK(fact(lost, "frame_share_deviation") == doctest::Approx(0.4));
   CHECK(fact(lost, "fps_deviation") == doctest::Approx(0.4));
   comparison merged = result_of(6, 1'000'000, 500); // four that repeated the one before
   add_result_facts(merged, source, through);
   CHECK(fact(merged, "frame_share_deviation") == 0);
   CHECK(fact(merged, "fps_deviation") == 0);
   comparison rounded = result_of(6, 1'000'000, 500, 4);
   add_result_facts(rounded, source, halved);
   CHECK(fact(rounded, "frame_share_deviation") == 0);
   comparison ignored = result_of(10, 1'000'000, 500);
   add_result_facts(ignored, source, halved);
   CHECK(fact(ignored, "frame_share_deviation") == 0.5);

   comparison still = result_of(1, 0, 500);
   add_result_facts(still, source_of(1, 0), through);
   CHECK(fact(still, "frame_share_deviation") == 0);
   CHECK(std::isnan(fact(still, "duration_deviation")));
}

TEST_CASE("limits of a class come before those of a slot, and those before the rule's own") {
   const rulebook rules = rules_from(std::string(classes) + R"(
[[validation]]
id = "floor"
value = "ssim.p05"
warning = "< 0.8"
error = "< 0.6"
classes = { few = { error = "< 0.4" } }
slots = { lossy = { error = "< 0.5" }, several = { warning = "< 0.9" } }
)");
   comparison about = result_of(1, 0, 1);
   metric_value ssim = value("ssim", 0.9);
   ssim.statistics = statistics{};
   ssim.statistics->p05 = 0.55;
   about.metrics = {ssim};
   const auto judged = [&](const std::string &content_class, const std::string &slot) {
      return validate(rules, content_class, slot, about).judgements.at(0);
   };
   CHECK(judged("still_life", "colour").status == validation_status::error);
   CHECK(judged("still_life", "colour").reason == "floor is ERROR: ssim.p05 is 0.55, < 0.6");
   CHECK(judged("still_life", "lossy").status == validation_status::warning);
   CHECK(judged("few", "lossy").status == validation_status::warning);
   about.metrics[0].statistics->p05 = 0.45;
   CHECK(judged("still_life", "lossy").reason == "floor is ERROR: ssim.p05 is 0.45, < 0.5 for the slot lossy");
   CHECK(judged("few", "lossy").status == validation_status::warning);
   about.metrics[0].statistics->p05 = 0.85;
   CHECK(judged("few", "several").status == validation_status::warning);
   CHECK(judged("few", "colour").status == validation_status::pass);
}

TEST_CASE("the worst decides, what is absent is not judged, and nothing judged is UNKNOWN") {
   const rulebook rules = rules_from(R"(
[[validation]]
id = "size"
value = "size_percent"
warning = "> 100"
[[validation]]
id = "ghosts"
value = "ghosting"
artifact = "> 0.1"
[[validation]]
id = "extra"
value = "colours.max"
less = "asked_colours"
error = "> 5"
)");
   const auto judged = [&](std::vector<metric_value> metrics) {
      comparison about = result_of(1, 0, 1);
      about.metrics = std::move(metrics);
      return validate(rules, config::no_class, "", about);
   };
   CHECK(judged({}).status == validation_status::unknown);
   CHECK(judged({}).judgements.at(1).reason == "ghosting was not computed");
   CHECK(judged({value("size_percent", 90)}).status == validation_status::pass);
   CHECK(judged({value("size_percent", 101), absent("ghosting", "one pair")}).status ==
         validation_status::warning);
   const validation worst = judged({value("size_percent", 101), value("ghosting", 0.2)});
   CHECK(worst.status == validation_status::artifact);
   CHECK(word_for(worst.status) == "ARTIFACT");
   CHECK(worst.judgements[1].value == 0.2);
   CHECK(worst.judgements[1].limit == "> 0.1");
   metric_value colours = value("colours", 20);
   colours.statistics = statistics{};
   colours.statistics->max = 22;
   CHECK(judged({colours, value("asked_colours", 16)}).status == validation_status::error);
   CHECK(judged({colours, value("asked_colours", 17)}).status == validation_status::pass);
   comparison failed;
   failed.failure = "the tool said no";
   const validation nothing = validate(rules, config::no_class, "", failed);
   CHECK(nothing.status == validation_status::unknown);
   CHECK(nothing.judgements[0].reason == "the tool said no");
}

TEST_CASE("rules that make no sense are refused by their place") {
   CHECK(refusal_of("[[validation]]\nid = \"a\"\nvalue = \"b\"\nerror = \"0.1\"\n").find("no operator") !=
         std::string::npos);
   CHECK(refusal_of("[[validation]]\nid = \"a\"\nvalue = \"b.p5\"\n").find("unknown statistic") !=
         std::string::npos);
   CHECK(refusal_of("[[validation]]\nid = \"a\"\nvalue = \"b\"\nslots = { los = {} }\n")
             .find("did you mean lossy?") != std::string::npos);
   CHECK(
       refusal_of(std::string(classes) + "[[validation]]\nid = \"a\"\nvalue = \"b\"\nclasses = { few2 = {} }\n")
           .find("did you mean few?") != std::string::npos);
   CHECK(refusal_of("[[content_classes]]\nname = \"x\"\nall = []\n").find("needs conditions") !=
         std::string::npos);
   CHECK(refusal_of("[elimination]\ntop = 0\n").find("from 1 on") != std::string::npos);
   CHECK(refusal_of("[elimination]\neliminate_if = [\"ssim\"]\n").find("no operator") != std::string::npos);
   CHECK(refusal_of("[[validations]]\n").find("did you mean validation?") != std::string::npos);
}

TEST_CASE("platforms are told by the nearest folder that is called like one") {
   CHECK(origin_of("a.gif").platform == "unknown");
   CHECK(origin_of("raw/other/a.gif").platform == "unknown");
   CHECK(origin_of("tenor.gif").platform == "unknown");
   const source_origin tenor = origin_of("/data/raw/Tenor/funny_cats-2/march/a.gif");
   CHECK(tenor.platform == "tenor");
   CHECK(tenor.query == "funny cats 2");
   CHECK(tenor.collection == "march");
   CHECK(origin_of("tenor/a.gif").query.empty()); // the original took the file's name for the query
   CHECK(origin_of("raw/tgif/a.gif").platform == "tgif_dataset");
   CHECK(origin_of("raw/tgif_dataset/x/a.gif").collection == "research_dataset");
   CHECK(origin_of("/home/animately/raw/unknown/a.gif").platform == "unknown");
   CHECK(origin_of("animately//a.gif").collection == "user_uploads");
}
