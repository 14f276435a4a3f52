#include "results/json_forms.hpp"

#include "config/printable.hpp"
#include "results/words.hpp"

#include <cmath>

namespace giflab::results {

using json = nlohmann::ordered_json;

json json_number(double value) {
   if (std::isnan(value))
      return nullptr;
   return std::isinf(value) ? json(exact_number(value)) : json(value);
}

json json_milliseconds(int64_t microseconds) {
   const bool whole = microseconds % 1000 == 0;
   return whole ? json(microseconds / 1000) : json(static_cast<double>(microseconds) / 1000.0);
}

json json_text(const std::string &value) { return config::valid_utf8(value); }

namespace {

json statistics_of(const metric_value &metric) {
   if (!metric.statistics)
      return nullptr;
   const statistics &all = *metric.statistics;
   return {{"mean", json_number(all.mean)},   {"std", json_number(all.std)},
           {"min", json_number(all.min)},     {"max", json_number(all.max)},
           {"p05", json_number(all.p05)},     {"p95", json_number(all.p95)},
           {"first", json_number(all.first)}, {"middle", json_number(all.middle)},
           {"last", json_number(all.last)},   {"positional_variance", json_number(all.positional_variance)}};
}

json worst_of(const metric_value &metric) {
   json list = json::array();
   for (const worst_pair &pair : metric.worst)
      list.push_back({{"pair", pair.pair},
                      {"start_ms", json_milliseconds(pair.start_us)},
                      {"value", json_number(pair.value)}});
   return list;
}

json sample_of(const metric_value &metric) {
   json intervals = json::object();
   for (const sampled_statistic &each : metric.sample->intervals)
      intervals[each.statistic] = {{"low", json_number(each.low)}, {"high", json_number(each.high)}};
   return {{"pairs", metric.sample->pairs},
           {"confidence", metric.sample->confidence},
           {"intervals", std::move(intervals)}};
}

} // namespace

json json_of(const metric_value &metric) {
   const bool present = metric.status == status::present;
   json made = {{"value", present ? json_number(metric.value) : json(nullptr)},
                {"status", word_for(metric.status)},
                {"reason", metric.reason.empty() ? json(nullptr) : json_text(metric.reason)},
                {"statistics", statistics_of(metric)},
                {"worst", worst_of(metric)},
                {"direction", word_for(metric.direction)},
                {"unit", json_text(metric.unit)},
                {"pooling", json_text(metric.pooling)},
                {"plugin", json_text(metric.plugin)},
                {"version", json_text(metric.version)},
                {"device", json_text(metric.device)},
                {"frames", metric.frames}};
   if (metric.sample)
      made["sample"] = sample_of(metric);
   return made;
}

} // namespace giflab::results
