#include "results/words.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace giflab::results {

std::string_view word_for(status value) {
   switch (value) {
   case status::present:
      return "present";
   case status::undefined:
      return "undefined";
   case status::skipped:
      return "skipped";
   case status::unavailable:
      return "unavailable";
   case status::failed:
      return "failed";
   }
   return {};
}

std::string_view word_for(direction value) {
   switch (value) {
   case direction::neither:
      return "neither";
   case direction::higher:
      return "higher";
   case direction::lower:
      return "lower";
   }
   return {};
}

std::string exact_number(double value) {
   if (std::isnan(value))
      return {};
   if (std::isinf(value))
      return value > 0 ? "Infinity" : "-Infinity";
   std::array<char, 32> text;
   const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
   return {text.data(), end};
}

std::string exact_milliseconds(int64_t microseconds) {
   return exact_number(static_cast<double>(microseconds) / 1000.0);
}

} // namespace giflab::results
