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

constexpr std::array<std::string_view, 6> operator_names{"<", "<=", ">", ">=", "==", "!="}; // as gate_operator

std::string_view trimmed(std::string_view text) {
   constexpr std::string_view blanks = " \t\r\n";
   const std::size_t start = text.find_first_not_of(blanks);
   return start == std::string_view::npos ? std::string_view()
                                          : text.substr(start, text.find_last_not_of(blanks) - start + 1);
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

// Null if every pair was measured, or none.
const metric_value *sampled_metric(const gate &gate, const comparison &from) {
   const auto found = std::ranges::find(from.metrics, gate.about.metric, &metric_value::id);
   const bool sampled = found != from.metrics.end() && found->status == status::present && found->sample;
   return from.failure.empty() && sampled ? &*found : nullptr;
}

verdict judge_sample(const gate &gate, const metric_value &metric, const comparison &about) {
   const sample &sample = *metric.sample;
   const auto known =
       std::ranges::find(sample.intervals, name_of(gate.about.statistic), &sampled_statistic::statistic);
   const std::string extent = fmt::format("by {} of {} pairs", metric.frames, sample.pairs);
   if (known == sample.intervals.end())
      return unknown(gate, about, "it cannot be told " + extent);
   const std::optional<bool> holds = holds_throughout(gate, known->low, known->high);
   const std::string range = fmt::format("between {:.6g} and {:.6g} {}, with {:.6g} % confidence", known->low,
                                         known->high, extent, 100 * sample.confidence);
   if (!holds)
      return unknown(gate, about, "it is " + range);
   if (*holds)
      return {false, fmt::format("{} holds for {}: it is {}", in_quotes(gate.text),
                                 in_quotes(about.distorted.path), range)};
   return {true, {}};
}

} // namespace

std::optional<bool> holds_throughout(const gate &gate, double low, double high) {
   const bool at_low = holds(low, gate.comparison, gate.limit),
              at_high = holds(high, gate.comparison, gate.limit);
   const bool equality = gate.comparison == gate_operator::equal || gate.comparison == gate_operator::not_equal;
   if (at_low != at_high || (equality && low < gate.limit && gate.limit < high))
      return std::nullopt;
   return at_low;
}

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

   auto about = parse_reading(trimmed(text.substr(0, symbol)));
   if (!about)
      return refused(about.error());
   if (about->metric.empty())
      return refused("has no metric before its operator");
   read.about = *about;
   return read;
}

namespace {

std::string advice_on(const std::string &unknown, std::span<const std::string> metrics) {
   std::vector<std::string> with_plugin;
   for (const std::string &one : metrics)
      if (one.starts_with(unknown + "@"))
         with_plugin.push_back(one);
   return with_plugin.empty()
              ? did_you_mean(unknown, metrics)
              : fmt::format("several plugins have it: write {}", fmt::join(with_plugin, " or "));
}

} // namespace

result<void> check_gates(std::span<const gate> gates, std::span<const std::string> metrics) {
   for (const gate &each : gates)
      if (std::ranges::find(metrics, each.about.metric) == metrics.end())
         return failed(problem::usage,
                       fmt::format("{}: {} is about {}, which is not among the metrics of this run; {}",
                                   printable(each.origin), in_quotes(each.text), in_quotes(each.about.metric),
                                   advice_on(each.about.metric, metrics)));
   return {};
}

bool holds(const gate &gate, double value) { return holds(value, gate.comparison, gate.limit); }

tl::expected<bool, std::string> holds(const gate &gate, const comparison &comparison) {
   return number_of(gate.about, comparison).map([&](double value) { return holds(gate, value); });
}

verdict judge(const gate &gate, const comparison &comparison) {
   if (const metric_value *sampled = sampled_metric(gate, comparison))
      return judge_sample(gate, *sampled, comparison);
   const auto value = number_of(gate.about, comparison);
   if (!value)
      return unknown(gate, comparison, value.error());
   if (holds(*value, gate.comparison, gate.limit))
      return {false, fmt::format("{} holds for {}: it is {:.6g}", in_quotes(gate.text),
                                 in_quotes(comparison.distorted.path), *value)};
   return {true, {}};
}

} // namespace giflab::results
