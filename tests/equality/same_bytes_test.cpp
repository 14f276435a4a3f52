// Levels 1 and 2, any number of threads, workers or none, and kept values give the same bytes in every output.

#include "corpus_inputs.hpp"
#include "program.hpp"
#include "runs.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace equality;

namespace {

const way plain = {.level = 1, .threads = 1, .in_process = true};

// Each way against the plain one.
void check_ways(const std::string &metrics, const inputs &over, const std::vector<way> &ways,
                const std::vector<std::string> &more = {}) {
   if (over.pairs == 0)
      return;
   const results expected = run(metrics, over.toml, plain, more);
   const std::vector<nlohmann::json> rows = rows_of(expected);
   CHECK(rows.size() == over.pairs);
   std::size_t numbers = 0;
   for (const nlohmann::json &row : rows)
      numbers += numbers_in(row);
   CHECK(numbers > 0);
   for (const way &how : ways) {
      CAPTURE(name_of(how));
      check_same(run(metrics, over.toml, how, more), expected);
   }
   MESSAGE(over.pairs << " pairs, " << numbers << " numbers, " << ways.size() << " ways");
}

const std::vector<way> every_way = {{1, 2}, {1, 8, true}, {2, 1, true}, {2, 2}, {2, 8}, {2, 8, true}};
const std::vector<way> few_ways = {{2, 2}, {1, 8, true}};

} // namespace

TEST_CASE("candidates, cheap metrics") { check_ways(metrics().cheap, candidates(), every_way); }

TEST_CASE("candidates, dear metrics") { check_ways(metrics().dear, candidates(1), few_ways); }

TEST_CASE("originals beside themselves, and damaged files") {
   check_ways(metrics().cheap, originals(), few_ways);
   check_ways(metrics().cheap, damaged(), every_way);
}

TEST_CASE("originals beside others, resized over black") {
   check_ways(metrics().cheap, neighbours(), few_ways, {"--resize", "distorted:area", "--background", "black"});
}

TEST_CASE("without a cache, cold and warm") {
   const inputs over = candidates();
   if (over.pairs == 0)
      return;
   const auto kept_in = [](const std::string &name) {
      return way{
          2,
          2,
          false,
          {{"GIFLAB_CACHE_DIR", end_to_end::fresh_folder(name).string()}, {"GIFLAB_CACHE_SIZE_MB", "2048"}}};
   };
   const way with_cache = kept_in("equality_cache");
   const results off = run(metrics().cheap, over.toml, {2, 2});
   for (int round = 0; round < 2; ++round) {
      CAPTURE(round);
      check_same(run(metrics().cheap, over.toml, with_cache), off);
   }
   // Kept by a run for one metric after the other, taken in other company.
   const way piecemeal = kept_in("equality_piecemeal");
   for (const char *some : {"ssim", "org.giflab.error", "org.giflab.temporal"})
      run(some, over.toml, piecemeal);
   check_same(run(metrics().cheap, over.toml, piecemeal), off);
}
