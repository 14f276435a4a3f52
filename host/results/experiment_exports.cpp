#include "results/experiment_exports.hpp"

#include "results/csv_record.hpp"
#include "results/json_forms.hpp"
#include "results/output_file.hpp"
#include "results/words.hpp"

#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <unistd.h>

namespace giflab::results {

namespace {

namespace fs = std::filesystem;
using json = nlohmann::ordered_json;

constexpr std::string_view schema = "giflab.experiment/1";

constexpr std::string_view result_columns =
    "schema,source,content,source_bytes,pipeline,frame,colour,lossy,file,bytes,size_percent,metric,value,"
    "status,reason,mean,std,min,p05,p95,max,first,middle,last,positional_variance,frames,direction,unit,"
    "pooling,plugin,version,device\r\n";
constexpr std::string_view front_columns =
    "schema,source,pipeline,frame,colour,lossy,size_percent,metric,quality,front,dominated_by,reason\r\n";

// What every export needs at hand.
struct experiment_tables {
   std::vector<experiment_source> sources;
   std::vector<experiment_pipeline> pipelines;

   const experiment_source &source(int64_t number) const {
      return sources.at(static_cast<std::size_t>(number - 1));
   }
   const experiment_pipeline &pipeline(int64_t number) const {
      return pipelines.at(static_cast<std::size_t>(number - 1));
   }
};

double size_percent(const experiment_cell &cell) {
   if (cell.found.reference.bytes <= 0 || cell.found.distorted.bytes <= 0)
      return statistics::none;
   return 100 * static_cast<double>(cell.found.distorted.bytes) /
          static_cast<double>(cell.found.reference.bytes);
}

csv_record &add_steps(csv_record &row, const experiment_pipeline &pipeline) {
   for (const std::string &step : pipeline.steps)
      row.text(step);
   return row;
}

std::string csv_row(const experiment_tables &tables, const experiment_cell &cell, const metric_value &metric) {
   const experiment_source &source = tables.source(cell.source);
   csv_record row;
   row.field(schema).text(source.path).field(source.content).number(source.bytes).number(cell.pipeline);
   add_steps(row, tables.pipeline(cell.pipeline)).text(cell.file);
   cell.found.distorted.bytes > 0 ? row.number(cell.found.distorted.bytes) : row.field("");
   row.number(size_percent(cell)).text(metric.id);
   row.number(metric.status == status::present ? metric.value : statistics::none);
   row.field(word_for(metric.status)).text(metric.reason).statistics(metric);
   row.number(metric.frames).field(word_for(metric.direction)).text(metric.unit).text(metric.pooling);
   row.text(metric.plugin).text(metric.version).text(metric.device);
   return row.taken();
}

json cell_document(const experiment_tables &tables, const experiment_cell &cell) {
   const experiment_source &source = tables.source(cell.source);
   const auto &steps = tables.pipeline(cell.pipeline).steps;
   const bool made = cell.status == status::present;
   json document = {
       {"schema", schema},
       {"source", {{"path", json_text(source.path)}, {"content", source.content}, {"bytes", source.bytes}}},
       {"pipeline",
        {{"number", cell.pipeline},
         {"frame", json_text(steps[0])},
         {"colour", json_text(steps[1])},
         {"lossy", json_text(steps[2])}}},
       {"status", word_for(cell.status)},
       {"reason", cell.reason.empty() ? json(nullptr) : json_text(cell.reason)},
       {"file", cell.file.empty() ? json(nullptr) : json_text(cell.file)},
       {"bytes", made ? json(cell.found.distorted.bytes) : json(nullptr)},
       {"size_percent", json_number(size_percent(cell))}};
   if (made)
      document["alignment"] = {{"pairs", cell.found.alignment.pairs},
                               {"dropped", cell.found.alignment.dropped},
                               {"duplicated", cell.found.alignment.duplicated},
                               {"reordered", cell.found.alignment.reordered},
                               {"max_drift_ms", json_milliseconds(cell.found.alignment.max_drift_us)}};
   json &metrics = document["metrics"] = json::object();
   for (const metric_value &metric : cell.found.metrics) {
      json value = json_of(metric);
      value.erase("worst"); // a journal keeps none
      metrics[metric.id] = std::move(value);
   }
   return document;
}

result<void> write_rows(journal &from, const experiment_tables &tables, const std::string &folder) {
   auto csv = output_file::open(folder + "/results.csv");
   auto lines = output_file::open(folder + "/results.jsonl");
   for (const auto *file : {&csv, &lines})
      if (!*file)
         return tl::unexpected(file->error());
   auto written = csv->write(result_columns).and_then([&] {
      return from.visit([&](const experiment_cell &cell) {
         result<void> done = lines->write(cell_document(tables, cell).dump() + "\n");
         for (std::size_t i = 0; done && i < cell.found.metrics.size(); ++i)
            done = csv->write(csv_row(tables, cell, cell.found.metrics[i]));
         return done;
      });
   });
   return written.and_then([&] { return csv->commit(); }).and_then([&] { return lines->commit(); });
}

std::string front_line(const experiment_tables &tables, const front_row &front, const std::string &quality) {
   csv_record row;
   row.field(schema).text(front.source ? tables.source(*front.source).path : "").number(front.pipeline);
   add_steps(row, tables.pipeline(front.pipeline)).number(100 * front.size).text(quality).number(front.quality);
   row.field(front.on_front() ? "true" : "false");
   front.dominated_by ? row.number(*front.dominated_by) : row.field("");
   row.text(front.reason);
   return row.taken();
}

result<void> write_fronts(const experiment_tables &tables, std::span<const front_row> fronts,
                          const std::string &quality, const std::string &folder) {
   auto csv = output_file::open(folder + "/pareto.csv");
   if (!csv)
      return tl::unexpected(csv.error());
   result<void> done = csv->write(front_columns);
   for (std::size_t i = 0; done && i < fronts.size(); ++i)
      done = csv->write(front_line(tables, fronts[i], quality));
   return done.and_then([&] { return csv->commit(); });
}

std::string quoted(const std::string &text) {
   std::string made = "'";
   for (const char c : text)
      made += c == '\'' ? std::string("''") : std::string(1, c);
   return made + "'";
}

std::string sql_number(double value) {
   if (std::isnan(value))
      return "NULL";
   return std::isinf(value) ? (value > 0 ? "9e999" : "-9e999") : exact_number(value);
}

std::string front_table(std::span<const front_row> fronts, const std::string &quality) {
   std::string made = "CREATE TABLE export.fronts(source INTEGER, pipeline INTEGER NOT NULL, size REAL, metric "
                      "TEXT NOT NULL, quality REAL, front INTEGER NOT NULL, dominated_by INTEGER, reason TEXT "
                      "NOT NULL);";
   for (const front_row &front : fronts)
      made += fmt::format(
          "INSERT INTO export.fronts VALUES({},{},{},{},{},{},{},{});",
          front.source ? std::to_string(*front.source) : "NULL", front.pipeline, sql_number(front.size),
          quoted(quality), sql_number(front.quality), front.on_front() ? 1 : 0,
          front.dominated_by ? std::to_string(*front.dominated_by) : "NULL", quoted(front.reason));
   return made;
}

// SQLite writes a file by its name, so it is made under another name and becomes an output like the others.
result<void> write_database(journal &from, std::span<const front_row> fronts, const std::string &quality,
                            const std::string &folder) {
   const std::string temporary = folder + "/.giflab-export.tmp";
   std::error_code trouble; // one that a killed run left; if it stays, SQLite says so
   fs::remove(temporary, trouble);
   auto made = from.copy_to(temporary, front_table(fronts, quality)).and_then([&] {
      return publish(temporary, folder + "/results.sqlite");
   });
   fs::remove(temporary, trouble);
   return made;
}

} // namespace

result<void> export_experiment(journal &from, std::span<const front_row> fronts, const std::string &quality,
                               const std::string &folder) {
   auto sources = from.sources();
   if (!sources)
      return tl::unexpected(sources.error());
   auto pipelines = from.pipelines();
   if (!pipelines)
      return tl::unexpected(pipelines.error());
   const experiment_tables tables{std::move(*sources), std::move(*pipelines)};
   return write_rows(from, tables, folder)
       .and_then([&] { return write_fronts(tables, fronts, quality, folder); })
       .and_then([&] { return write_database(from, fronts, quality, folder); });
}

} // namespace giflab::results
