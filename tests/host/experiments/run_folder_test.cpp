#include "experiments/run_folder.hpp"
#include "scratch_folder.hpp"

#include <doctest/doctest.h>

#include <filesystem>

using namespace giflab;
using namespace giflab::experiments;
namespace fs = std::filesystem;

namespace {

const results::run_facts facts = {{"giflab", "1"}, {"setting align", "time"}};
const std::vector<results::experiment_source> sources = {{"a.gif", "aa", 10}, {"b.gif", "bb", 20}};
const std::vector<results::experiment_pipeline> pipelines = {{{"none", "none", "gifsicle"}}};

// In a folder of its own, where runs/ would be.
class elsewhere {
 public:
   elsewhere() { fs::current_path(folder_.path()); }
   ~elsewhere() { fs::current_path(before_); }
   elsewhere(const elsewhere &) = delete;
   elsewhere &operator=(const elsewhere &) = delete;

 private:
   const tests::scratch_folder folder_;
   const fs::path before_ = fs::current_path();
};

result<run_folder> opened(const folder_wish &wish, const results::run_facts &with = facts) {
   std::vector<std::string> differing;
   return run_folder::open(wish, with, sources, pipelines, differing);
}

void finish(run_folder &folder, results::status second = results::status::present) {
   for (int64_t source : {1, 2}) {
      results::experiment_cell cell;
      cell.source = source;
      cell.pipeline = 1;
      if (source == 2)
         cell.status = second;
      REQUIRE(folder.journal().add(cell));
   }
}

} // namespace

TEST_CASE("the facts in which two runs differ are told by name") {
   CHECK(differences(facts, facts).empty());
   CHECK(differences(facts, {{"giflab", "2"}, {"setting resize", "none"}}) ==
         std::vector<std::string>{"giflab: was 1, is 2", "setting align: was time, is not there",
                                  "setting resize: was not there, is none"});
}

TEST_CASE("numbered folders: the same run goes on, another or a finished one gets the next number") {
   const elsewhere here;
   {
      auto first = opened({{}, "test", false});
      REQUIRE_MESSAGE(first.has_value(), (first ? std::string() : first.error().text));
      CHECK(first->path() == "runs/001-test");
      const auto beside = opened({{}, "test", false}); // the first is being worked in
      REQUIRE(beside);
      CHECK(beside->path() == "runs/002-test");
      CHECK(fs::read_symlink("runs/latest") == "002-test");
   }
   {
      auto again = opened({{}, "test", false});
      REQUIRE(again);
      CHECK(again->path() == "runs/002-test");
      finish(*again);
   }
   CHECK(opened({{}, "test", false})->path() == "runs/003-test");
   CHECK(opened({{}, "other", false})->path() == "runs/004-other");
   CHECK(opened({{}, "test", false}, {{"giflab", "2"}})->path() == "runs/005-test");
   CHECK_FALSE(opened({{}, "test", true})); // the newest of that name is another run now
   CHECK_FALSE(opened({{}, "none", true}));
}

TEST_CASE("a folder that was named is gone on with, or refused") {
   const elsewhere here;
   CHECK_FALSE(opened({"out", "test", true})); // nothing to go on with
   {
      auto first = opened({"out", "test", false});
      REQUIRE(first);
      finish(*first);
      const auto beside = opened({"out", "test", false});
      REQUIRE_FALSE(beside);
      CHECK(beside.error().text.find("another giflab is at work") != std::string::npos);
   }
   CHECK(opened({"out", "test", false})->done().size() == 2);
   std::vector<std::string> differing;
   const auto other = run_folder::open({"out", "test", false}, {{"giflab", "1"}, {"setting align", "index"}},
                                       sources, pipelines, differing);
   REQUIRE_FALSE(other);
   CHECK(differing == std::vector<std::string>{"setting align: was time, is index"});
   CHECK_FALSE(fs::exists("runs"));
}

TEST_CASE("a run in which something failed is not done, and what failed is to be tried again") {
   const elsewhere here;
   {
      auto first = opened({{}, "test", false});
      REQUIRE(first);
      finish(*first, results::status::failed);
   }
   auto again = opened({{}, "test", false});
   REQUIRE(again);
   CHECK(again->path() == "runs/001-test");
   CHECK(again->done() == std::set<std::pair<int64_t, int64_t>>{{1, 1}});
   results::experiment_cell mended;
   mended.source = 2;
   mended.pipeline = 1;
   CHECK(again->journal().add(mended));
   CHECK(again->journal().done()->size() == 2);
}

TEST_CASE("what a killed run left half written is swept away") {
   const elsewhere here;
   { REQUIRE(opened({"out", "test", false})); }
   fs::copy_file("out/lock", "out/files/.giflab-1-1.tmp");
   REQUIRE(opened({"out", "test", false}));
   CHECK(fs::is_empty("out/files"));
}
