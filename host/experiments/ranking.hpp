#pragma once
// Which pipelines did best over several sources, by one number.

#include "results/journal.hpp"
#include "results/reading.hpp"

#include <optional>
#include <string>
#include <vector>

namespace giflab::experiments {

// A value for each source and pipeline, by their numbers less 1, where there is one.
using value_table = std::vector<std::vector<std::optional<double>>>;

// How the values of several sources become one: of shares of a size, half and double cancel out.
enum class averaging { arithmetic, geometric };

struct standing {
   std::optional<double> value; // over the sources
   std::size_t rank = 0;        // 1 is the best; equal values have equal ranks; 0 without a value
   std::string absence;         // why there is no value
};

// For each pipeline. A source of which no pipeline has a value counts for none; a pipeline that lacks a value
// that another has for the same source cannot be compared with it. Values are never NaN.
std::vector<standing> ranked(const value_table &values, averaging how, bool higher_is_better);

// What pipelines are ranked by.
struct yardstick {
   std::string text;                        // as it was written
   std::optional<results::reading> reading; // none: the size, as a share of the source's
   bool higher_is_better = false;

   averaging how() const { return reading ? averaging::arithmetic : averaging::geometric; }
};

// `METRIC[.STATISTIC]`, the id of a formula, or "ratio", which is by size. An error where the run has no such
// metric, or one that says not which values are better. Of spreads (`std`, `positional_variance`) less is.
result<yardstick> yardstick_of(const std::string &text, results::journal &from);

// The text of an error says why there is none.
tl::expected<double, std::string> measured(const yardstick &by, const results::experiment_cell &cell);

} // namespace giflab::experiments
