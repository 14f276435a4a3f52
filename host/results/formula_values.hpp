#pragma once
// What formulas make of a comparison's values.

#include "config/formulas.hpp"
#include "results/comparison.hpp"

#include <span>
#include <string>
#include <vector>

namespace giflab::results {

// The metrics that formulas need computed, each once: what their terms name but for formulas before them.
std::vector<std::string> metrics_of(std::span<const config::formula> formulas);

// An error for a formula whose id is that of a metric of the run, and for a statistic that does not exist.
// `metrics` are the ids of the run's columns.
result<void> check_formulas(std::span<const config::formula> formulas, std::span<const std::string> metrics);

// Appends a value a formula, in their order. A term without a value is left out, the weights of the others then
// count as if they were all, and `reason` names what was left out and why; a formula without any term's value,
// or without that of a required term, is undefined. Nothing is appended to a comparison that failed as a whole.
void add_formula_values(comparison &about, std::span<const config::formula> formulas);

} // namespace giflab::results
