#include "results/toml_text.hpp"

#include <fmt/format.h>

namespace giflab::results {

std::string toml_text(std::string_view text) {
   std::string made = "\"";
   for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      if (c == '"' || c == '\\')
         made += {'\\', c};
      else if (byte < 0x20 || byte == 0x7f)
         made += fmt::format("\\u{:04X}", byte);
      else
         made += c;
   }
   return made + "\"";
}

} // namespace giflab::results
