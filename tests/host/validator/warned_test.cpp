// What checks of threads and faults only warn of, or find needed.

#include "validated.hpp"

#include <doctest/doctest.h>

using namespace giflab::validator;
using namespace validator_tests;

namespace {

finding only(const std::string &id, const std::string &name) {
   const validation told = validated(std::string(WARNED_OF) + "/" + name + ".so", {id});
   REQUIRE(told.lines.size() == 1);
   CAPTURE(told.lines[0].found.sentence);
   return told.lines[0].found;
}

} // namespace

TEST_CASE("a needless PER_MODULE is warned of, a needed one is not") {
   const finding needless = only("T03", "needless_per_module");
   CHECK(needless.verdict == verdict::warn);
   CHECK(needless.sentence.find("GIFLAB_PER_INSTANCE would do") != std::string::npos);
   CHECK(only("T03", "needed_per_module").verdict == verdict::pass);
   CHECK(only("T02", "needed_per_module").verdict == verdict::skip);
}

TEST_CASE("a failure without a word is warned of") {
   const finding found = only("F10", "wordless");
   CHECK(found.verdict == verdict::warn);
   CHECK(found.sentence.find("without scratch") != std::string::npos);
   const finding of_probe = only("F10", "wordless_probe");
   CHECK(of_probe.verdict == verdict::warn);
   CHECK(of_probe.sentence.find("its probe returned status") != std::string::npos);
}
