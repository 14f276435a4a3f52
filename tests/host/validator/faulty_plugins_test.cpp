// Modules with one fault each: the check that they are named by finds it, and no other complains.

#include "validated.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstdio>
#include <filesystem>

using namespace giflab::validator;
using namespace validator_tests;

TEST_CASE("every faulty module fails the check that it is named by, and no other") {
   const std::vector<std::string> paths = modules_in(FAULTY_PLUGINS);
   CHECK_FALSE(paths.empty());
   for (const std::string &path : paths) {
      const std::string name = std::filesystem::path(path).stem().string();
      CAPTURE(name);
      const validation told = validated(path);
      std::string complaints;
      for (const checked &line : told.lines)
         if (line.found.verdict == verdict::fail)
            complaints += fmt::format("\n   {}", in_words(line));
      fmt::print("{}{}\n", name, complaints);
      std::fflush(stdout);
      CAPTURE(complaints);
      CHECK(failures(told) == std::set{name.substr(0, name.find('_'))});
   }
}

TEST_CASE("every family of checks has a faulty module") {
   std::set<char> families;
   for (const std::string &path : modules_in(FAULTY_PLUGINS))
      families.insert(std::filesystem::path(path).filename().string()[0]);
   CHECK(families == std::set{'L', 'D', 'S', 'T', 'F', 'R', 'P'});
}
