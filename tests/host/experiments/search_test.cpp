// Budget search: halving, what counts as one knob, and what comes of it.

#include "experiments/bisection.hpp"
#include "experiments/ladder.hpp"
#include "experiments/search.hpp"
#include "scratch_folder.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <random>
#include <set>

using namespace giflab;
using namespace giflab::experiments;

namespace {

// Values tried until nothing more is wanted.
std::set<std::size_t> tried(std::size_t values, std::size_t neighbours,
                            const std::function<bool(std::size_t)> &meets) {
   bisection halving(values, neighbours);
   std::set<std::size_t> all;
   for (auto wanted = halving.wanted(); !wanted.empty(); wanted = halving.wanted())
      for (const std::size_t value : wanted) {
         CHECK(all.insert(value).second); // nothing twice
         halving.tell(value, meets(value));
      }
   return all;
}

results::experiment_pipeline pipeline(const std::string &lossy) { return {{"none", "none", lossy}}; }

std::vector<results::experiment_pipeline> lossy_from_0_to(int most) {
   std::vector<results::experiment_pipeline> all;
   for (int value = 0; value <= most; ++value)
      all.push_back(pipeline(fmt::format("gifsicle:lossy={}", value)));
   return all;
}

std::string refusal(const std::vector<results::experiment_pipeline> &pipelines,
                    const std::vector<knob_name> &knobs) {
   const auto made = ladders_of(pipelines, knobs);
   REQUIRE_FALSE(made);
   return made.error().text;
}

// What a made-up encoder gives for a pipeline's number, from 0.
struct made_up {
   double quality = 0;
   int64_t bytes = 0;
   results::status status = results::status::present;
};

// Searches in a journal of its own, which `before` may have filled.
class searched {
 public:
   explicit searched(std::vector<results::experiment_pipeline> pipelines, std::size_t sources = 1) {
      of.pipelines = std::move(pipelines);
      for (std::size_t i = 0; i < sources; ++i) {
         planned_source &source = of.sources.emplace_back();
         source.about = {fmt::format("{}.gif", i), fmt::format("content {}", i), 1000};
      }
      std::vector<results::experiment_source> about;
      for (const planned_source &source : of.sources)
         about.push_back(source.about);
      journal.emplace(results::journal::open(folder_.file("journal.sqlite")).value());
      REQUIRE(journal->begin({{"a", "b"}}, about, of.pipelines));
      plan.ladders = ladders_of(of.pipelines, {{"lossy", "here"}}).value();
      plan.goals = {results::parse_gate("q >= 70", "here").value()};
   }

   std::vector<results::search_row> run(const std::function<made_up(std::size_t, std::size_t)> &encoder,
                                        std::size_t stop_after = 1'000'000) {
      auto rows = search(of, plan, *journal,
                         [&](const std::vector<cell_place> &cells, const cell_listener &told) -> result<void> {
                            for (const auto &[source, pipeline] : cells) {
                               if (++trials > stop_after)
                                  return failed(problem::cancelled, "stopped");
                               const results::experiment_cell cell = made(source, pipeline, encoder);
                               REQUIRE(journal->add(cell)); // an error where it is there
                               told(cell, trials);
                            }
                            return {};
                         });
      return rows ? *rows : std::vector<results::search_row>{};
   }

   experiment of;
   search_plan plan;
   std::optional<results::journal> journal;
   std::size_t trials = 0;

 private:
   static results::experiment_cell made(std::size_t source, std::size_t pipeline,
                                        const std::function<made_up(std::size_t, std::size_t)> &encoder) {
      const made_up told = encoder(source, pipeline);
      results::experiment_cell cell;
      cell.source = static_cast<int64_t>(source) + 1;
      cell.pipeline = static_cast<int64_t>(pipeline) + 1;
      cell.status = told.status;
      cell.reason = told.status == results::status::present ? "" : "no such tool";
      cell.found.distorted.bytes = told.status == results::status::present ? told.bytes : 0;
      results::metric_value value;
      value.id = "q";
      value.value = told.quality;
      value.status = told.status;
      value.reason = cell.reason;
      cell.found.metrics.push_back(value);
      return cell;
   }

