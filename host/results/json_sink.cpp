#include "config/printable.hpp"
#include "results/sink_kinds.hpp"
#include "results/words.hpp"

#include <cmath>
#include <nlohmann/json.hpp>

namespace giflab::results {

namespace {

using json = nlohmann::ordered_json;

// JSON has no infinity; these texts are what protobuf's JSON mapping writes, and float() in Python and
// Number() in JavaScript read them.
json number(double value) {
   if (std::isnan(value))
      return nullptr;
   return std::isinf(value) ? json(exact_number(value)) : json(value);
}

json milliseconds(int64_t microseconds) {
   const bool whole = microseconds % 1000 == 0;
   return whole ? json(microseconds / 1000) : json(static_cast<double>(microseconds) / 1000.0);
}

json text(const std::string &value) { return config::valid_utf8(value); }

json texts(const std::vector<std::string> &values) {
   json list = json::array();
   for (const std::string &value : values)
      list.push_back(text(value));
   return list;
}

// Of a file that could not be read the path alone is known.
json facts_of(const file_summary &file) {
   if (file.format.empty())
      return {{"path", text(file.path)}, {"warnings", texts(file.warnings)}};
   return {{"path", text(file.path)},
           {"format", text(file.format)},
           {"bytes", file.bytes},
           {"width", file.width},
           {"height", file.height},
           {"frames", file.frames},
           {"duration_ms", milliseconds(file.duration_us)},
           {"loop_count", file.loop_count},
           {"warnings", texts(file.warnings)}};
}

json report_of(const alignment_summary &alignment) {
   if (alignment.mode.empty()) // it did not come to that
      return nullptr;
   return {{"mode", text(alignment.mode)},
           {"pairs", alignment.pairs},
           {"duration_ms", milliseconds(alignment.duration_us)},
           {"dropped", alignment.dropped},
           {"duplicated", alignment.duplicated},
           {"reordered", alignment.reordered},
           {"max_drift_ms", milliseconds(alignment.max_drift_us)},
           {"notes", texts(alignment.notes)}};
}

json statistics_of(const metric_value &metric) {
   if (!metric.statistics)
      return nullptr;
   const statistics &all = *metric.statistics;
   return {{"mean", number(all.mean)},   {"std", number(all.std)},
           {"min", number(all.min)},     {"max", number(all.max)},
           {"p05", number(all.p05)},     {"p95", number(all.p95)},
           {"first", number(all.first)}, {"middle", number(all.middle)},
           {"last", number(all.last)},   {"positional_variance", number(all.positional_variance)}};
}

json worst_of(const metric_value &metric) {
   json list = json::array();
   for (const worst_pair &pair : metric.worst)
      list.push_back(
          {{"pair", pair.pair}, {"start_ms", milliseconds(pair.start_us)}, {"value", number(pair.value)}});
   return list;
}

json row_of(const metric_value &metric) {
   const bool present = metric.status == status::present;
   return {{"value", present ? number(metric.value) : json(nullptr)},
           {"status", word_for(metric.status)},
           {"reason", metric.reason.empty() ? json(nullptr) : text(metric.reason)},
           {"statistics", statistics_of(metric)},
           {"worst", worst_of(metric)},
           {"direction", word_for(metric.direction)},
           {"unit", text(metric.unit)},
           {"pooling", text(metric.pooling)},
           {"plugin", text(metric.plugin)},
           {"version", text(metric.version)},
           {"device", text(metric.device)},
           {"frames", metric.frames}};
}

json frames_of(const comparison &comparison) {
   json list = json::array();
   for (const pair_row &pair : comparison.pairs) {
      json values = json::object();
      for (std::size_t i = 0; i < comparison.metrics.size(); ++i)
         if (!comparison.metrics[i].pooling.empty()) // the others are of the whole clip
            values[config::valid_utf8(comparison.metrics[i].id)] = number(pair.values[i]);
      list.push_back({{"pair", pair.pair},
                      {"reference_frame", pair.reference_frame},
                      {"distorted_frame", pair.distorted_frame},
                      {"start_ms", milliseconds(pair.start_us)},
                      {"duration_ms", milliseconds(pair.duration_us)},
                      {"values", std::move(values)}});
   }
   return list;
}

json document_of(const comparison &comparison, bool per_frame) {
   json document = {
       {"schema", "giflab.compare/1"},
       {"giflab", GIFLAB_VERSION},
       {"reference", facts_of(comparison.reference)},
       {"distorted", facts_of(comparison.distorted)},
       {"alignment", report_of(comparison.alignment)},
       {"settings",
        {{"optimization_level", comparison.optimization_level}, {"background", text(comparison.background)}}}};
   json &metrics = document["metrics"] = json::object();
   for (const metric_value &metric : comparison.metrics)
      metrics[config::valid_utf8(metric.id)] = row_of(metric);
   if (per_frame)
      document["frames"] = frames_of(comparison);
   if (!comparison.failure.empty())
      document["failure"] = text(comparison.failure);
   return document;
}

constexpr int indent = 3;

// A document as it stands in the list of a run.
std::string indented(std::string_view document) {
   const std::string margin(std::size_t{2} * indent, ' ');
   std::string deeper = margin;
   for (const char c : document) {
      deeper += c;
      if (c == '\n')
         deeper += margin;
   }
   return deeper;
}

class json_sink : public sink {
 public:
   json_sink(output_file file, bool many, bool per_frame)
       : file_(std::move(file)), many_(many), per_frame_(per_frame) {}

   result<void> write(const comparison &comparison) override {
      const std::string document = document_of(comparison, per_frame_).dump(indent);
      if (!many_)
         return file_.write(document + "\n");
      return file_.write(opening() + indented(document));
   }

   result<void> finish() override {
      if (many_) {
         const bool empty = count_ == 0;
         const std::string end = empty ? opening() + "]\n}\n" : "\n   ]\n}\n";
         if (result<void> done = file_.write(end); !done)
            return done;
      }
      return file_.commit();
   }

 private:
   // What stands before the next comparison. The list is written by hand so that none has to be kept.
   std::string opening() {
      if (count_++ > 0)
         return ",\n";
      return "{\n   \"schema\": \"giflab.run/1\",\n   \"giflab\": \"" GIFLAB_VERSION
             "\",\n   \"comparisons\": [\n";
   }

   output_file file_;
   bool many_, per_frame_;
   int64_t count_ = 0;
};

class json_lines_sink : public sink {
 public:
   json_lines_sink(output_file file, bool per_frame) : file_(std::move(file)), per_frame_(per_frame) {}

   result<void> write(const comparison &comparison) override {
      result<void> done = file_.write(document_of(comparison, per_frame_).dump() + "\n");
      return done ? file_.flush() : done;
   }

   result<void> finish() override { return file_.commit(); }

 private:
   output_file file_;
   bool per_frame_;
};

} // namespace

std::unique_ptr<sink> make_json_sink(output_file file, bool many, bool per_frame) {
   return std::make_unique<json_sink>(std::move(file), many, per_frame);
}

std::unique_ptr<sink> make_json_lines_sink(output_file file, bool per_frame) {
   return std::make_unique<json_lines_sink>(std::move(file), per_frame);
}

} // namespace giflab::results
