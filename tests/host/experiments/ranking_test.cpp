// Rankings, what is kept and eliminated, and how long it would take.

#include "experiments/elimination.hpp"
#include "experiments/estimate.hpp"
#include "experiments/listing.hpp"
#include "experiments/selection.hpp"
#include "scratch_folder.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

using namespace giflab;
using namespace giflab::experiments;

namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();

value_table table(const std::vector<std::vector<double>> &values) {
   value_table made;
   for (const auto &source : values) {
      auto &row = made.emplace_back();
      for (const double one : source)
         row.push_back(std::isnan(one) ? std::nullopt : std::optional(one));
   }
   return made;
}

std::vector<std::size_t> ranks_of(const std::vector<standing> &all) {
   std::vector<std::size_t> ranks;
   for (const standing &one : all)
      ranks.push_back(one.rank);
   return ranks;
}

// A run of three sources and four pipelines. ssim by source and pipeline, and bytes of 1000; NaN: the cell
// failed.
class run {
 public:
   run(const std::vector<std::vector<double>> &ssim, const std::vector<std::vector<int64_t>> &bytes) {
      auto made = results::journal::open(folder_.file("journal.sqlite"));
      REQUIRE(made);
      journal_.emplace(std::move(*made));
      for (std::size_t i = 0; i < ssim.size(); ++i)
         sources_.push_back({std::string(1, static_cast<char>('a' + i)) + ".gif", std::to_string(i), 1000});
      for (std::size_t i = 0; i < ssim[0].size(); ++i)
         pipelines_.push_back({{"none", "palette:colours=" + std::to_string(i + 2), "gif"}});
      REQUIRE(journal_->begin({{"giflab", "1"}}, sources_, pipelines_));
      for (std::size_t source = 0; source < ssim.size(); ++source)
         for (std::size_t pipeline = 0; pipeline < ssim[source].size(); ++pipeline)
            add(source, pipeline, ssim[source][pipeline], bytes[source][pipeline]);
   }

   results::journal &journal() { return *journal_; }
   std::size_t sources() const { return sources_.size(); }

 private:
   void add(std::size_t source, std::size_t pipeline, double ssim, int64_t bytes) {
      results::experiment_cell cell;
      cell.source = static_cast<int64_t>(source) + 1;
      cell.pipeline = static_cast<int64_t>(pipeline) + 1;
      results::metric_value value;
      value.id = "ssim";
      value.direction = results::direction::higher;
      value.value = ssim;
      if (std::isnan(ssim)) {
         cell.status = value.status = results::status::failed;
         cell.reason = value.reason = "the tool said no";
      } else
         cell.found.distorted.bytes = bytes;
      cell.found.metrics = {value};
      cell.seconds = 2;
      REQUIRE(journal_->add(cell));
   }

   const tests::scratch_folder folder_;
   std::optional<results::journal> journal_;
   std::vector<results::experiment_source> sources_;
   std::vector<results::experiment_pipeline> pipelines_;
};

std::vector<int64_t> numbers(const std::vector<selected_pipeline> &all) {
   std::vector<int64_t> made;
   for (const selected_pipeline &one : all)
      made.push_back(one.pipeline);
   return made;
}

selection_wish wish_for(std::size_t top, const std::string &by, const std::vector<std::string> &where = {}) {
   selection_wish wish;
   wish.top = top;
   wish.by = by;
   for (const std::string &text : where)
      wish.where.push_back(*results::parse_gate(text, "test"));
   return wish;
}

} // namespace

TEST_CASE("ranks: means over sources, ties together, and only who has every value") {
   const auto means = ranked(table({{1, 4, 3, none}, {3, 2, 3, 5}}), averaging::arithmetic, true);
   CHECK(ranks_of(means) == std::vector<std::size_t>{3, 1, 1, 0});
   CHECK(means[3].absence == "has a value for 1 of 2 sources");
   const auto sizes = ranked(table({{0.5, 1}, {2, 1.1}}), averaging::geometric, false);
   CHECK(*sizes[0].value == doctest::Approx(1)); // half and double cancel out
   CHECK(ranks_of(sizes) == std::vector<std::size_t>{1, 2});
   CHECK(ranked(table({{none, none}}), averaging::arithmetic, true)[0].absence == "no source has a value");
   const double infinite = std::numeric_limits<double>::infinity();
   CHECK(ranks_of(ranked(table({{30, infinite, infinite}}), averaging::arithmetic, true)) ==
         std::vector<std::size_t>{3, 1, 1});
   CHECK(ranked(table({{infinite}, {-infinite}}), averaging::arithmetic, true)[0].rank == 0);
}

