#pragma once
// Gates: conditions under which a comparison counts as failed, such as "ssim.p05 < 0.9".

#include "error.hpp"
#include "results/comparison.hpp"
#include "results/reading.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace giflab::results {

enum class gate_operator { less, less_or_equal, greater, greater_or_equal, equal, not_equal };

struct gate {
   reading about;
   gate_operator comparison = gate_operator::less;
   double limit = 0; // never NaN
   std::string text; // as it was written
   std::string origin;
};

// `METRIC[.STATISTIC] OPERATOR NUMBER`: statistics as in reading.hpp; operators < <= > >= == !=. The origin
// ("--fail-if", "runs/a.toml:12:12") is for error texts.
result<gate> parse_gate(std::string_view text, std::string_view origin);

// An error for the first gate about a metric that is not among those of the run, with the nearest name.
result<void> check_gates(std::span<const gate> gates, std::span<const std::string> metrics);

// Whether the condition holds of a number.
bool holds(const gate &gate, double value);

// Whether the condition holds. The text of an error says why that is unknown.
tl::expected<bool, std::string> holds(const gate &gate, const comparison &comparison);

// True if it holds for every number from `low` to `high`, false if for none; nothing if that depends.
std::optional<bool> holds_throughout(const gate &gate, double low, double high);

struct verdict {
   bool passed = false;
   std::string reason; // a sentence that names gate and distorted file, if it did not pass
};

// A gate fails if its condition holds, and also if its value is absent: what is not known is not good. Of a
// value that was sampled the interval of the gate's statistic decides.
verdict judge(const gate &gate, const comparison &comparison);

} // namespace giflab::results
