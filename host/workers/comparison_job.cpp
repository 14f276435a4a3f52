#include "workers/comparison_job.hpp"

#include "engine/metric_run.hpp"
#include "services/log.hpp"
#include "workers/sending.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace giflab::workers {

comparison_job::comparison_job(supervisor &owner, const std::string &reference, const std::string &distorted,
                               const std::vector<engine::planned_metric> &plan,
                               const engine::comparison_options &options,
                               const engine::progress_listener &progress)
    : owner_(owner), reference_(reference), distorted_(distorted), plan_(plan), options_(options),
      progress_(progress), failures_(plan.size()) {}

result<results::comparison> comparison_job::run() {
   share_out();
   while (!waiting_.empty()) {
      share next = std::move(waiting_.front());
      waiting_.pop_front();
      if (auto measured = measure(std::move(next)); !measured)
         return tl::unexpected(measured.error());
      // Where nothing is left to measure, the files still have their facts.
      if (waiting_.empty() && parts_.empty())
         waiting_.push_back({});
   }
   return put_together();
}

// Metrics that run together stay together, in their order.
void comparison_job::share_out() {
   waiting_.push_back({});
   for (std::size_t i = 0; i < plan_.size(); ++i) {
      const places::place where = owner_.places_.of(*plan_[i].plugin);
      failures_[i] = where.excluded;
      if (!where.excluded.empty())
         continue;
      auto found = std::find_if(waiting_.begin(), waiting_.end(), [&](const share &one) {
         return one.worker == where.worker && !one.alone && !where.alone;
      });
      if (found == waiting_.end())
         found = waiting_.insert(found, {where.worker, where.trusted && !where.alone, where.alone, {}});
      found->metrics.push_back(i);
   }
   if (waiting_.size() > 1 && waiting_.front().metrics.empty())
      waiting_.pop_front();
}

std::string comparison_job::message_for(const share &sharing) const {
   compare_request request{reference_.from_root(), distorted_.from_root(), {}, options_};
   if (sharing.alone)
      request.options.batch_size = request.options.device_batch_size = 1; // so that a crash tells its pair
   for (const std::size_t metric : sharing.metrics)
      request.metrics.push_back(sent(plan_[metric], sharing.trusted));
   return message_of(request_kind::compare, request);
}

result<void> comparison_job::measure(share &&next) {
   const auto told = owner_.ask(next.worker, message_for(next), parts_.empty() ? progress_ : nullptr);
   if (const error *wrong = std::get_if<error>(&told))
      return cope_with(std::move(next), *wrong);
   if (const death *dead = std::get_if<death>(&told))
      return cope_with(std::move(next), *dead);
   auto found = decoded<results::comparison>(std::get<std::string>(told));
   if (!found || !is_whole(*found, next.metrics))
      return lose(std::move(next), {problem::internal, malformed().what()});
   name_as_given(*found);
   parts_.push_back({std::move(next.metrics), std::move(*found)});
   return {};
}

// Has it a value for each column of these metrics?
bool comparison_job::is_whole(const results::comparison &found, const std::vector<std::size_t> &metrics) const {
   std::size_t columns = 0;
   for (const std::size_t metric : metrics)
      columns += plan_[metric].columns.size();
   const bool as_many_pairs = parts_.empty() || parts_[0].found.pairs.size() == found.pairs.size();
   return as_many_pairs && found.metrics.size() == columns &&
          std::all_of(found.pairs.begin(), found.pairs.end(),
                      [&](const results::pair_row &row) { return row.values.size() == columns; });
}

// Whoever was called when the worker died is measured again alone, one pair a call; what was not goes on
// without. Alone there is nobody else to blame.
result<void> comparison_job::cope_with(share &&lost, const death &dead) {
   std::vector<std::size_t> blamed, others;
   for (const std::size_t metric : lost.metrics)
      (is_blamed(dead, *plan_[metric].plugin) ? blamed : others).push_back(metric);
   if (blamed.empty() && !lost.again && !lost.alone) {
      lost.again = true;
      waiting_.push_front(std::move(lost));
      return {};
   }
   if (blamed.empty() && lost.metrics.empty())
      return failed(problem::internal,
                    fmt::format("the process that compared {} with {} ended twice, in no plugin: {}",
                                reference_.given(), distorted_.given(), dead.how));
   if (blamed.empty())
      return lose(std::move(lost), {problem::plugin, reason_of(dead, "")});
   if (lost.alone) {
      fail(lost, dead);
      return {};
   }
   if (!others.empty())
      waiting_.push_front({lost.worker, lost.trusted, false, std::move(others)});
   for (const std::size_t metric : blamed) {
      const modules::plugin &plugin = *plan_[metric].plugin;
      const std::string reason = reason_of(dead, plugin.id());
      services::log(services::log_level::warning,
                    fmt::format("{}, {} was measured: {}; it is measured again alone", distorted_.given(),
                                plugin.id(), reason));
      if (blamed.size() == 1)
         owner_.places_.crashed(plugin, reason);
      waiting_.push_front({plugin.home->path, false, true, {metric}});
   }
   return {};
}

