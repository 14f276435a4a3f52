#include "results/csv_record.hpp"
#include "results/sink_kinds.hpp"
#include "results/words.hpp"

#include <cmath>
#include <string_view>

namespace giflab::results {

namespace {

constexpr std::string_view value_columns =
    "reference,distorted,metric,value,status,reason,mean,std,min,p05,p95,max,first,middle,last,"
    "positional_variance,frames,direction,unit,pooling,plugin,version,device";
constexpr std::string_view sampled_columns = ",sample_of,confidence,low,high";
constexpr std::string_view frame_columns =
    "reference,distorted,pair,reference_frame,distorted_frame,start_ms,duration_ms,metric,value,reason";

csv_record started(const comparison &from) {
   csv_record row;
   row.text(from.reference.path).text(from.distorted.path);
   return row;
}

class csv_sink : public sink {
 public:
   csv_sink(output_file file, bool per_frame, bool samples)
       : file_(std::move(file)), per_frame_(per_frame), samples_(samples && !per_frame) {}

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
   bool per_frame_, samples_;
   bool headed_ = false;
};

result<void> csv_sink::write_header() {
   if (std::exchange(headed_, true))
      return {};
   return file_.write(std::string(per_frame_ ? frame_columns : value_columns) +
                      std::string(samples_ ? sampled_columns : "") + "\r\n");
}

// Empty fields for what was not sampled.
void add_sample(csv_record &row, const metric_value &metric) {
   if (!metric.sample)
      return void(row.field("").field("").field("").field(""));
   const sampled_statistic &value = metric.sample->intervals.front();
   row.number(metric.sample->pairs).number(metric.sample->confidence).number(value.low).number(value.high);
}

std::string value_record(const comparison &from, const metric_value &metric, bool samples) {
   csv_record row = started(from);
   row.text(metric.id);
   row.number(metric.status == status::present ? metric.value : std::nan(""));
   row.field(word_for(metric.status)).text(metric.reason);
   row.statistics(metric);
   row.number(metric.frames).field(word_for(metric.direction)).text(metric.unit).text(metric.pooling);
   row.text(metric.plugin).text(metric.version).text(metric.device);
   if (samples)
      add_sample(row, metric);
   return row.taken();
}

// A comparison without any metric still has its row, so that it is not lost.
result<void> csv_sink::write_values(const comparison &comparison) {
   if (comparison.metrics.empty()) {
      metric_value none;
      none.status = status::failed;
      none.reason = comparison.failure;
      return file_.write(value_record(comparison, none, samples_));
   }
   for (const metric_value &metric : comparison.metrics)
      if (result<void> done = file_.write(value_record(comparison, metric, samples_)); !done)
         return done;
   return {};
}

result<void> csv_sink::write_frame_value(const comparison &comparison, const pair_row &pair,
                                         std::size_t metric) {
   const metric_value &about = comparison.metrics[metric];
   const double value = pair.values[metric];
   csv_record row = started(comparison);
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

std::unique_ptr<sink> make_csv_sink(output_file file, bool per_frame, bool samples) {
   return std::make_unique<csv_sink>(std::move(file), per_frame, samples);
}

} // namespace giflab::results