TEST_CASE("a selection keeps ties, says who has no place, and lets conditions exclude") {
   run made({{0.9, 0.8, 0.9, 0.7}, {0.7, 0.8, 0.7, none}}, {{500, 400, 600, 100}, {500, 400, 600, 0}});
   const auto best = select_pipelines(made.journal(), wish_for(1, "ssim"));
   REQUIRE(best);
   CHECK(numbers(best->best) == std::vector<int64_t>{1, 2, 3}); // all have a mean of 0.8
   CHECK(best->others.at(0).by.absence.find("1 of 2 sources; b.gif: the tool said no") != std::string::npos);
   const auto smallest = select_pipelines(made.journal(), wish_for(2, "ratio", {"ssim >= 0.75"}));
   REQUIRE(smallest);
   CHECK(numbers(smallest->best) == std::vector<int64_t>{2});
   CHECK(smallest->others.at(0).refusal == "b.gif: ssim >= 0.75 does not hold: it is 0.7");
   const auto unknown = select_pipelines(made.journal(), wish_for(1, "sim"));
   REQUIRE_FALSE(unknown);
   CHECK(unknown.error().text.find("did you mean ssim?") != std::string::npos);
}

TEST_CASE("listed pipelines: each once, in their order, the first of them where fewer are wanted") {
   const std::vector<config::run_pipeline> written = {{{"none", "palette:colours=8", "gif"}, "1"},
                                                      {{"drop_even", "palette:colours=8", "none"}, "2"},
                                                      {{"none", "palette:colours=8", "gif"}, "3"}};
   const listed_pipelines all = listed(written, std::nullopt);
   CHECK(all.chosen == std::vector<combination>{{0, 0, 0}, {1, 0, 1}});
   CHECK(all.levels[0].at(1).step == "drop_even");
   CHECK(all.levels[1].size() == 1);
   CHECK(listed(written, 1).chosen.size() == 1);
}

TEST_CASE("elimination keeps who is among the best of a class, on the front, and above the floor") {
   run made({{0.9, 0.5, 0.85, 0.2}, {0.6, 0.5, 0.55, 0.1}, {0.9, 0.9, none, 0.8}},
            {{900, 500, 950, 100}, {900, 500, 950, 100}, {900, 800, 0, 700}});
   const auto written =
       config::parse_decisions("[[content_classes]]\nname = \"x\"\nall = [\"frames > 0\"]\n"
                               "[elimination]\ntop = 1\nby = [\"quality\", \"ratio\", \"front\", "
                               "\"vif\"]\neliminate_if = [\"ssim < 0.3\", \"mse > 5\"]\n",
                               "test");
   REQUIRE(written);
   const auto rules = results::rulebook_of(*written);
   REQUIRE(rules);
   std::vector<results::source_finding> sources(made.sources());
   sources[0].content.name = sources[1].content.name = "x"; // the third is unclassified
   const auto found = eliminate(made.journal(), *rules, sources, {"ssim", results::statistic::value});
   REQUIRE(found);
   REQUIRE(found->rows.size() == 3 * 4);
   std::string verdicts;
   for (const results::elimination_row &row : found->rows)
      verdicts += std::string(word_for(row.verdict)).substr(0, 1);
   // Over all; class x: the best, the front, neither, below the floor; unclassified, where one failed: ties.
   CHECK(verdicts == "kkek"
                     "kkee"
                     "kknk");
   CHECK(found->rows[4].content_class == "x");
   CHECK(found->rows[4].sources == 2);
   CHECK(found->rows[5].reason == "3 of 4 by quality, 2 of 4 by ratio, on the front");
   CHECK(found->rows[6].reason == "not among the best 1: 2 of 4 by quality, 4 of 4 by ratio");
   CHECK(found->rows[7].reason.starts_with("ssim < 0.3: the mean is 0.15; "));
   CHECK(found->rows[3].reason == "kept for unclassified");
   CHECK(found->notes.size() == 2); // vif and mse were not computed
}

TEST_CASE("time: cells that were timed, else their pipeline's pace, else that of all") {
   const std::vector<std::string> pipelines = {"slow", "quick", "new"};
   const std::vector<double> work = {100, 200, 400};
   const std::vector<timed_cell> timed = {{cell_place(0, 0), "slow", 100, 10},
                                          {cell_place(1, 0), "slow", 200, 20},
                                          {cell_place(0, 1), "quick", 100, 1},
                                          {std::nullopt, "elsewhere", 100, 9}};
   const time_estimate known = estimate({{0, 0}, {0, 1}}, pipelines, work, timed);
   CHECK(known.seconds == 11);
   CHECK(known.error == 0);
   CHECK(known.known == 2);
   const time_estimate guessed = estimate({{2, 0}, {2, 1}, {2, 2}}, pipelines, work, timed);
   CHECK(guessed.seconds == doctest::Approx(400 * 0.1 + 400 * 0.01 + 400 * 40.0 / 500));
   CHECK(guessed.guessed == 3);
   CHECK(guessed.error > 0);
   CHECK(std::isnan(estimate({{1, 0}}, pipelines, work, {timed[0]}).error));
   const std::vector<timed_cell> even = {{std::nullopt, "a", 100, 1}, {std::nullopt, "b", 300, 3}};
   CHECK(estimate({{1, 2}}, pipelines, work, even).error == doctest::Approx(0));
}
