#include "results/csv_record.hpp"

#include "config/printable.hpp"
#include "results/words.hpp"

namespace giflab::results {

csv_record &csv_record::field(std::string_view text) {
   if (started_)
      line_ += ',';
   started_ = true;
   if (text.find_first_of(",\"\r\n") == std::string_view::npos) {
      line_ += text;
      return *this;
   }
   line_ += '"';
   for (const char c : text)
      line_ += c == '"' ? std::string_view("\"\"") : std::string_view(&c, 1);
   line_ += '"';
   return *this;
}

csv_record &csv_record::text(std::string_view free_text) { return field(config::valid_utf8(free_text)); }

csv_record &csv_record::number(double value) { return field(exact_number(value)); }

csv_record &csv_record::number(int64_t value) { return field(std::to_string(value)); }

csv_record &csv_record::milliseconds(int64_t microseconds) { return field(exact_milliseconds(microseconds)); }

csv_record &csv_record::statistics(const metric_value &metric) {
   const results::statistics all = metric.statistics.value_or(results::statistics());
   number(all.mean).number(all.std).number(all.min).number(all.p05).number(all.p95).number(all.max);
   return number(all.first).number(all.middle).number(all.last).number(all.positional_variance);
}

} // namespace giflab::results