// What is wrong with the files ends the job; what is wrong with a module does not. A worker that has a module
// to itself is not believed about the files before another has seen them.
result<void> comparison_job::cope_with(share &&lost, error wrong) {
   reference_.restore_in(wrong.text);
   distorted_.restore_in(wrong.text);
   const bool of_files = wrong.kind == problem::input && !lost.worker.empty() && !lost.metrics.empty();
   if (wrong.kind != problem::plugin && !of_files)
      return tl::unexpected(std::move(wrong));
   if (of_files && parts_.empty()) {
      waiting_.push_front(std::move(lost));
      waiting_.push_front({});
      return {};
   }
   return lose(std::move(lost), wrong);
}

// Of several metrics each is tried alone, so that what one of them does wrong is its own loss.
result<void> comparison_job::lose(share &&lost, const error &wrong) {
   if (lost.metrics.empty())
      return tl::unexpected(wrong);
   for (const std::size_t metric : lost.metrics)
      if (lost.alone)
         failures_[metric] = wrong.text;
      else
         waiting_.push_front({plan_[metric].plugin->home->path, false, true, {metric}});
   return {};
}

void comparison_job::fail(const share &lost, const death &dead) {
   for (const std::size_t metric : lost.metrics) {
      const modules::plugin &plugin = *plan_[metric].plugin;
      failures_[metric] = reason_of(dead, plugin.id());
      if (owner_.places_.crashed(plugin, failures_[metric]))
         failures_[metric] = owner_.places_.of(plugin).excluded;
   }
}

void comparison_job::name_as_given(results::comparison &found) const {
   found.reference.path = reference_.given();
   found.distorted.path = distorted_.given();
   for (const sent_path *named : {&reference_, &distorted_}) {
      for (auto *texts : {&found.reference.warnings, &found.distorted.warnings, &found.alignment.notes})
         for (std::string &text : *texts)
            named->restore_in(text);
      for (results::metric_value &value : found.metrics)
         named->restore_in(value.reason);
   }
}

void comparison_job::add_failed(results::comparison &whole, std::size_t metric) const {
   for (const auto &column : plan_[metric].columns) {
      results::metric_value value = engine::unmeasured(plan_[metric], column);
      value.status = results::status::failed;
      value.reason = failures_[metric];
      whole.metrics.push_back(std::move(value));
      for (results::pair_row &row : whole.pairs)
         row.values.push_back(results::statistics::none);
   }
}

// What each part found, in the order of the plan.
results::comparison comparison_job::put_together() {
   const bool whole_already = parts_.size() == 1 && parts_[0].metrics.size() == plan_.size();
   if (whole_already)
      return std::move(parts_[0].found);
   results::comparison whole = parts_[0].found;
   whole.metrics.clear();
   for (results::pair_row &row : whole.pairs)
      row.values.clear();
   std::vector<std::size_t> columns_taken(parts_.size());
   for (std::size_t metric = 0; metric < plan_.size(); ++metric) {
      bool measured = false;
      for (std::size_t i = 0; i < parts_.size(); ++i) {
         const part &one = parts_[i];
         if (std::find(one.metrics.begin(), one.metrics.end(), metric) == one.metrics.end())
            continue;
         measured = true;
         for (std::size_t count = plan_[metric].columns.size(); count > 0; --count, ++columns_taken[i]) {
            whole.metrics.push_back(one.found.metrics.at(columns_taken[i]));
            for (std::size_t row = 0; row < whole.pairs.size(); ++row)
               whole.pairs[row].values.push_back(one.found.pairs.at(row).values.at(columns_taken[i]));
         }
      }
      if (!measured)
         add_failed(whole, metric);
   }
   return whole;
}

} // namespace giflab::workers