   const tests::scratch_folder folder_;
};

made_up falling(std::size_t pipeline, double border) {
   return {70 + (border - static_cast<double>(pipeline)), 1000 - static_cast<int64_t>(pipeline)};
}

} // namespace

TEST_CASE("halving finds the border wherever it is, with its neighbours, in few trials") {
   for (const std::size_t values : {1, 2, 3, 4, 7, 64, 201, 1000})
      for (const std::size_t neighbours : {0, 2, 5})
         for (std::size_t border = 0; border<values; border += values> 100 ? 13 : 1) {
            const auto all = tried(values, neighbours, [&](std::size_t value) { return value <= border; });
            CAPTURE(values);
            CAPTURE(border);
            CHECK(all.contains(border));
            for (std::size_t apart = 0; apart <= neighbours; ++apart) {
               CHECK((border < apart || all.contains(border - apart)));
               CHECK((border + apart >= values || all.contains(border + apart)));
            }
            CHECK(all.size() <= bisection::most_trials(values, neighbours));
         }
   CHECK(bisection::most_trials(201, 2) == 14);
   CHECK(tried(201, 2, [](std::size_t) { return false; }) == std::set<std::size_t>{0, 200});
   CHECK(tried(201, 2, [](std::size_t) { return true; }) == std::set<std::size_t>{0, 198, 199, 200});
}

TEST_CASE("a value beyond the border that meets the goal moves it") {
   // 40 misses and 41 and 42 meet: a dent that halving does not see
   const auto all = tried(101, 2, [](std::size_t value) { return value <= 39 || value == 41 || value == 43; });
   for (const std::size_t value : {41, 42, 43, 44, 45})
      CHECK(all.contains(value));
   CHECK_FALSE(all.contains(47));
}

TEST_CASE("pipelines that differ in a knob alone are one ladder") {
   const auto ladders =
       ladders_of({pipeline("a:x=1,lossy=0"), pipeline("a:x=1,lossy=20"), pipeline("none"),
                   pipeline("a:x=2,lossy=0"), pipeline("a:x=2,lossy=20"), pipeline("b:lossy=7")},
                  {{"a.lossy", "here"}})
           .value();
   REQUIRE(ladders.size() == 4);
   CHECK(ladders[0].text == "a:x=1,lossy=*");
   CHECK(ladders[0].knob == "lossy");
   CHECK(ladders[0].pipelines == std::vector<std::size_t>{0, 1});
   CHECK(ladders[0].values == std::vector<std::string>{"0", "20"});
   CHECK(ladders[1].text == "none");
   CHECK(ladders[1].knob.empty());
   CHECK(ladders[2].pipelines == std::vector<std::size_t>{3, 4});
   CHECK(ladders[3].text == "b:lossy=7"); // another's lossy is no knob here
}

TEST_CASE("knobs that mean nothing are refused in words") {
   CHECK(refusal({pipeline("a:lossy=1")}, {{"lossi", "f:1:1"}}) ==
         "f:1:1: no step of [pipelines] has the knob \"lossi\": did you mean a.lossy?");
   CHECK(refusal({pipeline("a:lossy=1,x=2")}, {{"lossy", "f:1:1"}, {"x", "f:1:2"}}).find("two knobs") !=
         std::string::npos);
   CHECK(refusal({pipeline("a:lossy=1"), pipeline("a:lossy=3"), pipeline("a:lossy=2")}, {{"lossy", "f:1:1"}})
             .find("the gentlest first") != std::string::npos);
   CHECK(
       refusal({pipeline("a:lossy=low"), pipeline("a:lossy=high")}, {{"lossy", "f:1:1"}}).find("no numbers") !=
       std::string::npos);
}

TEST_CASE("a search finds for each source what trying everything finds") {
   searched work(lossy_from_0_to(200), 3);
   const double borders[] = {0.5, 77, 500};
   const auto rows =
       work.run([&](std::size_t source, std::size_t pipeline) { return falling(pipeline, borders[source]); });
   REQUIRE(rows.size() == 3);
   const std::size_t expected[] = {0, 77, 200};
   for (std::size_t i = 0; i < 3; ++i) {
      REQUIRE(rows[i].best);
      CHECK(rows[i].trials[*rows[i].best].value == std::to_string(expected[i]));
      CHECK(rows[i].chosen);
      CHECK(rows[i].notes.empty());
      CHECK(rows[i].trials.size() <= 14);
   }
   CHECK(rows[1].trials[*rows[1].best].readings[0] == 70);
}

