#include "config/printable.hpp"
#include "results/json_forms.hpp"
#include "results/sink_kinds.hpp"

namespace giflab::results {

namespace {

using json = nlohmann::ordered_json;

json texts(const std::vector<std::string> &values) {
   json list = json::array();
   for (const std::string &value : values)
      list.push_back(json_text(value));
   return list;
}

// Of a file that could not be read the path alone is known.
json facts_of(const file_summary &file) {
   if (file.format.empty())
      return {{"path", json_text(file.path)}, {"warnings", texts(file.warnings)}};
   return {{"path", json_text(file.path)},
           {"format", json_text(file.format)},
           {"bytes", file.bytes},
           {"width", file.width},
           {"height", file.height},
           {"frames", file.frames},
           {"duration_ms", json_milliseconds(file.duration_us)},
           {"loop_count", file.loop_count},
           {"warnings", texts(file.warnings)}};
}

json report_of(const alignment_summary &alignment) {
   if (alignment.mode.empty()) // it did not come to that
      return nullptr;
   return {{"mode", json_text(alignment.mode)},
           {"pairs", alignment.pairs},
           {"duration_ms", json_milliseconds(alignment.duration_us)},
           {"dropped", alignment.dropped},
           {"duplicated", alignment.duplicated},
           {"reordered", alignment.reordered},
           {"max_drift_ms", json_milliseconds(alignment.max_drift_us)},
           {"notes", texts(alignment.notes)}};
}

json frames_of(const comparison &comparison) {
   json list = json::array();
   for (const pair_row &pair : comparison.pairs) {
      json values = json::object();
      for (std::size_t i = 0; i < comparison.metrics.size(); ++i)
         if (!comparison.metrics[i].pooling.empty()) // the others are of the whole clip
            values[config::valid_utf8(comparison.metrics[i].id)] = json_number(pair.values[i]);
      list.push_back({{"pair", pair.pair},
                      {"reference_frame", pair.reference_frame},
                      {"distorted_frame", pair.distorted_frame},
                      {"start_ms", json_milliseconds(pair.start_us)},
                      {"duration_ms", json_milliseconds(pair.duration_us)},
                      {"values", std::move(values)}});
   }
   return list;
}

json document_of(const comparison &comparison, bool per_frame) {
   json document = {{"schema", "giflab.compare/1"},
                    {"giflab", GIFLAB_VERSION},
                    {"reference", facts_of(comparison.reference)},
                    {"distorted", facts_of(comparison.distorted)},
                    {"alignment", report_of(comparison.alignment)},
                    {"settings",
                     {{"optimization_level", comparison.optimization_level},
                      {"background", json_text(comparison.background)}}}};
   json &metrics = document["metrics"] = json::object();
   for (const metric_value &metric : comparison.metrics)
      metrics[config::valid_utf8(metric.id)] = json_of(metric);
   if (per_frame)
      document["frames"] = frames_of(comparison);
   if (!comparison.failure.empty())
      document["failure"] = json_text(comparison.failure);
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
