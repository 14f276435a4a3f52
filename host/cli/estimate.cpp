#include "cli/estimate.hpp"

#include "config/printable.hpp"
#include "config/run_names.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

namespace giflab::cli {

namespace {

using experiments::cell_place;
using experiments::timed_cell;

constexpr double trial_seconds = 10;

// What is known before the run.
struct time_basis {
   std::vector<timed_cell> cells;
   std::set<std::pair<int64_t, int64_t>> done; // of the very run, by numbers
   std::string text;
};

result<time_basis> basis_in(const std::string &folder, const experiments::experiment &of,
                            const results::run_facts &facts, const std::vector<double> &work, bool goes_on) {
   time_basis basis;
   const std::string path = config::journal_in(folder);
   std::error_code absent;
   if (folder.empty() || !std::filesystem::exists(path, absent))
      return basis;
   auto journal = results::journal::open(path, results::database::access::read);
   if (!journal)
      return tl::unexpected(journal.error());
   auto cells = experiments::timed_cells(of, facts, work, *journal);
   if (!cells)
      return tl::unexpected(cells.error());
   basis.cells = std::move(*cells);
   basis.text = fmt::format("{} cells of {}", basis.cells.size(), config::printable(folder));
   auto held = journal->facts();
   auto done = journal->done();
   if (!held || !done)
      return tl::unexpected(!held ? held.error() : done.error());
   const bool whole = done->size() == of.sources.size() * of.pipelines.size();
   if (*held == facts && (goes_on || !whole))
      basis.done = std::move(*done);
   return basis;
}

// Those that are not done and will take time.
std::vector<cell_place> cells_left(const experiments::experiment &of, const std::vector<double> &work,
                                   const time_basis &basis) {
   std::vector<cell_place> left;
   for (std::size_t source = 0; source < of.sources.size(); ++source)
      for (std::size_t pipeline = 0; pipeline < of.pipelines.size(); ++pipeline)
         if (work[source] > 0 && of.stages.at(of.sources[source].format)[pipeline].unavailable.empty() &&
             !basis.done.contains({static_cast<int64_t>(source) + 1, static_cast<int64_t>(pipeline) + 1}))
            left.emplace_back(source, pipeline);
   return left;
}

std::string duration(double seconds) {
   if (seconds < 90)
      return fmt::format("{:.2g} s", seconds);
   if (seconds < 90 * 60)
      return fmt::format("{:.0f} min", seconds / 60);
   return fmt::format("{:.1f} h", seconds / 3600);
}

} // namespace

result<std::string> time_text(const experiments::experiment &of, const results::run_facts &facts,
                              const estimate_wish &wish, engine::machine &on,
                              const experiments::cell_trial &run) {
   auto work = experiments::work_of(of, on);
   if (!work)
      return tl::unexpected(work.error());
   const bool named = !wish.output.empty();
   auto basis =
       basis_in(named ? wish.output : experiments::newest_numbered(wish.name), of, facts, *work, named);
   if (!basis)
      return tl::unexpected(basis.error());
   const std::vector<cell_place> left = cells_left(of, *work, *basis);
   if (left.empty())
      return std::string("nothing is left to do that takes time\n");
   if (basis->cells.empty()) {
      services::sandbox files(wish.temporary_folder);
      auto tried = experiments::tried_cells(of, *work, trial_seconds, files, run);
      if (!tried)
         return tl::unexpected(tried.error());
      basis->cells = std::move(*tried);
      basis->text = fmt::format("{} cells, tried just now", basis->cells.size());
   }
   if (basis->cells.empty()) // of the sources that were tried none has a pipeline that can run
      return fmt::format("{} cells left; none could be tried to tell how long they take\n", left.size());
   std::vector<std::string> pipelines;
   for (const results::experiment_pipeline &pipeline : of.pipelines)
      pipelines.push_back(pipeline.text());
   const auto made = experiments::estimate(left, pipelines, *work, basis->cells);
   const auto at_once = static_cast<double>(std::min(wish.at_once, left.size()));
   std::string text = fmt::format("{} cells left: about {}", left.size(), duration(made.seconds / at_once));
   if (made.guessed > 0 && !std::isnan(made.error))
      text += fmt::format(", give or take {}", duration(2 * made.error / at_once));
   text += fmt::format(" with {} at a time\n   from the times of {}", wish.at_once, basis->text);
   if (made.guessed > 0)
      text +=
          fmt::format("; {} of the cells left were not timed, and count by pixels and pictures", made.guessed);
   return text + "\n";
}

} // namespace giflab::cli
