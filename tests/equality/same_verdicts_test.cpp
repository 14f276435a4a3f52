// Level 3 comes to the verdicts of level 1, and to its own bytes at any number of threads.

#include "corpus_inputs.hpp"
#include "program.hpp"
#include "runs.hpp"

#include <algorithm>
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <set>
#include <sstream>

using namespace equality;
using nlohmann::json;

namespace {

// A run file of configs/ without its inputs and outputs.
std::string shipped(const std::string &name) {
   std::istringstream lines(end_to_end::contents(std::string(SOURCE_DIRECTORY) + "/configs/" + name));
   std::string kept;
   bool wanted = true;
   for (std::string line; std::getline(lines, line);) {
      if (line.starts_with("["))
         wanted = line != "[[inputs]]" && line != "[[outputs]]";
      if (wanted)
         kept += line + "\n";
   }
   return kept;
}

// Which gates failed for which file. The value that a message ends in may be an estimate.
std::set<std::string> failed_gates(const results &run) {
   std::set<std::string> all;
   std::istringstream lines(run.messages);
   for (std::string line; std::getline(lines, line);)
      if (const std::size_t end = line.find(": it is "); end != std::string::npos)
         all.insert(line.substr(0, end));
   return all;
}

// Which files failed. One gate is enough, and level 3 does not ask the dearer ones behind it.
std::set<std::string> verdicts(const results &run) {
   std::set<std::string> files;
   for (const std::string &gate : failed_gates(run))
      files.insert(gate.substr(gate.find(" holds for ")));
   return files;
}

// A gate in the middle of what level 1 found: half of all fail, and some values are near it.
std::string gate_amid(const std::vector<json> &rows, const std::string &metric) {
   std::vector<double> values;
   for (const json &row : rows)
      if (row["metrics"][metric]["value"].is_number())
         values.push_back(row["metrics"][metric]["value"]);
   REQUIRE_FALSE(values.empty());
   std::sort(values.begin(), values.end());
   return fmt::format("{} < {}", metric, values[values.size() / 2]);
}

void check_verdicts(const std::string &text, const std::vector<std::string> &more, std::size_t pairs) {
   const results whole = run("", text, {1, 2}, more), progressive = run("", text, {3, 1, true}, more);
   CHECK(progressive.code == whole.code);
   CHECK(verdicts(progressive) == verdicts(whole));
   const std::set<std::string> all = failed_gates(whole), found = failed_gates(progressive);
   CHECK(std::includes(all.begin(), all.end(), found.begin(), found.end()));
   for (const int threads : {2, 8}) {
      CAPTURE(threads);
      const results again = run("", text, {3, threads}, more);
      CHECK(failed_gates(again) == found);
      CHECK(again.json_lines == progressive.json_lines);
      CHECK(
          (again.json == progressive.json && again.csv == progressive.csv && again.table == progressive.table));
   }
   MESSAGE(pairs << " pairs, of which " << verdicts(whole).size() << " failed " << all.size() << " gates");
}

} // namespace

TEST_CASE("level 3 comes to the verdicts of level 1: the shipped run files") {
   const inputs over = candidates();
   if (over.pairs == 0)
      return;
   for (const char *name : {"gate.toml", "progressive.toml"}) {
      CAPTURE(std::string(name));
      check_verdicts(shipped(name) + over.toml, {}, over.pairs);
   }
}

TEST_CASE("level 3 comes to the verdicts of level 1: gates that half of the pairs fail") {
   const inputs over = candidates();
   if (over.pairs == 0)
      return;
   const std::string text = "[metrics]\nselect = [\"default\", \"ssimulacra2\", \"mdsi\"]\n" + over.toml;
   const std::vector<json> rows = rows_of(run("", text, {1, 2}));
   for (const char *metric : {"ssimulacra2", "mdsi"})
      check_verdicts(text, {"--fail-if", gate_amid(rows, metric)}, over.pairs);
}
