#include "config/nearest_name.hpp"

#include "config/printable.hpp"

#include <algorithm>

namespace giflab::config {

namespace {

constexpr std::size_t longest_compared = 64; // a hostile name of a megabyte must not cost a minute
constexpr std::size_t most_suggested = 3;

std::string folded(std::string_view name) {
   std::string text(name.substr(0, longest_compared));
   for (char &c : text) {
      if (c >= 'A' && c <= 'Z')
         c = static_cast<char>(c - 'A' + 'a');
      else if (c == '-')
         c = '_';
   }
   return text;
}

// Edits from one text to another, where two neighbours swapped count as one edit.
std::size_t edit_distance(const std::string &from, const std::string &to) {
   std::vector<std::size_t> before(to.size() + 1), last(to.size() + 1), now(to.size() + 1);
   for (std::size_t j = 0; j <= to.size(); ++j)
      last[j] = j;
   for (std::size_t i = 1; i <= from.size(); ++i) {
      now[0] = i;
      for (std::size_t j = 1; j <= to.size(); ++j) {
         const std::size_t changed = last[j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
         now[j] = std::min({changed, last[j] + 1, now[j - 1] + 1});
         if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
            now[j] = std::min(now[j], before[j - 2] + 1);
      }
      before.swap(last);
      last.swap(now);
   }
   return last[to.size()];
}

} // namespace

std::vector<std::string> nearest_name(std::string_view name, std::span<const std::string> candidates) {
   const std::string wanted = folded(name);
   std::vector<std::string> nearest;
   std::size_t least = std::string::npos;
   for (const std::string &candidate : candidates) {
      const std::size_t distance = edit_distance(wanted, folded(candidate));
      if (distance < least)
         nearest.clear();
      least = std::min(least, distance);
      if (distance == least && nearest.size() < most_suggested)
         nearest.push_back(candidate);
   }
   return nearest;
}

std::string did_you_mean(std::string_view name, std::span<const std::string> candidates) {
   const std::vector<std::string> nearest = nearest_name(name, candidates);
   if (nearest.empty())
      return "none are known";
   std::string text = "did you mean " + printable(nearest.front());
   for (std::size_t i = 1; i < nearest.size(); ++i)
      text += (i + 1 == nearest.size() ? " or " : ", ") + printable(nearest[i]);
   return text + "?";
}

} // namespace giflab::config