TEST_CASE("of several ladders the smallest answer is chosen, and each has its own") {
   std::vector<results::experiment_pipeline> pipelines;
   for (const char *dither : {"none", "o3"})
      for (int value = 0; value <= 50; ++value)
         pipelines.push_back(pipeline(fmt::format("gifsicle:dither={},lossy={}", dither, value)));
   searched work(pipelines);
   const auto rows = work.run([](std::size_t, std::size_t number) {
      const auto value = static_cast<int64_t>(number % 51);
      const bool dithered = number >= 51; // gets further, from a larger file
      return made_up{(dithered ? 100.0 : 80.0) - static_cast<double>(value), (dithered ? 1015 : 1000) - value};
   });
   REQUIRE(rows.size() == 2);
   CHECK(rows[0].trials[*rows[0].best].value == "10");
   CHECK(rows[1].trials[*rows[1].best].value == "30");
   CHECK_FALSE(rows[0].chosen); // 990
   CHECK(rows[1].chosen);       // 985
}

TEST_CASE("what cannot be reached is said, and why") {
   {
      searched work(lossy_from_0_to(100));
      const auto row = work.run([](std::size_t, std::size_t number) { return falling(number, -5); }).at(0);
      CHECK_FALSE(row.best);
      CHECK(row.outcome == results::search_outcome::unreachable);
      CHECK(row.reason == "even lossy=0 misses the goal q >= 70: it is 65");
      CHECK(row.trials.size() == 2);
   }
   {
      searched work(lossy_from_0_to(100));
      const auto row = work.run([](std::size_t, std::size_t number) {
                              return made_up{static_cast<double>(number), 1000};
                           })
                           .at(0);
      CHECK_FALSE(row.best);
      CHECK(row.reason ==
            "lossy=0 misses the goal and lossy=100 meets it: write the values of lossy the other way "
            "round, the gentlest first");
   }
   {
      searched work(lossy_from_0_to(100));
      const auto row = work.run([](std::size_t, std::size_t) {
                              return made_up{0, 0, results::status::unavailable};
                           })
                           .at(0);
      CHECK(row.outcome == results::search_outcome::unavailable);
      CHECK(row.reason == "no such tool");
   }
}

TEST_CASE("what is not monotone is told of, and the smallest that meets is still the answer") {
   searched work(lossy_from_0_to(100));
   const auto row = work.run([](std::size_t, std::size_t number) {
                           made_up told = falling(number, 39);
                           if (number == 41)
                              told.quality = 71;
                           if (number == 41 || number == 39)
                              told.bytes += 500; // larger than their gentler neighbours
                           return told;
                        })
                        .at(0);
   REQUIRE(row.best);
   CHECK(row.trials[*row.best].value == "38"); // 39 and 41 meet too, in larger files
   REQUIRE(row.notes.size() == 2);
   CHECK(row.notes[0] == "not monotone: lossy=40 misses the goal and lossy=41 meets it");
   CHECK(row.notes[1] == "size is not monotone: lossy=39 is larger than lossy=38, and 1 more like it");
}

TEST_CASE("stopped after any trial and gone on with, a search tries the same, each once") {
   const auto encoder = [](std::size_t, std::size_t number) { return falling(number, 33); };
   searched whole(lossy_from_0_to(100), 2);
   const auto expected = whole.run(encoder);
   const std::size_t all = whole.trials;
   for (std::size_t stop = 1; stop < all; stop += 5) {
      searched work(lossy_from_0_to(100), 2);
      CHECK(work.run(encoder, stop).empty());
      CHECK(work.journal->done().value().size() == stop);
      const auto rows = work.run(encoder);
      CHECK(work.trials == all + 1); // the one that was refused counts twice
      REQUIRE(rows.size() == expected.size());
      for (std::size_t i = 0; i < rows.size(); ++i) {
         CHECK(rows[i].best == expected[i].best);
         CHECK(rows[i].trials.size() == expected[i].trials.size());
      }
   }
}
