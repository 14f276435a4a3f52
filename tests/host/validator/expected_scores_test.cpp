#include "contains.hpp"
#include "modules/descriptor.hpp"
#include "modules/module_file.hpp"
#include "scratch_folder.hpp"
#include "validator/expected_scores.hpp"
#include "validator/score_checks.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>

using namespace giflab;
using namespace giflab::validator;
using giflab::tests::contains;

namespace {

// A sound metric, whose direction alone is wrong.
const std::string module_path = WARNED_PLUGINS "/wrong_direction.so";

const modules::plugin &metric() {
   static const auto made = [] {
      const auto entry = modules::open_module_file(module_path);
      REQUIRE(entry);
      auto read = modules::read_plugin((*entry)->plugins[0]);
      REQUIRE(read);
      return std::move(*read);
   }();
   return *made;
}

std::vector<expected_score> measured() {
   auto lines = measure_expected_scores(metric(), {});
   REQUIRE(lines);
   REQUIRE_FALSE(lines->empty());
   return *lines;
}

std::string complaint(const std::string &text) {
   const auto parsed = parse_expected_scores(text, "x.expect.tsv");
   REQUIRE_FALSE(parsed);
   return parsed.error().text;
}

// A copy of the module in a folder of its own.
struct module_copy {
   module_copy() { std::filesystem::copy_file(module_path, path); }

   finding check_with(const std::string &table) const {
      std::ofstream(expected_scores_path(path), std::ios::binary) << table;
      return check();
   }
   finding check() const {
      subject given;
      given.path = path;
      given.plugin = &metric();
      given.folder = folder.path();
      return check_expected_scores(given);
   }

   const tests::scratch_folder folder;
   const std::string path = folder.file("metric.so");
};

} // namespace

TEST_CASE("a table lies beside its module") {
   CHECK(expected_scores_path("/a/b.so") == "/a/b.expect.tsv");
   CHECK(expected_scores_path("/a.so/b.so.1") == "/a.so/b.so.1.expect.tsv");
}

TEST_CASE("what is written reads back to the bit") {
   const double infinity = std::numeric_limits<double>::infinity();
   const std::vector<expected_score> lines = {{"org.a", "1.0 beta", "scene.0", "one", 0.1},
                                              {"org.a", "1.0 beta", "scene.1", "one", -infinity},
                                              {"org.a", "1.0 beta", "scene", "two", std::nan("")},
                                              {"org.b", "2", "scene", "two", 4.9e-324}};
   const auto again = parse_expected_scores(expected_scores_text(lines), "x");
   REQUIRE(again);
   REQUIRE(again->size() == lines.size());
   for (std::size_t i = 0; i < lines.size(); ++i) {
      CHECK((*again)[i].same_place(lines[i]));
      CHECK((*again)[i].version == lines[i].version);
      const bool equal = (*again)[i].value == lines[i].value;
      CHECK((equal || (std::isnan((*again)[i].value) && std::isnan(lines[i].value))));
   }
}

TEST_CASE("a table that cannot be meant is refused with its line") {
   const std::string good = "# heading\n\norg.a\t1\tscene.0\tone\t0.5\n";
   CHECK(parse_expected_scores(good, "x")->size() == 1);
   CHECK(complaint(good + "org.a\t1\tscene.1\tone\t0.") ==
         "x.expect.tsv, line 4: the line does not end: the file was cut off");
   CHECK(contains(complaint(good + "org.a\t1\tscene.1\tone\n"), "line 4: columns: 4, and not 5"));
   CHECK(contains(complaint(good + "org.a\t1\tscene.1\tone\t1\t2\n"), "line 4: columns: 6, and"));
   CHECK(contains(complaint(good + std::string(100'000, '\t') + "\n"), "line 4: columns: 16 or more, and"));
   CHECK(contains(complaint(good + "org.a\t\tscene.1\tone\t1\n"), "line 4: column 2 is empty"));
   CHECK(contains(complaint(good + "org.a\t1\tscene.1\tone\t1e999\n"), "line 4: \"1e999\" is no number"));
   CHECK(contains(complaint(good + "org.a\t1\tscene.1\tone\t1,5\n"), "line 4: \"1,5\" is no number"));
   CHECK(contains(complaint(good + "org.a\t1\tscene.1\tone\t1\r\n"), "line 4: \"1\\x0D\" is no number"));
   CHECK(contains(complaint(good + "org.a\t1\tscene.0\tone\t1\n"), "line 4: a second value"));
   CHECK(contains(complaint(std::string("\0\xFF\x80", 3) + "\n"), "line 1: columns: 1, and"));
   CHECK(contains(complaint("org.a\t1\tscene.0\tone\t" + std::string(10'000, '9') + "x\n"), "..."));
}

TEST_CASE("a metric agrees with its own table, until a score or the version changes") {
   const module_copy copy;
   CHECK(copy.check().verdict == verdict::skip); // no table yet
   auto lines = measured();
   const finding same = copy.check_with(expected_scores_text(lines));
   CHECK(same.verdict == verdict::pass);
   CHECK(same.sentence == std::to_string(lines.size()) + " scores as in the table");

   lines[3].value += 1e-9;
   const finding drifted = copy.check_with(expected_scores_text(lines));
   CHECK(drifted.verdict == verdict::fail);
   CHECK(contains(drifted.sentence, "difference of " + lines[3].name + " is "));
   lines[3].value = std::nan("");
   CHECK(copy.check_with(expected_scores_text(lines)).verdict == verdict::fail);

   for (expected_score &line : lines)
      line.version = "0.9";
   const finding older = copy.check_with(expected_scores_text(lines));
   CHECK(older.verdict == verdict::warn);
   CHECK(contains(older.sentence, "the table is of version \"0.9\", and this is \"1\""));
}

TEST_CASE("a table that does not fit its metric is told") {
   const module_copy copy;
   auto lines = measured();
   lines.pop_back();
   const finding shorter = copy.check_with(expected_scores_text(lines));
   CHECK(shorter.verdict == verdict::warn);
   CHECK(contains(shorter.sentence, std::to_string(lines.size()) + " of " + std::to_string(lines.size() + 1)));

   lines.push_back({"org.test.scores", "1", "scene.0", "of_old", 1});
   CHECK(copy.check_with(expected_scores_text(lines)).verdict == verdict::fail);
   CHECK(copy.check_with("org.another\t1\tscene.0\tdifference\t1\n").verdict == verdict::skip);
   CHECK(copy.check_with("org.test.scores\t1\n").verdict == verdict::fail);
}

TEST_CASE("a direction that is the wrong way round is warned of") {
   const auto checks = score_checks();
   const auto direction =
       std::ranges::find_if(checks, [](const check &one) { return std::string(one.id) == "S08"; });
   REQUIRE(direction != checks.end());
   subject given;
   given.path = module_path;
   given.plugin = &metric();
   const finding found = direction->run(given);
   CHECK(found.verdict == verdict::warn);
   CHECK(contains(found.sentence, "difference ("));
}
