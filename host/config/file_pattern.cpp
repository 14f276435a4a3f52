#include "config/file_pattern.hpp"

#include <cstddef>

namespace giflab::config {

namespace {

constexpr std::string_view wildcards = "*?[";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::size_t character_bytes(std::string_view text) {
   std::size_t bytes = 1;
   while (bytes < text.size() && (static_cast<unsigned char>(text[bytes]) & 0xC0u) == 0x80)
      ++bytes;
   return bytes;
}

// Whether `byte` is in the set that follows '[' in `pattern`, and where the pattern goes on. A set that is
// never closed is an ordinary '['.
struct set_match {
   bool matched = false;
   std::size_t bytes = 0;
};

set_match match_set(std::string_view pattern, char byte) {
   std::size_t i = 1;
   const bool negated = i < pattern.size() && pattern[i] == '!';
   i += negated ? 1 : 0;
   bool inside = false;
   for (const std::size_t first = i; i < pattern.size(); ++i) {
      if (pattern[i] == ']' && i != first)
         return {inside != negated, i + 1};
      const bool range = i + 2 < pattern.size() && pattern[i + 1] == '-' && pattern[i + 2] != ']';
      const auto low = static_cast<unsigned char>(pattern[i]);
      const auto high = static_cast<unsigned char>(pattern[range ? i + 2 : i]);
      inside |= low <= static_cast<unsigned char>(byte) && static_cast<unsigned char>(byte) <= high;
      i += range ? 2 : 0;
   }
   return {byte == '[', 1};
}

// Matches one element of the pattern that is not '*' at the start of both; no bytes if it does not fit.
struct step {
   std::size_t pattern = 0, name = 0;
};

step match_one(std::string_view pattern, std::string_view name) {
   if (pattern.empty() || name.empty())
      return {};
   if (pattern[0] == '?')
      return {1, character_bytes(name)};
   if (pattern[0] == '[') {
      const set_match set = match_set(pattern, name[0]);
      return set.matched ? step{set.bytes, 1} : step{};
   }
   return pattern[0] == name[0] ? step{1, 1} : step{};
}

// The digits at `at` without leading zeros; moves `at` behind them.
std::string_view take_number(std::string_view text, std::size_t &at) {
   while (at < text.size() && text[at] == '0')
      ++at;
   const std::size_t start = at;
   while (at < text.size() && is_digit(text[at]))
      ++at;
   return text.substr(start, at - start);
}

} // namespace

bool natural_less(std::string_view a, std::string_view b) {
   std::size_t i = 0, j = 0;
   while (i < a.size() && j < b.size()) {
      if (!is_digit(a[i]) || !is_digit(b[j])) {
         // A folder's files stand together: '/' comes before every other character.
         const int left = a[i] == '/' ? -1 : static_cast<unsigned char>(a[i]);
         const int right = b[j] == '/' ? -1 : static_cast<unsigned char>(b[j]);
         if (left != right)
            return left < right;
         ++i, ++j;
         continue;
      }
      const std::string_view left = take_number(a, i), right = take_number(b, j);
      if (left != right)
         return left.size() != right.size() ? left.size() < right.size() : left < right;
   }
   if (i == a.size() && j == b.size())
      return a < b; // equal but for leading zeros
   return i == a.size();
}

bool matches_pattern(std::string_view pattern, std::string_view name) {
   if (name.starts_with('.') && !pattern.starts_with('.'))
      return false;
   // On a mismatch the last '*' takes one byte more; earlier ones never need to.
   std::string_view after_star, tried;
   bool star = false;
   while (!name.empty() || !pattern.empty()) {
      if (pattern.starts_with('*')) {
         pattern.remove_prefix(1);
         after_star = pattern;
         tried = name;
         star = true;
         continue;
      }
      if (const step fit = match_one(pattern, name); fit.pattern != 0) {
         pattern.remove_prefix(fit.pattern);
         name.remove_prefix(fit.name);
         continue;
      }
      if (!star || tried.empty())
         return false;
      tried.remove_prefix(1);
      name = tried;
      pattern = after_star;
   }
   return true;
}

bool has_wildcards(std::string_view pattern) {
   return pattern.find_first_of(wildcards) != std::string_view::npos;
}

std::string escaped_pattern(std::string_view text) {
   std::string pattern;
   for (const char c : text) {
      const bool special = wildcards.find(c) != std::string_view::npos;
      pattern += special ? std::string{'[', c, ']'} : std::string{c};
   }
   return pattern;
}

} // namespace giflab::config
