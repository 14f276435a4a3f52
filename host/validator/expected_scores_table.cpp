// The table as text. By itself, and without what measures, so that a fuzzer needs no more than this.

#include "validator/expected_scores.hpp"

#include "config/printable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <optional>
#include <set>

namespace giflab::validator {

namespace {

constexpr std::size_t column_count = 5;
constexpr std::size_t most_columns_kept = 16; // of a line that is wrong anyway

std::vector<std::string_view> split(std::string_view line) {
   std::vector<std::string_view> columns;
   while (columns.size() < most_columns_kept) {
      const std::size_t tab = line.find('\t');
      columns.push_back(line.substr(0, tab));
      if (tab == std::string_view::npos)
         break;
      line.remove_prefix(tab + 1);
   }
   return columns;
}

std::optional<double> number(std::string_view text) {
   double value = 0;
   const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), value);
   return wrong == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

result<expected_score> parse_line(std::string_view line) {
   const auto columns = split(line);
   if (columns.size() != column_count)
      return failed(problem::input,
                    fmt::format("columns: {}{}, and not {} (plugin, version, case, output, value)",
                                columns.size(), columns.size() == most_columns_kept ? " or more" : "",
                                column_count));
   if (const auto empty = std::ranges::find_if(columns, [](auto column) { return column.empty(); });
       empty != columns.end())
      return failed(problem::input, fmt::format("column {} is empty", empty - columns.begin() + 1));
   const auto value = number(columns[4]);
   if (!value)
      return failed(problem::input,
                    fmt::format("{} is no number, or one that no double holds", config::in_quotes(columns[4])));
   return expected_score{std::string(columns[0]), std::string(columns[1]), std::string(columns[2]),
                         std::string(columns[3]), *value};
}

} // namespace

std::string expected_scores_path(const std::string &module_path) {
   std::filesystem::path path(module_path);
   if (path.extension() == ".so")
      path.replace_extension();
   return path.string() + ".expect.tsv";
}

result<std::vector<expected_score>> parse_expected_scores(std::string_view text, const std::string &name) {
   std::vector<expected_score> lines;
   std::set<std::array<std::string, 3>> seen;
   for (std::size_t number = 1; !text.empty(); ++number) {
      const std::size_t end = text.find('\n');
      if (end == std::string_view::npos)
         return failed(problem::input,
                       fmt::format("{}, line {}: the line does not end: the file was cut off", name, number));
      const std::string_view line = text.substr(0, end);
      text.remove_prefix(end + 1);
      if (line.empty() || line.starts_with('#'))
         continue;
      auto parsed = parse_line(line);
      if (!parsed)
         return failed(problem::input, fmt::format("{}, line {}: {}", name, number, parsed.error().text));
      if (!seen.insert({parsed->plugin, parsed->name, parsed->output}).second)
         return failed(problem::input,
                       fmt::format("{}, line {}: a second value for {} of {} of {}", name, number,
                                   config::in_quotes(parsed->output), config::in_quotes(parsed->name),
                                   config::in_quotes(parsed->plugin)));
      lines.push_back(std::move(*parsed));
   }
   return lines;
}

std::string expected_scores_text(std::span<const expected_score> lines) {
   std::string text = "# plugin\tversion\tcase\toutput\tvalue; made by giflab check --write-expected\n";
   for (const expected_score &line : lines)
      text +=
          fmt::format("{}\t{}\t{}\t{}\t{}\n", line.plugin, line.version, line.name, line.output, line.value);
   return text;
}

} // namespace giflab::validator
