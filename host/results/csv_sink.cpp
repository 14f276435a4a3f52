#include "config/printable.hpp"
#include "results/sink_kinds.hpp"
#include "results/words.hpp"

#include <cmath>
#include <string_view>

namespace giflab::results {

namespace {

// Records as RFC 4180 has them: CRLF at the end, quotes where they are needed.
class record {
 public:
   record &field(std::string_view text) {
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
   record &text(std::string_view free_text) { return field(config::valid_utf8(free_text)); }
   record &number(double value) { return field(exact_number(value)); }
   record &number(int64_t value) { return field(std::to_string(value)); }
   record &milliseconds(int64_t microseconds) { return field(exact_milliseconds(microseconds)); }

   std::string taken() { return std::move(line_ += "\r\n"); }

 private:
   std::string line_;
   bool started_ = false;
};

constexpr std::string_view value_columns =
    "reference,distorted,metric,value,status,reason,mean,std,min,p05,p95,max,first,middle,last,"
    "positional_variance,frames,direction,unit,pooling,plugin,version,device\r\n";
constexpr std::string_view frame_columns =
    "reference,distorted,pair,reference_frame,distorted_frame,start_ms,duration_ms,metric,value,reason\r\n";

record started(const comparison &from) {
   record row;
   row.text(from.reference.path).text(from.distorted.path);
   return row;
}

class csv_sink : public sink {
 public:
   csv_sink(output_file file, bool per_frame) : file_(std::move(file)), per_frame_(per_frame) {}

   result<void> write(const comparison &comparison) override {
      if (result<void> done = write_header(); !done)
         return done;
      result<void> done = per_frame_ ? write_frames(comparison) : write_values(comparison);
      return done ? file_.flush() : done;
   }

   result<void> finish() override {
      result<void> done = write_header();
      return done ? file_.commit() : done;
   }

 private:
   result<void> write_header();
   result<void> write_values(const comparison &comparison);
   result<void> write_frames(const comparison &comparison);
   result<void> write_frame_value(const comparison &comparison, const pair_row &pair, std::size_t metric);

   output_file file_;
   bool per_frame_;
   bool headed_ = false;
};

result<void> csv_sink::write_header() {
   if (std::exchange(headed_, true))
      return {};
   return file_.write(per_frame_ ? frame_columns : value_columns);
}

void add_statistics(record &row, const metric_value &metric) {
   const statistics all = metric.statistics.value_or(statistics());
   row.number(all.mean).number(all.std).number(all.min).number(all.p05).number(all.p95).number(all.max);
   row.number(all.first).number(all.middle).number(all.last).number(all.positional_variance);
}

std::string value_record(const comparison &from, const metric_value &metric) {
   record row = started(from);
   row.text(metric.id);
   row.number(metric.status == status::present ? metric.value : std::nan(""));
   row.field(word_for(metric.status)).text(metric.reason);
   add_statistics(row, metric);
   row.number(metric.frames).field(word_for(metric.direction)).text(metric.unit).text(metric.pooling);
   row.text(metric.plugin).text(metric.version).text(metric.device);
   return row.taken();
}

// A comparison without any metric still has its row, so that it is not lost.
result<void> csv_sink::write_values(const comparison &comparison) {
   if (comparison.metrics.empty()) {
      metric_value none;
      none.status = status::failed;
      none.reason = comparison.failure;
      return file_.write(value_record(comparison, none));
   }
   for (const metric_value &metric : comparison.metrics)
      if (result<void> done = file_.write(value_record(comparison, metric)); !done)
         return done;
   return {};
}

result<void> csv_sink::write_frame_value(const comparison &comparison, const pair_row &pair,
                                         std::size_t metric) {
   const metric_value &about = comparison.metrics[metric];
   const double value = pair.values[metric];
   record row = started(comparison);
   row.number(pair.pair).number(pair.reference_frame).number(pair.distorted_frame);
   row.milliseconds(pair.start_us).milliseconds(pair.duration_us).text(about.id).number(value);
   if (!std::isnan(value))
      row.field("");
   else
      row.text(about.reason.empty() ? "the metric has no value for this pair" : about.reason);
   return file_.write(row.taken());
}

result<void> csv_sink::write_frames(const comparison &comparison) {
   for (const pair_row &pair : comparison.pairs)
      for (std::size_t i = 0; i < comparison.metrics.size(); ++i) {
         const bool of_whole_clip = comparison.metrics[i].pooling.empty();
         if (of_whole_clip)
            continue;
         if (result<void> done = write_frame_value(comparison, pair, i); !done)
            return done;
      }
   return {};
}

} // namespace

std::unique_ptr<sink> make_csv_sink(output_file file, bool per_frame) {
   return std::make_unique<csv_sink>(std::move(file), per_frame);
}

} // namespace giflab::results
