#include "results/grid.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <string_view>

namespace giflab::results {

namespace {

// In characters; those that take two places on a terminal, or none, are not told apart.
std::size_t width(std::string_view cell) {
   return static_cast<std::size_t>(
       std::ranges::count_if(cell, [](char c) { return (static_cast<unsigned char>(c) & 0xC0u) != 0x80; }));
}

} // namespace

std::string grid::text() const {
   std::vector<std::size_t> widths(sides_.size());
   for (const auto &row : rows_)
      for (std::size_t i = 0; i < row.size(); ++i)
         widths[i] = std::max(widths[i], width(row[i]));
   std::string text;
   for (const auto &row : rows_) {
      std::string line;
      for (std::size_t i = 0; i < row.size(); ++i) {
         const std::string padding(widths[i] - width(row[i]), ' ');
         line += i == 0 ? "" : "  ";
         line += sides_[i] == side::right ? padding + row[i] : row[i] + padding;
      }
      line.erase(line.find_last_not_of(' ') + 1);
      text += line + "\n";
   }
   return text;
}

std::string readable(double value) {
   if (std::isnan(value))
      return "-";
   if (std::isinf(value))
      return value > 0 ? "infinite" : "-infinite";
   const double size = std::abs(value);
   const bool plain = size == 0 || (size >= 0.001 && size < 1e9);
   return plain ? fmt::format("{:.4f}", value) : fmt::format("{:.4g}", value);
}

} // namespace giflab::results
