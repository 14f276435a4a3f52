// What is put in a journal comes back, whole cells only, and exports are the same bytes for the same journal.

#include "results/experiment_exports.hpp"
#include "scratch_folder.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>

using namespace giflab;
using namespace giflab::results;
using giflab::tests::scratch_folder;
namespace fs = std::filesystem;

namespace {

const std::vector<experiment_source> sources = {{"a, b.gif", "aa", 1000}, {"c.gif", "", 0}};
const std::vector<experiment_pipeline> pipelines = {{{"none", "none", "none"}},
                                                    {{"drop_even:keep=0.5", "none", "gifsicle:lossy=40"}}};

experiment_cell good_cell(int64_t source, int64_t pipeline) {
   experiment_cell cell;
   cell.source = source;
   cell.pipeline = pipeline;
   cell.file = "files/1-2.gif";
   cell.found.distorted.bytes = 250;
   cell.found.alignment.pairs = 8;
   metric_value psnr;
   psnr.id = "psnr";
   psnr.value = std::numeric_limits<double>::infinity();
   psnr.direction = direction::higher;
   psnr.frames = 8;
   psnr.statistics = statistics{};
   psnr.statistics->mean = 31.25;
   metric_value absent;
   absent.id = "ms_ssim";
   absent.status = status::skipped;
   absent.reason = "it's \"too\" small";
   cell.found.metrics = {psnr, absent};
   return cell;
}

experiment_cell failed_cell(int64_t source, int64_t pipeline) {
   experiment_cell cell;
   cell.source = source;
   cell.pipeline = pipeline;
   cell.status = status::failed;
   cell.reason = "no GIF";
   metric_value psnr;
   psnr.id = "psnr";
   psnr.status = status::failed;
   psnr.reason = "no GIF";
   cell.found.metrics = {psnr};
   return cell;
}

std::string contents(const fs::path &file) {
   std::ifstream stream(file, std::ios::binary);
   return {std::istreambuf_iterator<char>(stream), {}};
}

// A journal with three cells, added in that order.
journal filled(const fs::path &file, const std::vector<experiment_cell> &cells) {
   auto made = journal::open(file.string());
   REQUIRE_MESSAGE(made.has_value(), (made ? std::string() : made.error().text));
   REQUIRE(made->begin({{"giflab", "1"}}, sources, pipelines));
   for (const experiment_cell &cell : cells)
      REQUIRE(made->add(cell));
   return std::move(*made);
}

} // namespace

TEST_CASE("a cell comes back as it went in, and only once") {
   const scratch_folder in;
   { journal made = filled(in.path() / "j", {good_cell(1, 2), failed_cell(2, 1)}); }
   auto again = journal::open((in.path() / "j").string());
   REQUIRE(again);
   CHECK(*again->facts() == run_facts{{"giflab", "1"}});
   CHECK(again->pipelines()->at(1).text() == "drop_even:keep=0.5 + gifsicle:lossy=40");
   CHECK(again->pipelines()->at(0).text() == "none");
   CHECK(*again->done() == std::set<std::pair<int64_t, int64_t>>{{1, 2}});
   CHECK_FALSE(again->add(good_cell(1, 2)));
   CHECK(again->add(good_cell(1, 1))); // what failed before left no transaction open
   std::vector<experiment_cell> cells;
   REQUIRE(again->visit([&](const experiment_cell &cell) -> result<void> {
      cells.push_back(cell);
      return {};
   }));
   REQUIRE(cells.size() == 3);
   const comparison &found = cells[1].found;
   CHECK(found.reference.path == "a, b.gif");
   CHECK(found.distorted.bytes == 250);
   CHECK(found.alignment.pairs == 8);
   CHECK(std::isinf(found.metrics.at(0).value));
   CHECK(found.metrics[0].statistics->mean == 31.25);
   CHECK(std::isnan(found.metrics[0].statistics->std));
   CHECK(found.metrics[0].direction == direction::higher);
   CHECK(found.metrics.at(1).status == status::skipped);
   CHECK(found.metrics[1].reason == "it's \"too\" small");
   CHECK_FALSE(found.metrics[1].statistics);
   CHECK(cells[2].status == status::failed);
   CHECK(cells[2].found.failure == "no GIF");
}

TEST_CASE("features of sources, rules and timings come back as they went in") {
   const scratch_folder in;
   journal made = filled(in.path() / "j", {good_cell(1, 2)});
   CHECK(made.rules()->empty());
   REQUIRE(made.note_rules("one"));
   REQUIRE(made.note_rules("it's two"));
   CHECK(*made.rules() == "it's two");
   comparison read = good_cell(1, 1).found, corrupt;
   read.reference.frames = 7;
   read.reference.height = 2;
   corrupt.failure = "no GIF";
   REQUIRE(made.add_features(2, corrupt));
   REQUIRE(made.add_features(1, read));
   CHECK_FALSE(made.add_features(1, read)); // once
   const auto features = made.features();
   REQUIRE(features);
   CHECK(features->at(1).reference.frames == 7);
   CHECK(features->at(1).reference.height == 2);
   CHECK(features->at(1).metrics.at(0).statistics->mean == 31.25);
   CHECK(features->at(1).metrics.at(1).reason == "it's \"too\" small");
   CHECK(features->at(2).failure == "no GIF");
   CHECK(features->at(2).metrics.empty());
   CHECK(*made.timings() == std::map<std::pair<int64_t, int64_t>, double>{{{1, 2}, 0}});
}

