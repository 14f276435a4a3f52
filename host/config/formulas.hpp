#pragma once
// Formulas: one number made of several, such as a composite quality. configs/README.md has their form.

#include "error.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace giflab::config {

// How the value of a metric becomes a score from 0 to 1. Beyond its ends a score stays 0 or 1.
enum class term_scale {
   linear,                 // 0 at `worst`, 1 at `best`, straight between
   logarithmic,            // the same over ln(1 + distance from `worst`)
   reciprocal_logarithmic, // 1 / (1 + log10(max(value, 1))): of an error without a largest value
   ratio                   // min(value, 1 / value), 0 for what is not above 0: of a ratio whose best is 1
};

struct formula_term {
   std::string metric; // METRIC[.STATISTIC], as in gates, or the id of an earlier formula
   double weight = 0;  // above 0
   term_scale scale = term_scale::linear;
   double worst = 0, best = 1;
   bool required = false; // without it the formula has no value; others are left out, and named
};

enum class combination { weighted_mean, weighted_geometric_mean };

struct formula {
   std::string id, version, help;
   combination combine = combination::weighted_mean;
   std::vector<formula_term> terms;
   std::string where; // "configs/formulas/composite.toml:3:1"
};

// Reads a formula file. Every error names file, line and column; whether the metrics exist is for those to say
// who know the plugins.
result<std::vector<formula>> load_formulas(const std::string &path);

// The same for a text; `path` is for error texts only.
result<std::vector<formula>> parse_formulas(std::string_view text, const std::string &path);

} // namespace giflab::config
