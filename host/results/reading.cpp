#include "results/reading.hpp"

#include "config/nearest_name.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <fmt/format.h>
#include <vector>

namespace giflab::results {

namespace {

struct named_statistic {
   std::string_view name;
   double statistics::*member; // null: the pooled value
};

constexpr std::array<named_statistic, 11> known{{{"value", nullptr}, // as enum statistic
                                                 {"mean", &statistics::mean},
                                                 {"std", &statistics::std},
                                                 {"min", &statistics::min},
                                                 {"max", &statistics::max},
                                                 {"p05", &statistics::p05},
                                                 {"p95", &statistics::p95},
                                                 {"first", &statistics::first},
                                                 {"middle", &statistics::middle},
                                                 {"last", &statistics::last},
                                                 {"positional_variance", &statistics::positional_variance}}};

tl::unexpected<std::string> because(std::string text) { return tl::unexpected(std::move(text)); }

} // namespace

std::size_t find_outside_parentheses(std::string_view text, std::string_view characters) {
   int depth = 0;
   for (std::size_t i = 0; i < text.size(); ++i) {
      depth += text[i] == '(' ? 1 : text[i] == ')' ? -1 : 0;
      if (depth == 0 && characters.find(text[i]) != std::string_view::npos)
         return i;
   }
   return std::string_view::npos;
}

namespace {

// Its dot. Behind a metric with its plugin, ssim@org.giflab.ssim, what is no statistic is of the plugin's name.
std::size_t where_statistic_begins(std::string_view text) {
   if (find_outside_parentheses(text, "@") == std::string_view::npos)
      return find_outside_parentheses(text, ".");
   const std::size_t last = text.rfind('.');
   const bool tells = last != std::string_view::npos &&
                      std::ranges::find(known, text.substr(last + 1), &named_statistic::name) != known.end();
   return tells ? last : std::string_view::npos;
}

} // namespace

std::string_view name_of(statistic wanted) { return known[static_cast<std::size_t>(wanted)].name; }

tl::expected<reading, std::string> parse_reading(std::string_view text) {
   reading read;
   const std::size_t dot = where_statistic_begins(text);
   read.metric = text.substr(0, dot);
   if (dot == std::string_view::npos)
      return read;
   const std::string_view name = text.substr(dot + 1);
   const auto found = std::ranges::find(known, name, &named_statistic::name);
   if (found == known.end()) {
      std::vector<std::string> names(known.size());
      std::ranges::transform(known, names.begin(), &named_statistic::name);
      return because(fmt::format("asks for an unknown statistic; {}", config::did_you_mean(name, names)));
   }
   read.statistic = static_cast<statistic>(found - known.begin());
   return read;
}

tl::expected<double, std::string> number_of(const reading &wanted, const comparison &from) {
   if (!from.failure.empty())
      return because(from.failure);
   const auto found = std::ranges::find(from.metrics, wanted.metric, &metric_value::id);
   if (found == from.metrics.end())
      return because(wanted.metric + " was not computed");
   if (found->status != status::present)
      return because(found->reason);
   const auto member = known[static_cast<std::size_t>(wanted.statistic)].member;
   if (member && !found->statistics)
      return because(wanted.metric + " is one value for the whole clip, without statistics");
   const double value = member ? (*found->statistics).*member : found->value;
   if (std::isnan(value) && found->sample)
      return because(
          fmt::format("a sample of {} of {} pairs does not tell", found->frames, found->sample->pairs));
   if (std::isnan(value))
      return because("that statistic has no meaning for these values");
   return value;
}

} // namespace giflab::results