TEST_CASE("a visitor's error ends the visit") {
   const scratch_folder in;
   journal made = filled(in.path() / "j", {good_cell(1, 2), failed_cell(2, 1)});
   int visits = 0;
   const auto visited = made.visit([&](const experiment_cell &) -> result<void> {
      ++visits;
      return failed(problem::input, "enough");
   });
   CHECK(visits == 1);
   REQUIRE_FALSE(visited);
   CHECK(visited.error().text == "enough");
}

TEST_CASE("of what failed nothing is left when it is forgotten, and all else stays") {
   const scratch_folder in;
   experiment_cell half = good_cell(1, 2);
   half.found.metrics[1].status = status::failed;
   journal made = filled(in.path() / "one", {good_cell(1, 1), half, failed_cell(2, 1), good_cell(2, 2)});
   comparison features;
   REQUIRE(made.add_features(1, features));
   features.failure = "too little memory";
   REQUIRE(made.add_features(2, features));
   using places = std::set<std::pair<int64_t, int64_t>>;
   CHECK(made.done().value() == places{{1, 1}, {2, 2}});
   CHECK(made.features()->size() == 2);
   REQUIRE(made.forget_failures());
   CHECK(made.done().value() == places{{1, 1}, {2, 2}});
   CHECK(made.features()->size() == 1);
   CHECK(made.timings()->size() == 2);
   for (const experiment_cell &again : {good_cell(1, 2), failed_cell(2, 1)})
      CHECK(made.add(again));
   CHECK(made.add_features(2, features));
   CHECK(made.done()->size() == 3);
}

TEST_CASE("exports do not depend on the order in which cells were done, or how long they took") {
   const scratch_folder in;
   experiment_cell slow = good_cell(1, 2);
   slow.seconds = 12;
   journal one = filled(in.path() / "one", {slow, good_cell(1, 1), failed_cell(2, 1)});
   journal other = filled(in.path() / "other", {failed_cell(2, 1), good_cell(1, 1), good_cell(1, 2)});
   const std::vector<front_row> fronts = {
       {std::nullopt, 1, 0.25, std::numeric_limits<double>::infinity(), {}, {}},
       {1, 2, 0.5, 30, 1, "it's larger"}};
   experiment_findings found;
   found.rules = *rulebook_of(*config::parse_decisions(config::default_decisions(), "built in"));
   found.sources.resize(sources.size());
   found.sources[0].origin.platform = "tenor";
   found.sources[0].content = {"few_colors", "it's \"few\""};
   found.fronts = fronts;
   found.eliminations = {{"few_colors", 2, 1, 0.25, 31.25, verdict_on_pipeline::kept, "1 of 2"}};
   found.quality = "psnr";
   for (auto *from : {&one, &other}) {
      REQUIRE(from->note_rules("old"));
      REQUIRE(from->note_rules(found.rules.text));
      const fs::path out = in.path() / (from == &one ? "a" : "b");
      fs::create_directories(out);
      const auto exported = export_experiment(*from, found, out.string());
      REQUIRE_MESSAGE(exported.has_value(), (exported ? std::string() : exported.error().text));
   }
   for (const char *name : {"results.csv", "results.jsonl", "results.sqlite", "pareto.csv", "sources.csv",
                            "validation.csv", "elimination.csv"}) {
      CAPTURE(std::string(name));
      CHECK(contents(in.path() / "a" / name) == contents(in.path() / "b" / name));
      CHECK_FALSE(contents(in.path() / "a" / name).empty());
   }
   const std::string csv = contents(in.path() / "a/results.csv");
   CHECK(csv.find("\r\ngiflab.experiment/2,\"a, b.gif\",aa,1000,tenor,few_colors,2,drop_even:keep=0.5,none,"
                  "gifsicle:lossy=40,files/1-2.gif,250,25,PASS,psnr,Infinity,present,,31.25,") !=
         std::string::npos);
   CHECK(csv.find("\r\ngiflab.experiment/"
                  "2,c.gif,,0,unknown,unclassified,1,none,none,none,,,,UNKNOWN,psnr,,failed,no GIF,") !=
         std::string::npos);
   CHECK(contents(in.path() / "a/pareto.csv").find("giflab.experiment/2,\"a, b.gif\",2,") != std::string::npos);
   CHECK(contents(in.path() / "a/elimination.csv").find("few_colors,1,2,drop_even:keep=0.5,") !=
         std::string::npos);
   CHECK(contents(in.path() / "a/sources.csv").find(",few_colors,\"it's \"\"few\"\"\",") != std::string::npos);
   CHECK(contents(in.path() / "a/validation.csv").find(",size,size_percent,25,> 100,,PASS,") !=
         std::string::npos);
}

TEST_CASE("other files, and journals of other versions, are refused") {
   const scratch_folder in;
   std::ofstream(in.path() / "text") << std::string(2000, 'x');
   const auto text = journal::open((in.path() / "text").string());
   REQUIRE_FALSE(text);
   CHECK(text.error().text.find("not a database") != std::string::npos);
   CHECK_FALSE(journal::open((in.path() / "gone").string(), database::access::read));
   {
      auto later = database::open((in.path() / "later").string(), database::access::write);
      REQUIRE(later);
      REQUIRE(later->execute("PRAGMA user_version=99; CREATE TABLE t(x)"));
   }
   const auto later = journal::open((in.path() / "later").string());
   REQUIRE_FALSE(later);
   CHECK(later.error().text.find("another giflab") != std::string::npos);
}
