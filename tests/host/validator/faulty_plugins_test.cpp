// Modules with one fault each: the check that they are named by finds it, and no other complains.

#include "validated.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstdio>
#include <filesystem>

using namespace giflab::validator;
using namespace validator_tests;

namespace {

// Of which checks a module is asked, beside the one that it is named by.
enum class portion { family, all };

std::vector<std::string> checks_for(const std::string &named_by, portion of) {
   if (of == portion::all)
      return {};
   std::vector<std::string> asked = {named_by};
   for (const std::string &id : cheap_checks())
      if (id[0] == named_by[0])
         asked.push_back(id);
   return asked;
}

void check_faulty(portion of) {
   const std::vector<std::string> paths = modules_in(FAULTY_PLUGINS);
   CHECK_FALSE(paths.empty());
   for (const std::string &path : paths) {
      const std::string name = std::filesystem::path(path).stem().string();
      const std::string named_by = name.substr(0, name.find('_'));
      CAPTURE(name);
      const validation told = validated(path, checks_for(named_by, of));
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

TEST_CASE("every faulty module fails the check that it is named by, and no other of its family") {
   check_faulty(portion::family);
}

// In tools/test all: ctest's test_validator_at_length.
TEST_CASE("no faulty module fails any other check than the one that it is named by" * doctest::skip()) {
   check_faulty(portion::all);
}

TEST_CASE("every family of checks has a faulty module") {
   std::set<char> families;
   for (const std::string &path : modules_in(FAULTY_PLUGINS))
      families.insert(std::filesystem::path(path).filename().string()[0]);
   CHECK(families == std::set{'L', 'D', 'S', 'T', 'F', 'R', 'P'});
}
