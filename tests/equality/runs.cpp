#include "runs.hpp"

#include "program.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sstream>

namespace equality {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr int seconds = 6 * 3600; // the whole corpus at level 0 on a busy machine

const json &described() {
   static const json all = json::parse(end_to_end::giflab({"plugins", "--json"}).out)["plugins"];
   return all;
}

std::string sorted_lines(const std::string &text) {
   std::vector<std::string> lines;
   std::istringstream from(text);
   for (std::string line; std::getline(from, line);)
      lines.push_back(line);
   std::sort(lines.begin(), lines.end());
   return fmt::format("{}", fmt::join(lines, "\n"));
}

std::string without_level(std::string text, int level) {
   for (const char *space : {"", " "}) {
      const std::string named = fmt::format("\"optimization_level\":{}{}", space, level);
      for (std::size_t at = 0; (at = text.find(named, at)) != std::string::npos; ++at)
         text.replace(at, named.size(), "\"optimization_level\":0");
   }
   return text;
}

std::size_t numbers_below(const json &value) {
   if (!value.is_structured())
      return value.is_number() ? 1 : 0;
   std::size_t count = 0;
   for (const json &part : value)
      count += numbers_below(part);
   return count;
}

// Where the rows of two runs differ: how often, and first.
std::string differences(const results &a, const results &b) {
   const std::vector<json> left = rows_of(a), right = rows_of(b);
   if (left.size() != right.size())
      return fmt::format("{} rows and {}", left.size(), right.size());
   std::size_t count = 0;
   std::string first;
   for (std::size_t i = 0; i < left.size(); ++i)
      for (const json &change : json::diff(left[i], right[i])) {
         if (count++ == 0)
            first = fmt::format("{}: {}", left[i]["distorted"]["path"].dump(), change.dump());
      }
   return fmt::format("{} values differ; the first is {}", count, first);
}

} // namespace

std::string name_of(const way &how) {
   return fmt::format("level {}, {} threads, {}, {}", how.level, how.threads,
                      how.in_process ? "in process" : "workers", how.variables);
}

const metric_sets &metrics() {
   static const metric_sets sets = [] {
      std::vector<std::string> cheap = {"default"}, dear;
      for (const json &plugin : described()) {
         const std::string cost = plugin["cost"].is_string() ? plugin["cost"] : "";
         const bool on_request = plugin["flags"] == json({"on_request"});
         if (plugin["kind"] != "metric" || !on_request || !plugin["models"].empty() || cost == "more")
            continue;
         (cost == "1ns" || cost == "10ns" ? cheap : dear).push_back(plugin["id"]);
      }
      REQUIRE(cheap.size() > 5);
      REQUIRE(dear.size() > 5);
      return metric_sets{fmt::format("{}", fmt::join(cheap, ",")), fmt::format("{}", fmt::join(dear, ","))};
   }();
   return sets;
}

const std::map<std::string, double> &tolerances() {
   static const std::map<std::string, double> all = [] {
      std::map<std::string, double> found;
      for (const json &plugin : described())
         if (plugin["kind"] == "metric")
            for (const json &output : plugin["outputs"])
               found[output["id"]] = output["tolerance"];
      return found;
   }();
   return all;
}

results run(const std::string &metrics, const std::string &inputs, const way &how,
            const std::vector<std::string> &more) {
   const fs::path folder = end_to_end::fresh_folder("equality");
   std::string text = inputs;
   for (const char *form : {"jsonl", "json", "csv", "table"})
      text += fmt::format("[[outputs]]\nformat = \"{0}\"\npath = \"results.{0}\"\n{1}", form,
                          std::string(form) == "table" ? "" : "per_frame = true\n");
   end_to_end::write_file(folder / "run.toml", text);
   std::vector<std::string> words = {"run",
                                     "run.toml",
                                     "--quiet",
                                     "--opt-level",
                                     std::to_string(how.level),
                                     "--threads",
                                     std::to_string(how.threads)};
   if (!metrics.empty())
      words.insert(words.end(), {"--metrics", metrics});
   if (how.in_process)
      words.push_back("--in-process");
   words.insert(words.end(), more.begin(), more.end());
   const end_to_end::outcome ended = end_to_end::giflab(
       {.arguments = words, .variables = how.variables, .folder = folder, .seconds = seconds});
   CAPTURE(ended.err);
   CHECK_FALSE(ended.hung);
   CHECK(end_to_end::sanitizer_report(ended).empty());
   CHECK((ended.code == 0 || ended.code == 3 || ended.code == 4));
   const auto left = [&](const char *form) {
      return without_level(end_to_end::contents(folder / fmt::format("results.{}", form)), how.level);
   };
   return {ended.code, sorted_lines(ended.err), left("jsonl"), left("json"), left("csv"), left("table")};
}

std::vector<json> rows_of(const results &run) {
   std::vector<json> rows;
   std::istringstream lines(run.json_lines);
   for (std::string line; std::getline(lines, line);)
      rows.push_back(json::parse(line));
   return rows;
}

std::size_t numbers_in(const json &row) {
   std::size_t count = 0;
   for (const json &metric : row["metrics"])
      count += numbers_below(metric["value"]) + numbers_below(metric["statistics"]);
   for (const json &frame : row["frames"])
      count += numbers_below(frame["values"]);
   return count;
}

void check_same(const results &found, const results &expected) {
   CHECK(found.code == expected.code);
   CHECK(found.messages == expected.messages);
   const bool same = found.json_lines == expected.json_lines; // told in few words: the rows are long
   CHECK_MESSAGE(same, (same ? "" : differences(found, expected)));
   CHECK((found.json == expected.json && found.csv == expected.csv && found.table == expected.table));
}

} // namespace equality
