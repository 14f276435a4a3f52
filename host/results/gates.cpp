#include "results/gates.hpp"

#include "config/nearest_name.hpp"
#include "config/printable.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <fmt/format.h>
#include <optional>

namespace giflab::results {

namespace {

using config::did_you_mean;
using config::in_quotes;
using config::printable;

constexpr std::array<std::string_view, 7> statistic_names{"value", "mean", "std", "min", "max", "p05", "p95"};
constexpr std::array<std::string_view, 6> operator_names{"<", "<=", ">", ">=", "==", "!="}; // as gate_operator

std::string_view trimmed(std::string_view text) {
   constexpr std::string_view blanks = " \t\r\n";
   const std::size_t start = text.find_first_not_of(blanks);
   return start == std::string_view::npos ? std::string_view()
                                          : text.substr(start, text.find_last_not_of(blanks) - start + 1);
}

// The first of `characters` that is not inside parentheses, where a label has its parameters.
std::size_t find_outside_parentheses(std::string_view text, std::string_view characters) {
   int depth = 0;
   for (std::size_t i = 0; i < text.size(); ++i) {
      depth += text[i] == '(' ? 1 : text[i] == ')' ? -1 : 0;
      if (depth == 0 && characters.find(text[i]) != std::string_view::npos)
         return i;
   }
   return std::string_view::npos;
}

std::optional<gate_operator> parse_operator(std::string_view text) {
   const auto found = std::ranges::find(operator_names, text);
   return found == operator_names.end()
              ? std::nullopt
              : std::optional(static_cast<gate_operator>(found - operator_names.begin()));
}

std::optional<double> parse_limit(std::string_view text) {
   if (text.starts_with('+'))
      text.remove_prefix(1);
   double limit = 0;
   const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), limit);
   const bool whole = wrong == std::errc{} && end == text.data() + text.size();
   return whole && !std::isnan(limit) ? std::optional(limit) : std::nullopt;
}

double number_of(const statistics &all, gate_statistic which) {
   switch (which) {
   case gate_statistic::mean:
      return all.mean;
   case gate_statistic::std:
      return all.std;
   case gate_statistic::min:
      return all.min;
   case gate_statistic::max:
      return all.max;
   case gate_statistic::p05:
      return all.p05;
   case gate_statistic::p95:
      return all.p95;
   case gate_statistic::value:
      break;
   }
   return std::nan("");
}

bool holds(double value, gate_operator comparison, double limit) {
   switch (comparison) {
   case gate_operator::less:
      return value < limit;
   case gate_operator::less_or_equal:
      return value <= limit;
   case gate_operator::greater:
      return value > limit;
   case gate_operator::greater_or_equal:
      return value >= limit;
   case gate_operator::equal:
      return value == limit;
   case gate_operator::not_equal:
      return value != limit;
   }
   return true;
}

verdict unknown(const gate &gate, const comparison &about, std::string_view reason) {
   return {false, fmt::format("whether {} holds for {} is unknown: {}", in_quotes(gate.text),
                              in_quotes(about.distorted.path), printable(reason))};
}

} // namespace

result<gate> parse_gate(std::string_view text, std::string_view origin) {
   const auto refused = [&](std::string_view reason) {
      return failed(problem::usage,
                    fmt::format("{}: the condition {} {}", printable(origin), in_quotes(text), reason));
   };
   gate read;
   read.text = text;
   read.origin = origin;
   const std::size_t symbol = find_outside_parentheses(text, "<>=!");
   if (symbol == std::string_view::npos)
      return refused("has no operator; write it like \"ssim.p05 < 0.9\"");
   const std::size_t after = std::min(text.find_first_not_of("<>=!", symbol), text.size());
   const std::optional<gate_operator> comparison = parse_operator(text.substr(symbol, after - symbol));
   if (!comparison)
      return refused(fmt::format("has an unknown operator; use one of {}", fmt::join(operator_names, " ")));
   read.comparison = *comparison;

   const std::optional<double> limit = parse_limit(trimmed(text.substr(after)));
   if (!limit)
      return refused("needs a number at its end, like 0.9, 1e-3 or inf");
   read.limit = *limit;

   std::string_view metric = trimmed(text.substr(0, symbol));
   if (const std::size_t dot = find_outside_parentheses(metric, "."); dot != std::string_view::npos) {
      const std::string_view name = metric.substr(dot + 1);
      const auto found = std::ranges::find(statistic_names, name);
      if (found == statistic_names.end()) {
         const std::vector<std::string> known(statistic_names.begin(), statistic_names.end());
         return refused(fmt::format("asks for an unknown statistic; {}", did_you_mean(name, known)));
      }
      read.statistic = static_cast<gate_statistic>(found - statistic_names.begin());
      metric = metric.substr(0, dot);
   }
   if (metric.empty())
      return refused("has no metric before its operator");
   read.metric = metric;
   return read;
}

result<void> check_gates(std::span<const gate> gates, std::span<const std::string> metrics) {
   for (const gate &each : gates)
      if (std::ranges::find(metrics, each.metric) == metrics.end())
         return failed(problem::usage,
                       fmt::format("{}: {} is about {}, which is not among the metrics of this run; {}",
                                   printable(each.origin), in_quotes(each.text), in_quotes(each.metric),
                                   did_you_mean(each.metric, metrics)));
   return {};
}

verdict judge(const gate &gate, const comparison &comparison) {
   if (!comparison.failure.empty())
      return unknown(gate, comparison, comparison.failure);
   const auto found = std::ranges::find(comparison.metrics, gate.metric, &metric_value::id);
   if (found == comparison.metrics.end())
      return unknown(gate, comparison, gate.metric + " was not computed");
   if (found->status != status::present)
      return unknown(gate, comparison, found->reason);
   const bool pooled = gate.statistic == gate_statistic::value;
   if (!pooled && !found->statistics)
      return unknown(gate, comparison, gate.metric + " is one value for the whole clip, without statistics");
   const double value = pooled ? found->value : number_of(*found->statistics, gate.statistic);
   if (std::isnan(value))
      return unknown(gate, comparison, "that statistic has no meaning for these values");
   if (holds(value, gate.comparison, gate.limit))
      return {false, fmt::format("{} holds for {}: it is {:.6g}", in_quotes(gate.text),
                                 in_quotes(comparison.distorted.path), value)};
   return {true, {}};
}

} // namespace giflab::results
