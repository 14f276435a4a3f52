#include "experiments/ranking.hpp"

#include "config/nearest_name.hpp"
#include "config/printable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace giflab::experiments {

namespace {

struct sum_of_values {
   double sum = 0;
   std::size_t there = 0;
};

// Sources of which some pipeline has a value.
std::size_t counted_sources(const value_table &values) {
   return static_cast<std::size_t>(std::ranges::count_if(values, [](const auto &source) {
      return std::ranges::any_of(source, [](const auto &one) { return one.has_value(); });
   }));
}

sum_of_values sum_of(const value_table &values, std::size_t pipeline, averaging how) {
   sum_of_values all;
   for (const auto &source : values)
      if (source[pipeline]) {
         ++all.there;
         all.sum += how == averaging::geometric ? std::log(*source[pipeline]) : *source[pipeline];
      }
   return all;
}

void give_ranks(std::vector<standing> &all, bool higher_is_better) {
   std::vector<double> values; // the best first
   for (const standing &one : all)
      if (one.value)
         values.push_back(higher_is_better ? -*one.value : *one.value);
   std::ranges::sort(values);
   for (standing &one : all)
      if (one.value)
         one.rank = 1 + static_cast<std::size_t>(
                            std::ranges::lower_bound(values, higher_is_better ? -*one.value : *one.value) -
                            values.begin());
}

bool is_spread(results::statistic one) {
   return one == results::statistic::std || one == results::statistic::positional_variance;
}

} // namespace

std::vector<standing> ranked(const value_table &values, averaging how, bool higher_is_better) {
   const std::size_t pipelines = values.empty() ? 0 : values.front().size();
   const std::size_t counted = counted_sources(values);
   std::vector<standing> all(pipelines);
   for (std::size_t pipeline = 0; pipeline < pipelines; ++pipeline) {
      const sum_of_values found = sum_of(values, pipeline, how);
      const double mean = found.sum / static_cast<double>(found.there);
      if (counted == 0)
         all[pipeline].absence = "no source has a value";
      else if (found.there < counted)
         all[pipeline].absence = fmt::format("has a value for {} of {} sources", found.there, counted);
      else if (std::isnan(mean)) // infinities of both signs
         all[pipeline].absence = "its values have no mean";
      else
         all[pipeline].value = how == averaging::geometric ? std::exp(mean) : mean;
   }
   give_ranks(all, higher_is_better);
   return all;
}

result<yardstick> yardstick_of(const std::string &text, results::journal &from) {
   if (text == "ratio")
      return yardstick{text, std::nullopt, false};
   const auto refused = [&](const std::string &why) {
      return failed(problem::usage, fmt::format("--by {}: {}", config::in_quotes(text), why));
   };
   auto read = results::parse_reading(text);
   if (!read)
      return refused(read.error());
   std::map<std::string, results::direction> known; // a value that is absent may have no direction
   auto visited = from.visit([&](const results::experiment_cell &cell) -> result<void> {
      for (const results::metric_value &value : cell.found.metrics)
         if (value.status == results::status::present || !known.contains(value.id))
            known[value.id] = value.direction;
      return {};
   });
   if (!visited)
      return tl::unexpected(visited.error());
   std::vector<std::string> names = {"ratio"};
   for (const auto &[name, direction] : known)
      names.push_back(name);
   const auto found = known.find(read->metric);
   if (found == known.end())
      return refused("the run has no such metric; " + config::did_you_mean(read->metric, names));
   if (is_spread(read->statistic))
      return yardstick{text, *read, false};
   if (found->second == results::direction::neither)
      return refused("it does not say which values are better");
   return yardstick{text, *read, found->second == results::direction::higher};
}

tl::expected<double, std::string> measured(const yardstick &by, const results::experiment_cell &cell) {
   if (cell.status != results::status::present)
      return tl::unexpected(cell.reason);
   if (by.reading)
      return results::number_of(*by.reading, cell.found);
   const double source = static_cast<double>(cell.found.reference.bytes);
   if (!(source > 0))
      return tl::unexpected(std::string("the source has no bytes"));
   return static_cast<double>(cell.found.distorted.bytes) / source;
}

} // namespace giflab::experiments
