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

constexpr std::string_view schema = "giflab.experiment/2";

constexpr std::string_view result_columns =
    "schema,source,content,source_bytes,platform,class,pipeline,frame,colour,lossy,file,bytes,size_percent,"
    "validation,metric,value,status,reason,mean,std,min,p05,p95,max,first,middle,last,positional_variance,"
    "frames,direction,unit,pooling,plugin,version,device\r\n";
constexpr std::string_view source_columns =
    "schema,source,content,bytes,platform,query,collection,class,class_reason,width,height,frames,duration_ms";
constexpr std::string_view validation_columns =
    "schema,source,class,pipeline,frame,colour,lossy,validation,rule,measured,value,limit,limit_of,status,"
    "reason\r\n";
constexpr std::string_view front_columns =
    "schema,source,pipeline,frame,colour,lossy,size_percent,metric,quality,front,dominated_by,"
    "dominated_by_steps,reason\r\n";
constexpr std::string_view elimination_columns =
    "schema,class,sources,pipeline,frame,colour,lossy,size_percent,metric,quality,verdict,reason\r\n";

// What every export needs at hand.
struct experiment_tables {
   const experiment_findings &findings;
   std::vector<experiment_source> sources;
   std::vector<experiment_pipeline> pipelines;

   const source_finding &finding(int64_t number) const {
      return findings.sources.at(static_cast<std::size_t>(number - 1));
   }
   validation judged(const experiment_cell &cell) const {
      return validate(findings.rules, cell, finding(cell.source), pipeline(cell.pipeline));
   }

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

std::string csv_row(const experiment_tables &tables, const experiment_cell &cell, validation_status judged,
                    const metric_value &metric) {
   const experiment_source &source = tables.source(cell.source);
   const source_finding &finding = tables.finding(cell.source);
   csv_record row;
   row.field(schema).text(source.path).field(source.content).number(source.bytes);
   row.field(finding.origin.platform).text(finding.content.name).number(cell.pipeline);
   add_steps(row, tables.pipeline(cell.pipeline)).text(cell.file);
   cell.found.distorted.bytes > 0 ? row.number(cell.found.distorted.bytes) : row.field("");
   row.number(size_percent(cell)).field(word_for(judged)).text(metric.id);
   row.number(metric.status == status::present ? metric.value : statistics::none);
   row.field(word_for(metric.status)).text(metric.reason).statistics(metric);
   row.number(metric.frames).field(word_for(metric.direction)).text(metric.unit).text(metric.pooling);
   row.text(metric.plugin).text(metric.version).text(metric.device);
   return row.taken();
}

// What was looked at and found good is left out; validation.csv has it.
json validation_document(const validation &judged) {
   json issues = json::array(), unknown = json::array();
   for (const judgement &one : judged.judgements)
      if (one.status == validation_status::unknown)
         unknown.push_back({{"rule", json_text(one.rule)}, {"reason", json_text(one.reason)}});
      else if (one.status != validation_status::pass)
         issues.push_back({{"rule", json_text(one.rule)},
                           {"status", word_for(one.status)},
                           {"measured", json_text(one.name)},
                           {"value", json_number(one.value)},
                           {"limit", json_text(one.limit)},
                           {"reason", json_text(one.reason)}});
   return {{"status", word_for(judged.status)}, {"issues", issues}, {"not_judged", unknown}};
}

json source_document(const experiment_source &source, const source_finding &finding) {
   return {{"path", json_text(source.path)},
           {"content", source.content},
           {"bytes", source.bytes},
           {"platform", finding.origin.platform},
           {"class", json_text(finding.content.name)}};
}

json cell_document(const experiment_tables &tables, const experiment_cell &cell, const validation &judged) {
   const auto &steps = tables.pipeline(cell.pipeline).steps;
   const bool made = cell.status == status::present;
   json document = {{"schema", schema},
                    {"source", source_document(tables.source(cell.source), tables.finding(cell.source))},
                    {"pipeline",
                     {{"number", cell.pipeline},
                      {"frame", json_text(steps[0])},
                      {"colour", json_text(steps[1])},
                      {"lossy", json_text(steps[2])}}},
                    {"status", word_for(cell.status)},
                    {"reason", cell.reason.empty() ? json(nullptr) : json_text(cell.reason)},
                    {"file", cell.file.empty() ? json(nullptr) : json_text(cell.file)},
                    {"bytes", made ? json(cell.found.distorted.bytes) : json(nullptr)},
                    {"size_percent", json_number(size_percent(cell))},
                    {"validation", validation_document(judged)}};
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

std::string judgement_line(const experiment_tables &tables, const experiment_cell &cell,
                           validation_status status, const judgement &one) {
   csv_record row;
   row.field(schema).text(tables.source(cell.source).path).text(tables.finding(cell.source).content.name);
   add_steps(row.number(cell.pipeline), tables.pipeline(cell.pipeline)).field(word_for(status));
   row.text(one.rule).text(one.name).number(one.value).text(one.limit).text(one.origin);
   row.field(word_for(one.status)).text(one.reason);
   return row.taken();
}

// What came of the cells, in three forms at a time: the journal is read once.
result<void> write_rows(journal &from, const experiment_tables &tables, const std::string &folder) {
   auto csv = output_file::open(folder + "/results.csv");
   auto lines = output_file::open(folder + "/results.jsonl");
   auto judgements = output_file::open(folder + "/validation.csv");
   for (const auto *file : {&csv, &lines, &judgements})
      if (!*file)
         return tl::unexpected(file->error());
   auto written = csv->write(result_columns).and_then([&] { return judgements->write(validation_columns); });
   if (written)
      written = from.visit([&](const experiment_cell &cell) {
         const validation judged = tables.judged(cell);
         result<void> done = lines->write(cell_document(tables, cell, judged).dump() + "\n");
         for (std::size_t i = 0; done && i < cell.found.metrics.size(); ++i)
            done = csv->write(csv_row(tables, cell, judged.status, cell.found.metrics[i]));
         for (std::size_t i = 0; done && i < judged.judgements.size(); ++i)
            done = judgements->write(judgement_line(tables, cell, judged.status, judged.judgements[i]));
         return done;
      });
   return written.and_then([&] { return csv->commit(); })
       .and_then([&] { return lines->commit(); })
       .and_then([&] { return judgements->commit(); });
}

std::string source_line(const experiment_source &source, const source_finding &finding,
                        const std::vector<reading> &features) {
   csv_record row;
   row.field(schema).text(source.path).field(source.content).number(source.bytes);
   row.field(finding.origin.platform).text(finding.origin.query).text(finding.origin.collection);
   row.text(finding.content.name).text(finding.content.reason);
   const file_summary &file = finding.found.reference;
   if (finding.found.failure.empty())
      row.number(int64_t{file.width})
          .number(int64_t{file.height})
          .number(file.frames)
          .milliseconds(file.duration_us);
   else
      row.field("").field("").field("").field("");
   for (const reading &feature : features)
      row.number(number_of(feature, finding.found).value_or(statistics::none));
   return row.taken();
}

result<void> write_sources(const experiment_tables &tables, const std::string &folder) {
   auto csv = output_file::open(folder + "/sources.csv");
   if (!csv)
      return tl::unexpected(csv.error());
   csv_record names;
   std::vector<reading> features;
   for (const std::string &text : feature_readings_of(tables.findings.rules)) {
      names.text(text);
      features.push_back(*parse_reading(text)); // the rules were read
   }
   const std::string heading = std::string(source_columns) + (features.empty() ? "" : ",") + names.taken();
   result<void> done = csv->write(heading);
   for (std::size_t i = 0; done && i < tables.sources.size(); ++i)
      done = csv->write(source_line(tables.sources[i], tables.findings.sources[i], features));
   return done.and_then([&] { return csv->commit(); });
}

std::string front_line(const experiment_tables &tables, const front_row &front, const std::string &quality) {
   csv_record row;
   row.field(schema).text(front.source ? tables.source(*front.source).path : "").number(front.pipeline);
   add_steps(row, tables.pipeline(front.pipeline)).number(100 * front.size).text(quality).number(front.quality);
   row.field(front.on_front() ? "true" : "false");
   front.dominated_by ? row.number(*front.dominated_by) : row.field("");
   row.text(front.dominated_by ? tables.pipeline(*front.dominated_by).text() : "").text(front.reason);
   return row.taken();
}

std::string elimination_line(const experiment_tables &tables, const elimination_row &one) {
   csv_record row;
   row.field(schema).text(one.content_class).number(one.sources).number(one.pipeline);
   add_steps(row, tables.pipeline(one.pipeline)).number(100 * one.size).text(tables.findings.quality);
   row.number(one.quality).field(word_for(one.verdict)).text(one.reason);
   return row.taken();
}

result<void> write_eliminations(const experiment_tables &tables, const std::string &folder) {
   auto csv = output_file::open(folder + "/elimination.csv");
   if (!csv)
      return tl::unexpected(csv.error());
   result<void> done = csv->write(elimination_columns);
   for (const elimination_row &row : tables.findings.eliminations)
      if (done)
         done = csv->write(elimination_line(tables, row));
   return done.and_then([&] { return csv->commit(); });
}

result<void> write_fronts(const experiment_tables &tables, const std::string &folder) {
   const std::vector<front_row> &fronts = tables.findings.fronts;
   auto csv = output_file::open(folder + "/pareto.csv");
   if (!csv)
      return tl::unexpected(csv.error());
   result<void> done = csv->write(front_columns);
   for (std::size_t i = 0; done && i < fronts.size(); ++i)
      done = csv->write(front_line(tables, fronts[i], tables.findings.quality));
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

std::string front_table(const std::vector<front_row> &fronts, const std::string &quality) {
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

std::string source_table(const experiment_tables &tables) {
   std::string made = "CREATE TABLE export.classes(source INTEGER PRIMARY KEY, platform TEXT NOT NULL, query "
                      "TEXT NOT NULL, collection TEXT NOT NULL, class TEXT NOT NULL, reason TEXT NOT NULL);";
   int64_t number = 0;
   for (const source_finding &one : tables.findings.sources)
      made += fmt::format("INSERT INTO export.classes VALUES({},{},{},{},{},{});", ++number,
                          quoted(one.origin.platform), quoted(one.origin.query), quoted(one.origin.collection),
                          quoted(one.content.name), quoted(one.content.reason));
   return made;
}

std::string elimination_table(const experiment_tables &tables) {
   std::string made =
       "CREATE TABLE export.eliminations(class TEXT NOT NULL, sources INTEGER NOT NULL, pipeline "
       "INTEGER NOT NULL, size REAL, quality REAL, verdict TEXT NOT NULL, reason TEXT NOT NULL);";
   for (const elimination_row &one : tables.findings.eliminations)
      made +=
          fmt::format("INSERT INTO export.eliminations VALUES({},{},{},{},{},{},{});",
                      quoted(one.content_class), one.sources, one.pipeline, sql_number(one.size),
                      sql_number(one.quality), quoted(std::string(word_for(one.verdict))), quoted(one.reason));
   return made;
}

// Issues alone: what passed, and what was not judged, is in validation.csv.
result<std::string> validation_table(journal &from, const experiment_tables &tables) {
   std::string made =
       "CREATE TABLE export.validations(source INTEGER NOT NULL, pipeline INTEGER NOT NULL, status TEXT NOT "
       "NULL, PRIMARY KEY(source, pipeline)) WITHOUT ROWID;"
       "CREATE TABLE export.issues(source INTEGER NOT NULL, pipeline INTEGER NOT NULL, rule TEXT NOT NULL, "
       "status TEXT NOT NULL, value REAL, limit_text TEXT NOT NULL, reason TEXT NOT NULL);";
   auto visited = from.visit([&](const experiment_cell &cell) -> result<void> {
      const validation judged = tables.judged(cell);
      made += fmt::format("INSERT INTO export.validations VALUES({},{},'{}');", cell.source, cell.pipeline,
                          word_for(judged.status));
      for (const judgement &one : judged.judgements)
         if (one.status != validation_status::pass && one.status != validation_status::unknown)
            made += fmt::format("INSERT INTO export.issues VALUES({},{},{},'{}',{},{},{});", cell.source,
                                cell.pipeline, quoted(one.rule), word_for(one.status), sql_number(one.value),
                                quoted(one.limit), quoted(one.reason));
      return {};
   });
   return visited.map([&] { return std::move(made); });
}

// SQLite writes a file by its name, so it is made under another name and becomes an output like the others.
result<void> write_database(journal &from, const experiment_tables &tables, const std::string &folder) {
   const std::string temporary = folder + "/.giflab-export.tmp";
   std::error_code trouble; // one that a killed run left; if it stays, SQLite says so
   fs::remove(temporary, trouble);
   auto judged = validation_table(from, tables);
   if (!judged)
      return tl::unexpected(judged.error());
   const std::string more = front_table(tables.findings.fronts, tables.findings.quality) +
                            source_table(tables) + elimination_table(tables) + *judged;
   auto made =
       from.copy_to(temporary, more).and_then([&] { return publish(temporary, folder + "/results.sqlite"); });
   fs::remove(temporary, trouble);
   return made;
}

} // namespace

std::string_view word_for(verdict_on_pipeline value) {
   switch (value) {
   case verdict_on_pipeline::kept:
      return "kept";
   case verdict_on_pipeline::eliminated:
      return "eliminated";
   case verdict_on_pipeline::not_judged:
      return "not judged";
   }
   return {};
}

result<void> export_experiment(journal &from, const experiment_findings &found, const std::string &folder) {
   auto sources = from.sources();
   if (!sources)
      return tl::unexpected(sources.error());
   auto pipelines = from.pipelines();
   if (!pipelines)
      return tl::unexpected(pipelines.error());
   const experiment_tables tables{found, std::move(*sources), std::move(*pipelines)};
   return write_rows(from, tables, folder)
       .and_then([&] { return write_sources(tables, folder); })
       .and_then([&] { return write_fronts(tables, folder); })
       .and_then([&] { return write_eliminations(tables, folder); })
       .and_then([&] { return write_database(from, tables, folder); });
}

} // namespace giflab::results
