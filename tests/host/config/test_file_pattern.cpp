#include "config/file_pattern.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <vector>

using namespace giflab::config;

TEST_CASE("patterns") {
   CHECK(matches_pattern("*.gif", "a.gif"));
   CHECK(matches_pattern("*", "a"));
   CHECK(matches_pattern("a*b*c", "aXbYbZc"));
   CHECK(matches_pattern("a?c", "abc"));
   CHECK(matches_pattern("a?c", "a\xC3\xBC"
                                "c")); // one character of two bytes
   CHECK(matches_pattern("[a-c][!x]", "bz"));
   CHECK(matches_pattern("[]]", "]"));
   CHECK(matches_pattern("[-a]", "-"));
   CHECK(matches_pattern("a[b", "a[b")); // never closed: an ordinary character
   CHECK(matches_pattern("", ""));
   CHECK(matches_pattern(".*", ".hidden"));

   CHECK_FALSE(matches_pattern("*", ".hidden"));
   CHECK_FALSE(matches_pattern("*.gif", "a.gif2"));
   CHECK_FALSE(matches_pattern("a?c", "ac"));
   CHECK_FALSE(matches_pattern("[a-c]", "d"));
   CHECK_FALSE(matches_pattern("[!a]", "a"));
   CHECK_FALSE(matches_pattern("[c-a]", "b"));
   CHECK_FALSE(matches_pattern("a", ""));
   CHECK_FALSE(matches_pattern("", "a"));
   CHECK_FALSE(matches_pattern("*.GIF", "a.gif"));
}

TEST_CASE("a pattern of many stars takes no exponential time") {
   std::string pattern;
   for (int i = 0; i < 60; ++i)
      pattern += "*a";
   CHECK_FALSE(matches_pattern(pattern + "b", std::string(250, 'a')));
}

TEST_CASE("an escaped pattern fits one text alone") {
   for (const std::string text : {"a*b", "[x]", "what?", "plain", "[!a-z]*"}) {
      CHECK(matches_pattern(escaped_pattern(text), text));
      CHECK_FALSE(matches_pattern(escaped_pattern(text), text + "x"));
   }
   CHECK_FALSE(matches_pattern(escaped_pattern("a*b"), "aXb"));
}

TEST_CASE("files come in the order in which people count") {
   const std::vector<std::string> expected{
       "a",           "a/1.gif",        "a/z", "a-b", "frame1.gif", "frame2.gif", "frame02b",
       "frame10.gif", "frame010.gif.2", "z"};
   std::vector<std::string> sorted = expected;
   std::ranges::reverse(sorted);
   std::ranges::sort(sorted, natural_less);
   CHECK(sorted == expected);
   CHECK(natural_less("a01", "a1"));
   CHECK_FALSE(natural_less("a1", "a01"));
   CHECK_FALSE(natural_less("a1", "a1"));
   CHECK(natural_less("99999999999999999999998", "99999999999999999999999")); // larger than any integer type
}
