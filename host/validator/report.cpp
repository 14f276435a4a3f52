#include "validator/report.hpp"

#include "config/printable.hpp"
#include "validator/verdict_cache.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace giflab::validator {

namespace {

constexpr verdict every_verdict[] = {verdict::pass, verdict::warn, verdict::fail, verdict::skip};

std::string coloured(verdict shown) {
   constexpr const char *colours[] = {"32", "33", "1;31", "2"}; // green, yellow, bold red, faint
   return fmt::format("\x1b[{}m{}\x1b[0m", colours[static_cast<int>(shown)], verdict_name(shown));
}

// What a person is told of a line: of a pass without a sentence, what it was that passed.
std::string sentence_of(const checked &line) {
   const std::string text = line.found.sentence.empty() ? line.what->title : line.found.sentence;
   const bool cites = *line.what->rule && line.found.verdict != verdict::skip;
   return cites ? fmt::format("{} [{}]", config::printable(text), line.what->rule) : config::printable(text);
}

nlohmann::ordered_json as_json(const checked &line) {
   return {{"id", line.what->id},
           {"plugin", line.plugin.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(line.plugin)},
           {"verdict", verdict_name(line.found.verdict)},
           {"sentence", config::valid_utf8(line.found.sentence)},
           {"rule", line.what->rule},
           {"wall_ms", line.wall.count()}};
}

nlohmann::ordered_json as_json(const validation &told, const std::string &sha256) {
   nlohmann::ordered_json document{{"path", config::valid_utf8(told.path)},
                                   {"sha256", sha256},
                                   {"giflab", GIFLAB_VERSION},
                                   {"seed", told.seed},
                                   {"plugins", told.plugins}};
   document["checks"] = nlohmann::ordered_json::array();
   for (const checked &line : told.lines)
      document["checks"].push_back(as_json(line));
   for (const verdict counted : every_verdict)
      document["counts"][verdict_name(counted)] = told.count(counted);
   return document;
}

// The checks that failed, else those that warned: what somebody will want to see again.
std::vector<std::string> noteworthy(const validation &told) {
   std::vector<std::string> ids;
   for (const verdict wanted : {verdict::fail, verdict::warn})
      for (const checked &line : told.lines)
         if (line.found.verdict == wanted && (wanted == verdict::fail || told.passed()) &&
             std::find(ids.begin(), ids.end(), line.what->id) == ids.end())
            ids.emplace_back(line.what->id);
   return ids;
}

} // namespace

const char *verdict_name(verdict named) {
   constexpr const char *names[] = {"pass", "warn", "fail", "skip"};
   return names[static_cast<int>(named)];
}

std::string report_line(const checked &line, bool colour) {
   const std::string word =
       colour ? coloured(line.found.verdict) : std::string(verdict_name(line.found.verdict));
   return fmt::format("{}  {}  {:<24}  {}\n", line.what->id, word, line.plugin.empty() ? "(file)" : line.plugin,
                      sentence_of(line));
}

std::string report_summary(const validation &told, std::chrono::milliseconds wall) {
   std::string text =
       fmt::format("{} passed, {} warned, {} failed, {} skipped in {:.1f} s", told.count(verdict::pass),
                   told.count(verdict::warn), told.count(verdict::fail), told.count(verdict::skip),
                   static_cast<double>(wall.count()) / 1000);
   std::string again;
   for (const std::string &id : noteworthy(told))
      again += " --only " + id;
   if (!again.empty())
      text += fmt::format("; reproduce with{} --seed {}", again, told.seed);
   return text + "\n";
}

std::string list_of_checks() {
   std::string list;
   for (const check &one : every_check())
      list += fmt::format("{}  {}{}\n", one.id, one.title, *one.rule ? fmt::format(" [{}]", one.rule) : "");
   return list;
}

result<std::string> report_json(std::span<const validation> told) {
   auto document = nlohmann::ordered_json::array();
   for (const validation &one : told) {
      const auto sha256 = sha256_of_file(one.path);
      if (!sha256)
         return tl::unexpected(sha256.error());
      document.push_back(as_json(one, *sha256));
   }
   return document.dump(2) + "\n";
}

} // namespace giflab::validator
