#pragma once
// One number out of a comparison, by the name that people write: METRIC[@PLUGIN][.STATISTIC], as in "ssim.p05".

#include "error.hpp"
#include "results/comparison.hpp"

#include <string>
#include <string_view>

namespace giflab::results {

// value is what the clip was pooled to, the rest is of metric_value::statistics.
enum class statistic { value, mean, std, min, max, p05, p95, first, middle, last, positional_variance };

std::string_view name_of(statistic wanted);

struct reading {
   std::string metric; // as metric_value::id
   results::statistic statistic = results::statistic::value;
};

// The text of an error says what is wrong with the statistic.
tl::expected<reading, std::string> parse_reading(std::string_view text);

// Never NaN. The text of an error says why there is no such number: the metric's own reason, where it has one.
tl::expected<double, std::string> number_of(const reading &wanted, const comparison &from);

// Where the first of `characters` outside of parentheses stands, where an id has its parameters; npos if
// nowhere.
std::size_t find_outside_parentheses(std::string_view text, std::string_view characters);

} // namespace giflab::results
