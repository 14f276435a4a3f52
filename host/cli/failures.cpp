// giflab failures RUN

#include "cli/command.hpp"
#include "config/printable.hpp"
#include "config/run_names.hpp"
#include "results/journal.hpp"
#include "results/words.hpp"

#include <fmt/format.h>

#include <map>

namespace giflab::cli {

namespace {

// What several cells have in common is told once.
struct failure_group {
   std::string status, what, reason;

   auto operator<=>(const failure_group &) const = default;
};

struct failure_list {
   std::vector<results::experiment_pipeline> pipelines;
   std::vector<failure_group> order;
   std::map<failure_group, std::vector<std::pair<std::string, int64_t>>> cells; // source and pipeline

   void add(const failure_group &group, const results::experiment_cell &cell) {
      auto &list = cells[group];
      if (list.empty())
         order.push_back(group);
      list.emplace_back(cell.found.reference.path, cell.pipeline);
   }
};

result<failure_list> gather(const std::string &folder) {
   auto journal = results::journal::open(config::journal_in(folder), results::database::access::read);
   if (!journal)
      return tl::unexpected(journal.error());
   auto pipelines = journal->pipelines();
   if (!pipelines)
      return tl::unexpected(pipelines.error());
   failure_list all;
   all.pipelines = std::move(*pipelines);
   auto visited = journal->visit([&](const results::experiment_cell &cell) -> result<void> {
      if (cell.status != results::status::present) {
         all.add({std::string(word_for(cell.status)), "the whole cell", cell.reason}, cell);
         return {};
      }
      for (const results::metric_value &value : cell.found.metrics)
         if (value.status == results::status::failed || value.status == results::status::unavailable)
            all.add({std::string(word_for(value.status)), value.id, value.reason}, cell);
      return {};
   });
   return visited.map([&] { return std::move(all); });
}

// A line for each cell, but one for a source of which every pipeline has it.
std::string cell_lines(const failure_list &all, const std::vector<std::pair<std::string, int64_t>> &cells) {
   std::string text;
   for (std::size_t begin = 0, end = 0; begin < cells.size(); begin = end) {
      while (end < cells.size() && cells[end].first == cells[begin].first)
         ++end;
      const std::string source = config::printable(cells[begin].first);
      if (end - begin == all.pipelines.size())
         text += fmt::format("   {}, every pipeline\n", source);
      else
         for (std::size_t i = begin; i < end; ++i)
            text += fmt::format(
                "   {}, pipeline {}: {}\n", source, cells[i].second,
                config::printable(all.pipelines.at(static_cast<std::size_t>(cells[i].second - 1)).text()));
   }
   return text;
}

result<int> run(const std::string &folder) {
   auto found = gather(folder);
   if (!found)
      return tl::unexpected(found.error());
   if (found->order.empty())
      return print(fmt::format("{}: nothing failed\n", config::printable(folder)));
   std::string text;
   for (const failure_group &group : found->order)
      text += fmt::format("{}, {}: {}\n{}", group.status, config::printable(group.what),
                          config::printable(group.reason), cell_lines(*found, found->cells[group]));
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
