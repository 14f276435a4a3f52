#include "results/formula_values.hpp"

#include "config/printable.hpp"
#include "results/reading.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace giflab::results {

namespace {

using config::formula;
using config::formula_term;
using config::in_quotes;
using config::term_scale;

double score_of(const formula_term &term, double value) {
   if (term.scale == term_scale::reciprocal_logarithmic)
      return 1 / (1 + std::log10(std::max(value, 1.0)));
   if (term.scale == term_scale::ratio)
      return value > 0 ? std::min(value, 1 / value) : 0;
   if (std::isinf(value))
      return (value > 0) == (term.best > term.worst) ? 1 : 0;
   const double share = (value - term.worst) / (term.best - term.worst);
   if (share <= 0 || share >= 1)
      return share <= 0 ? 0 : 1;
   return term.scale == term_scale::linear
              ? share
              : std::log1p(value - term.worst) / std::log1p(term.best - term.worst);
}

// The column that a term means: parameters that are not the defaults stand in a column's id.
std::string column_for(const std::string &metric, const comparison &from) {
   const auto exact = std::ranges::find(from.metrics, metric, &metric_value::id);
   if (exact != from.metrics.end())
      return metric;
   const auto with_parameters = std::ranges::find_if(
       from.metrics, [&](const metric_value &one) { return one.id.starts_with(metric + "("); });
   return with_parameters == from.metrics.end() ? metric : with_parameters->id;
}

tl::expected<double, std::string> value_of(const formula_term &term, const comparison &from) {
   return parse_reading(term.metric).and_then([&](reading wanted) {
      wanted.metric = column_for(wanted.metric, from);
      return number_of(wanted, from);
   });
}

// What is known of the terms of one formula.
struct gathered_terms {
   double weights = 0, sum = 0;
   std::vector<std::string> missing;
   bool required_missing = false;
};

gathered_terms gather(const formula &about, const comparison &from) {
   gathered_terms found;
   for (const formula_term &term : about.terms) {
      const auto value = value_of(term, from);
      if (!value) {
         found.missing.push_back(fmt::format("{} ({})", term.metric, value.error()));
         found.required_missing |= term.required;
         continue;
      }
      const double score = score_of(term, *value);
      found.weights += term.weight;
      found.sum +=
          term.weight * (about.combine == config::combination::weighted_mean ? score : std::log(score));
   }
   return found;
}

metric_value value_of(const formula &about, const comparison &from) {
   metric_value made;
   made.id = about.id;
   made.version = about.version;
   made.plugin = "formula";
   made.unit = "1";
   made.direction = direction::higher;
   const gathered_terms found = gather(about, from);
   if (!found.missing.empty())
      made.reason = fmt::format("without {}", fmt::join(found.missing, "; "));
   if (found.weights == 0 || found.required_missing) {
      made.status = status::undefined;
      return made;
   }
   const double mean = found.sum / found.weights;
   made.value = about.combine == config::combination::weighted_mean ? mean : std::exp(mean);
   return made;
}

} // namespace

std::vector<std::string> metrics_of(std::span<const formula> formulas) {
   std::vector<std::string> metrics, made;
   for (const formula &one : formulas) {
      for (const formula_term &term : one.terms) {
         const std::string metric = term.metric.substr(0, find_outside_parentheses(term.metric, "."));
         if (std::ranges::find(made, metric) == made.end() &&
             std::ranges::find(metrics, metric) == metrics.end())
            metrics.push_back(metric);
      }
      made.push_back(one.id);
   }
   return metrics;
}

result<void> check_formulas(std::span<const formula> formulas, std::span<const std::string> metrics) {
   std::vector<std::string> taken(metrics.begin(), metrics.end());
   for (const formula &one : formulas) {
      if (std::ranges::find(taken, one.id) != taken.end())
         return failed(problem::usage,
                       fmt::format("{}: the formula {} has the name of another value of this run: "
                                   "give it another id",
                                   one.where, in_quotes(one.id)));
      taken.push_back(one.id);
      for (const formula_term &term : one.terms)
         if (const auto read = parse_reading(term.metric); !read)
            return failed(problem::usage,
                          fmt::format("{}: the term {} {}", one.where, in_quotes(term.metric), read.error()));
   }
   return {};
}

void add_formula_values(comparison &about, std::span<const formula> formulas) {
   if (!about.failure.empty())
      return;
   for (const formula &one : formulas) {
      about.metrics.push_back(value_of(one, about));
      for (pair_row &pair : about.pairs)
         pair.values.push_back(std::nan(""));
   }
}

} // namespace giflab::results
