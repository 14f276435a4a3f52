// Modules with one fault each: the check that they are named by finds it, and no other complains.

#include "validated.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstdio>
#include <filesystem>

using namespace giflab::validator;
using namespace validator_tests;

namespace {

// Each module under the check that it is named by and those of `ids`; of all, where there are none.
void check_faulty(const std::vector<std::string> &ids) {
   const std::vector<std::string> paths = modules_in(FAULTY_PLUGINS);
   CHECK_FALSE(paths.empty());
   for (const std::string &path : paths) {
      const std::string name = std::filesystem::path(path).stem().string();
      const std::string named_by = name.substr(0, name.find('_'));
      CAPTURE(name);
      std::vector<std::string> asked = ids;
      if (!ids.empty())
         asked.push_back(named_by);
      const validation told = validated(path, asked);
      std::string complaints;
      for (const checked &line : told.lines)
         if (line.found.verdict == verdict::fail)
            complaints += fmt::format("\n   {}", in_words(line));
      fmt::print("{}{}\n", name, complaints);
      std::fflush(stdout);
      CAPTURE(complaints);
      CHECK(failures(told) == std::set{named_by});
   }
}

} // namespace

TEST_CASE("every faulty module fails the check that it is named by, and no other") {
   check_faulty(cheap_checks());
}

// In tools/test all: ctest's test_validator_at_length.
TEST_CASE("no faulty module fails a check of memory and time that it is not named by" * doctest::skip()) {
   check_faulty({});
}

TEST_CASE("every family of checks has a faulty module") {
   std::set<char> families;
   for (const std::string &path : modules_in(FAULTY_PLUGINS))
      families.insert(std::filesystem::path(path).filename().string()[0]);
   CHECK(families == std::set{'L', 'D', 'S', 'T', 'F', 'R', 'P'});
}
