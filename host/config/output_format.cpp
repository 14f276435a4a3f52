#include "config/output_format.hpp"

#include "config/nearest_name.hpp"
#include "config/printable.hpp"

#include <array>
#include <fmt/format.h>

namespace giflab::config {

namespace {

constexpr std::array formats{output_format::table, output_format::json, output_format::jsonl,
                             output_format::csv};

} // namespace

result<output_format> parse_output_format(std::string_view text) {
   std::vector<std::string> names;
   for (const output_format format : formats) {
      if (text == name_of(format))
         return format;
      names.emplace_back(name_of(format));
   }
   return failed(problem::usage,
                 fmt::format("unknown output format {}; {}", in_quotes(text), did_you_mean(text, names)));
}

std::string_view name_of(output_format format) {
   switch (format) {
   case output_format::table:
      return "table";
   case output_format::json:
      return "json";
   case output_format::jsonl:
      return "jsonl";
   case output_format::csv:
      return "csv";
   }
   return {};
}

bool holds_frames(output_format format) { return format != output_format::table; }

} // namespace giflab::config
