// Level 1 against level 0, the plain code that judges the rest: each number within its output's tolerance.

#include "corpus_inputs.hpp"
#include "runs.hpp"

#include <cmath>
#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace equality;
using nlohmann::json;

namespace {

// What was compared of one output.
struct agreement {
   std::size_t numbers = 0, differing = 0, beyond = 0;
   double farthest = 0, relative = 0;
   std::string beyond_in; // the first that is not within the tolerance
};

class comparer {
 public:
   void compare_rows(const json &fast, const json &judge) {
      where_ = fast["distorted"]["path"];
      for (const char *part : {"reference", "distorted", "alignment", "settings"})
         CHECK(fast[part] == judge[part]);
      REQUIRE(fast["metrics"].size() == judge["metrics"].size());
      for (const auto &[id, metric] : fast["metrics"].items())
         compare_metrics(id, metric, judge["metrics"][id]);
      REQUIRE(fast["frames"].size() == judge["frames"].size());
      for (std::size_t i = 0; i < fast["frames"].size(); ++i)
         for (const auto &[id, value] : fast["frames"][i]["values"].items())
            compare_numbers(id, value, judge["frames"][i]["values"][id]);
   }

   void tell() const {
      std::size_t numbers = 0, differing = 0;
      for (const auto &[id, found] : outputs_) {
         CAPTURE(id);
         CHECK_MESSAGE(found.beyond == 0, found.beyond_in);
         numbers += found.numbers;
         differing += found.differing;
         if (found.differing > 0 && whole_corpus())
            MESSAGE(fmt::format("{}: {} of {} numbers are not the same bits, at most {:.3g} apart, relatively "
                                "{:.3g}; tolerance {}",
                                id, found.differing, found.numbers, found.farthest, found.relative,
                                tolerances().at(id)));
      }
      CHECK(numbers > 0);
      MESSAGE(numbers << " numbers, " << differing << " not the same bits");
   }

 private:
   // The variance of three values is not within the tolerance of values, and which pairs are the worst may
   // change among equals.
   void compare_metrics(const std::string &id, const json &fast, const json &judge) {
      CAPTURE(id);
      for (const char *part :
           {"status", "reason", "direction", "unit", "pooling", "plugin", "version", "frames"})
         CHECK(fast[part] == judge[part]);
      compare_numbers(id, fast["value"], judge["value"]);
      CHECK(fast["statistics"].is_null() == judge["statistics"].is_null());
      if (fast["statistics"].is_object())
         for (const auto &[name, value] : fast["statistics"].items())
            if (name != "positional_variance")
               compare_numbers(id, value, judge["statistics"][name]);
   }

   void compare_numbers(const std::string &id, const json &fast, const json &judge) {
      agreement &of = outputs_[id];
      ++of.numbers;
      if (fast == judge)
         return;
      ++of.differing;
      const bool numbers = fast.is_number() && judge.is_number();
      const double apart = numbers ? std::abs(fast.get<double>() - judge.get<double>()) : INFINITY;
      of.farthest = std::max(of.farthest, apart);
      if (numbers)
         of.relative = std::max(of.relative,
                                apart / std::max(std::abs(fast.get<double>()), std::abs(judge.get<double>())));
      if (apart > tolerances().at(id) && of.beyond++ == 0)
         of.beyond_in = fmt::format("{}: {} and {} at level 0", where_, fast.dump(), judge.dump());
   }

   std::map<std::string, agreement> outputs_;
   std::string where_;
};

void check_level_0(const std::string &metrics, const inputs &over) {
   if (over.pairs == 0)
      return;
   const std::vector<json> fast = rows_of(run(metrics, over.toml, {1, 2})),
                           judge = rows_of(run(metrics, over.toml, {0, 1}));
   REQUIRE(fast.size() == over.pairs);
   REQUIRE(judge.size() == over.pairs);
   comparer found;
   for (std::size_t i = 0; i < fast.size(); ++i)
      found.compare_rows(fast[i], judge[i]);
   found.tell();
}

} // namespace

TEST_CASE("level 1 is within the tolerance of level 0: candidates, the set default") {
   check_level_0("default", candidates(1));
}

TEST_CASE("level 1 is within the tolerance of level 0: originals beside themselves, and damaged files") {
   check_level_0("default", originals());
   check_level_0("default", damaged());
}
