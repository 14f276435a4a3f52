#include "engine/summary.hpp"

#include <fmt/format.h>

namespace giflab::engine {

namespace {

results::file_summary summary_of(const media::file_facts &facts) {
   results::file_summary made;
   made.path = facts.path;
   made.format = facts.format;
   made.bytes = facts.bytes;
   made.frames = static_cast<int64_t>(facts.showings.size());
   for (const giflab_showing &showing : facts.showings)
      made.duration_us += showing.duration_us;
   made.width = facts.width;
   made.height = facts.height;
   made.loop_count = facts.loop_count;
   made.warnings = facts.warnings;
   return made;
}

const char *mode_name(media::alignment_mode mode) {
   switch (mode) {
   case media::alignment_mode::index:
      return "index";
   case media::alignment_mode::content:
      return "content";
   case media::alignment_mode::time:
      break;
   }
   return "time";
}

} // namespace

comparison_record record_of(const media::file_facts &reference, const media::file_facts &distorted,
                            const media::alignment_report &report) {
   comparison_record made;
   made.reference = summary_of(reference);
   made.distorted = summary_of(distorted);
   made.alignment.mode = mode_name(report.mode);
   made.alignment.dropped = report.dropped;
   made.alignment.duplicated = report.duplicated;
   made.alignment.reordered = report.reordered;
   made.alignment.max_drift_us = report.max_drift_us;
   made.alignment.notes = report.notes;
   return made;
}

results::comparison assembled(const comparison_record &record, const std::string &reference,
                              const std::string &distorted, const metric_runs &metrics,
                              const comparison_options &options) {
   results::comparison made;
   made.reference = record.reference;
   made.reference.path = reference;
   made.distorted = record.distorted;
   made.distorted.path = distorted;
   made.alignment = record.alignment;
   made.alignment.pairs = static_cast<int64_t>(record.pairs.size());
   std::vector<pair_time> times;
   for (const results::pair_row &row : record.pairs) {
      times.push_back({row.start_us, row.duration_us});
      made.alignment.duration_us += row.duration_us;
   }
   made.optimization_level = options.level;
   made.background = fmt::format("#{:02x}{:02x}{:02x}", options.background.red, options.background.green,
                                 options.background.blue);
   for (const auto &metric : metrics)
      for (results::metric_value &value : metric->values(times))
         made.metrics.push_back(std::move(value));
   if (!options.per_frame)
      return made;
   made.pairs = record.pairs;
   for (results::pair_row &row : made.pairs)
      for (const auto &metric : metrics)
         for (std::size_t column = 0; column < metric->metric().columns.size(); ++column)
            row.values.push_back(metric->value_of(column, row.pair));
   return made;
}

} // namespace giflab::engine
