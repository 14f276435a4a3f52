#include "config/toml_nesting.hpp"

#include <algorithm>
#include <cstddef>

namespace giflab::config {

namespace {

// The length of the text or comment that `toml` starts with, 1 for any other character.
std::size_t token_length(std::string_view toml) {
   const char quote = toml.front();
   if (quote == '#')
      return std::min(toml.find('\n'), toml.size());
   if (quote != '"' && quote != '\'')
      return 1;
   const bool many_lines = toml.size() >= 3 && toml[1] == quote && toml[2] == quote;
   for (std::size_t i = many_lines ? 3 : 1; i < toml.size(); ++i) {
      if (toml[i] == '\\' && quote == '"')
         ++i;
      else if (toml[i] == '\n' && !many_lines)
         return i;
      else if (toml[i] == quote && !many_lines)
         return i + 1;
      else if (toml[i] == quote && toml.substr(i, 3) == std::string_view(&toml[0], 3)) {
         // The last three of up to five quotes end the text.
         std::size_t end = i + 3;
         while (end < toml.size() && end < i + 5 && toml[end] == quote)
            ++end;
         return end;
      }
   }
   return toml.size();
}

} // namespace

int line_with_too_many_dots(std::string_view toml, int most) {
   int line = 1, dots = 0;
   while (!toml.empty()) {
      const std::string_view token = toml.substr(0, token_length(toml));
      if (token == ".") {
         if (++dots > most)
            return line;
      } else {
         for (const char c : token)
            if (c == '\n') {
               ++line;
               dots = 0;
            }
      }
      toml.remove_prefix(token.size());
   }
   return 0;
}

} // namespace giflab::config
