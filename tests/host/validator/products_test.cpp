// What the checks of products only warn of, and how a round of chance is done again.

#include "services/cancellation.hpp"
#include "validated.hpp"

#include <doctest/doctest.h>

using namespace giflab::validator;
using namespace validator_tests;

TEST_CASE("a filter that copies what it could pass is warned of") {
   const validation told = validated(std::string(WARNED_PRODUCTS) + "/copies_unchanged.so", {"P01"});
   REQUIRE(told.lines.size() == 1);
   CHECK(told.lines[0].found.verdict == verdict::warn);
   CHECK(told.lines[0].found.sentence.find("5 of 5 pictures") != std::string::npos);
}

TEST_CASE("a round that chance failed fails at once under its own seed") {
   validation_options options;
   options.only = {"P03"};
   const auto failing = [&](uint64_t seed) {
      options.seed = seed;
      const auto told = validate(std::string(FAULTY_PLUGINS) + "/P03_differs_inside_range.so", options,
                                 giflab::services::cancellation(), [](const checked &) {});
      REQUIRE(told);
      REQUIRE(told->lines.size() == 1);
      CHECK(told->lines[0].found.verdict == verdict::fail);
      return told->lines[0].found.sentence;
   };
   const std::string first = failing(1);
   const std::string mark = "--seed ";
   const auto at = first.find(mark);
   REQUIRE(at != std::string::npos);
   CHECK(failing(std::stoull(first.substr(at + mark.size()))) == first);
}
