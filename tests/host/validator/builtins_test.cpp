// The modules that giflab ships keep every promise that it asks of others; and the list of what it asks.

#include "validated.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

using namespace giflab::validator;
using namespace validator_tests;

namespace {

// One check of each family, none of which a sanitizer takes the place of.
const std::vector<std::string> few_checks = {"L03", "D02", "S01", "S09", "T04", "F02", "R08", "P01"};

void check_builtins(const std::vector<std::string> &ids) {
   const std::vector<std::string> paths = modules_in(BUILTIN_PLUGINS);
   CHECK(paths.size() >= 7);
   for (const std::string &path : paths) {
      const validation told = validated(path, ids);
      CHECK_FALSE(told.plugins.empty());
      for (const checked &line : told.lines) {
         if (line.found.verdict == verdict::warn)
            fmt::print("{}: warned: {}\n", path, in_words(line));
         CHECK_MESSAGE(line.found.verdict != verdict::fail, path, ": ", in_words(line));
      }
   }
}

} // namespace

TEST_CASE("every built-in module passes") { check_builtins(sanitized ? few_checks : cheap_checks()); }

// In tools/test all: ctest's test_builtins_at_length.
TEST_CASE("every built-in module takes the memory and time that it says" * doctest::skip()) {
   check_builtins(dear_checks());
}

TEST_CASE("the checks are the sixty of the list, in its order") {
   const struct {
      char family;
      int count;
   } families[] = {{'L', 9}, {'D', 10}, {'S', 14}, {'T', 6}, {'F', 10}, {'R', 8}, {'P', 3}};
   std::vector<std::string> expected, ids;
   for (const auto &[family, count] : families)
      for (int i = 1; i <= count; ++i)
         expected.push_back(fmt::format("{}{:02}", family, i));
   for (const check &one : every_check()) {
      ids.emplace_back(one.id);
      CAPTURE(one.id);
      CHECK((one.run != nullptr));
      CHECK(*one.title);
   }
   CHECK(ids == expected);
}
