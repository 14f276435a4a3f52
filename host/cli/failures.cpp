// giflab failures RUN

#include "cli/command.hpp"
#include "config/printable.hpp"
#include "results/journal.hpp"
#include "results/words.hpp"

#include <fmt/format.h>

#include <map>

namespace giflab::cli {

namespace {

// What several sources, pipelines or metrics have in common is told once.
struct failure_group {
   std::string status, pipeline, what, reason;

   auto operator<=>(const failure_group &) const = default;
};

struct failure_list {
   std::vector<failure_group> order;
   std::map<failure_group, std::vector<std::string>> sources;

   void add(const failure_group &group, const std::string &source) {
      auto &list = sources[group];
      if (list.empty())
         order.push_back(group);
      if (list.empty() || list.back() != source)
         list.push_back(source);
   }
};

result<failure_list> gather(const std::string &folder) {
   auto journal = results::journal::open(folder + "/journal.sqlite", results::database::access::read);
   if (!journal)
      return tl::unexpected(journal.error());
   auto pipelines = journal->pipelines();
   if (!pipelines)
      return tl::unexpected(pipelines.error());
   failure_list all;
   auto visited = journal->visit([&](const results::experiment_cell &cell) -> result<void> {
      const std::string pipeline = fmt::format(
          "{} {}", cell.pipeline, pipelines->at(static_cast<std::size_t>(cell.pipeline - 1)).text());
      const std::string &source = cell.found.reference.path;
      if (cell.status != results::status::present) {
         all.add({std::string(word_for(cell.status)), pipeline, "the whole cell", cell.reason}, source);
         return {};
      }
      for (const results::metric_value &value : cell.found.metrics)
         if (value.status == results::status::failed || value.status == results::status::unavailable)
            all.add({std::string(word_for(value.status)), pipeline, value.id, value.reason}, source);
      return {};
   });
   return visited.map([&] { return std::move(all); });
}

result<int> run(const std::string &folder) {
   auto found = gather(folder);
   if (!found)
      return tl::unexpected(found.error());
   if (found->order.empty())
      return print(fmt::format("{}: nothing failed\n", config::printable(folder)));
   std::string text;
   for (const failure_group &group : found->order) {
      const auto &sources = found->sources[group];
      text += fmt::format("{}: pipeline {}, {}: {}\n", group.status, config::printable(group.pipeline),
                          config::printable(group.what), config::printable(group.reason));
      for (const std::string &source : sources)
         text += fmt::format("   {}\n", config::printable(source));
   }
   return print(text);
}

} // namespace

command add_failures(CLI::App &app) {
   auto folder = std::make_shared<std::string>();
   CLI::App *parser = app.add_subcommand("failures", "Tell what failed in a run over pipelines, and why");
   parser->add_option("RUN", *folder, "The folder of the run, such as runs/latest")->required();
   return {parser, [folder] {
              const result<int> outcome = run(*folder);
              return outcome ? *outcome : report(outcome.error());
           }};
}

} // namespace giflab::cli
