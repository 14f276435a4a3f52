#include "results/search_exports.hpp"

#include "results/csv_record.hpp"
#include "results/json_forms.hpp"
#include "results/output_file.hpp"

namespace giflab::results {

namespace {

using json = nlohmann::ordered_json;

constexpr std::string_view schema = "giflab.search/1";

std::string csv_rows(const experiment_source &source, std::span<const gate> goals, const search_row &row) {
   std::string text;
   for (std::size_t i = 0; i < row.trials.size(); ++i) {
      const search_trial &trial = row.trials[i];
      csv_record line;
      line.field(schema).text(source.path).field(source.content).number(source.bytes).text(row.ladder);
      line.number(static_cast<int64_t>(row.values)).number(trial.pipeline).text(trial.value);
      trial.bytes > 0 ? line.number(trial.bytes) : line.field("");
      line.field(trial.meets ? "yes" : "no").text(trial.absence);
      line.field(row.best == i ? (row.chosen ? "smallest" : "smallest of its kind") : "");
      for (std::size_t goal = 0; goal < goals.size(); ++goal)
         line.number(trial.readings[goal]);
      text += line.taken();
   }
   return text;
}

std::string csv_heading(std::span<const gate> goals) {
   csv_record line;
   for (const char *name : {"schema", "source", "content", "source_bytes", "pipelines", "values", "pipeline",
                            "value", "bytes", "meets", "reason", "answer"})
      line.field(name);
   for (const gate &goal : goals)
      line.text(goal.text);
   return line.taken();
}

json document_of(const experiment_source &source, std::span<const gate> goals, const search_row &row) {
   json trials = json::array();
   for (const search_trial &trial : row.trials) {
      json readings = json::object();
      for (std::size_t goal = 0; goal < goals.size(); ++goal)
         readings[goals[goal].text] = json_number(trial.readings[goal]);
      trials.push_back({{"pipeline", trial.pipeline},
                        {"value", json_text(trial.value)},
                        {"bytes", trial.bytes > 0 ? json(trial.bytes) : json(nullptr)},
                        {"meets", trial.meets},
                        {"reason", trial.absence.empty() ? json(nullptr) : json_text(trial.absence)},
                        {"goals", std::move(readings)}});
   }
   json notes = json::array();
   for (const std::string &note : row.notes)
      notes.push_back(json_text(note));
   return {{"schema", schema},
           {"source", {{"path", json_text(source.path)}, {"content", source.content}, {"bytes", source.bytes}}},
           {"pipelines", json_text(row.ladder)},
           {"knob", row.knob.empty() ? json(nullptr) : json_text(row.knob)},
           {"values", row.values},
           {"outcome", word_for(row.outcome)},
           {"reason", row.reason.empty() ? json(nullptr) : json_text(row.reason)},
           {"answer", row.best ? json(row.trials[*row.best].pipeline) : json(nullptr)},
           {"smallest", row.chosen},
           {"notes", std::move(notes)},
           {"trials", std::move(trials)}};
}

} // namespace

std::string_view word_for(search_outcome value) {
   switch (value) {
   case search_outcome::found:
      return "found";
   case search_outcome::unreachable:
      return "unreachable";
   case search_outcome::unavailable:
      return "unavailable";
   case search_outcome::failed:
      return "failed";
   }
   return {};
}

result<void> export_search(journal &from, std::span<const gate> goals, std::span<const search_row> rows,
                           const std::string &folder) {
   auto sources = from.sources();
   if (!sources)
      return tl::unexpected(sources.error());
   auto csv = output_file::open(folder + "/search.csv"), lines = output_file::open(folder + "/search.jsonl");
   for (const auto *file : {&csv, &lines})
      if (!*file)
         return tl::unexpected(file->error());
   result<void> done = csv->write(csv_heading(goals));
   for (std::size_t i = 0; done && i < rows.size(); ++i) {
      const experiment_source &source = sources->at(static_cast<std::size_t>(rows[i].source - 1));
      done = csv->write(csv_rows(source, goals, rows[i])).and_then([&] {
         return lines->write(document_of(source, goals, rows[i]).dump() + "\n");
      });
   }
   return done.and_then([&] { return csv->commit(); }).and_then([&] { return lines->commit(); });
}

} // namespace giflab::results
