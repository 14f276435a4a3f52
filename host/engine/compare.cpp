#include "engine/compare.hpp"

#include "engine/batch.hpp"
#include "engine/memory_needs.hpp"
#include "engine/metric_run.hpp"
#include "engine/open_files.hpp"
#include "engine/placement.hpp"
#include "engine/remembered.hpp"
#include "engine/repeated_pairs.hpp"
#include "engine/side_walk.hpp"
#include "engine/summary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>

namespace giflab::engine {

namespace {

// Pictures of one batch hold this many pixels together, or one pair if that is more: memory stays bounded
// whatever the size of the pictures.
constexpr int64_t batch_pixels = int64_t{1} << 20;
// The same on a device, which many small pictures together keep busy.
constexpr int64_t device_batch_pixels = int64_t{1} << 22;
// So many batches at most lie on the device: each holds every form of its pictures.
constexpr std::size_t device_batches = 8;

// A metric to be measured, and why it was given up on the device before, if it was.
struct wanted_metric {
   const planned_metric *metric;
   std::string device_failure;
   const measured_scores *known; // what it measured in these files before; null if nothing is known
};

// The forms that metrics may ask the host for, wherever they are to be measured.
uint32_t forms_of(const std::vector<wanted_metric> &plan, int level) {
   uint32_t forms = 0;
   for (const wanted_metric &one : plan)
      if (level > 0 && one.metric->unavailable.empty())
         forms |= one.metric->plugin->table.inputs;
   return forms;
}

// Everything of one comparison under way.
class comparison_run {
 public:
   comparison_run(open_files files, const std::vector<wanted_metric> &plan, const comparison_options &options,
                  machine &on, const progress_listener &progress);

   result<void> measure_all();
   void finish();
   comparison_record record() const;
   const metric_runs &metrics() const { return metrics_; }

   // What the device failed, to be measured again in host memory,
   std::vector<wanted_metric> failed_on_device() const;
   // and what came of it, in the same order.
   void take_over(comparison_run &again);

 private:
   using batch_pointer = std::shared_ptr<const batch>;

   void add_metric(const wanted_metric &wanted, const run_conditions &conditions);
   amount_of_work work_after(const batch &first) const;
   void choose_memory(batch &first);
   std::size_t room() const;
   double share_read() const;
   result<bool> fill(batch &next);
   bool is_wanted(std::size_t pair) const;
   void next_pair(batch &next, const media::aligned_pair &found);
   void dispatch(const batch_pointer &given);
   void prepare(const batch &given) const;
   void measure_one(metric_run &metric, const batch_pointer &given);
   std::function<void()> call_of(std::vector<metric_run *> metrics, batch_pointer given,
                                 services::admission::promise memory);
   void post(const std::vector<metric_run *> &metrics, const batch_pointer &given,
             services::task_pool::sequence *after);
   void wait_for(std::size_t most_in_flight);
   result<void> enter();
   void wait_for_memory(batch &next);
   std::size_t bytes_of(std::size_t pairs, uint32_t forms) const;
   std::size_t batch_bytes() const { return bytes_of(room(), forms_); }
   std::size_t bytes_beside_batches() const;
   uint32_t lookback_of(const std::vector<wanted_metric> &plan) const;
   std::size_t least_bytes(const std::vector<wanted_metric> &plan) const;
   void guarded(const std::function<void()> &work);
   void report_progress() const;

   open_files files_;
   const comparison_options &options_;
   machine &on_;
   const progress_listener &progress_;

   metric_runs metrics_;
   std::vector<std::optional<services::task_pool::sequence>> sequences_; // of CLIP metrics
   uint32_t lookback_ = 0;
   std::optional<placement> placement_; // of all metrics; the first batch may tell how much there is to do
   std::unique_ptr<media::aligner> aligner_;
   side_walk reference_walk_, distorted_walk_;
   index_pairs_walk index_pairs_walk_;
   std::map<uint32_t, repeated_pairs> repeated_; // by the lookback of metrics; none below level 2
   std::vector<batch_pair> history_;
   std::vector<pair_time> times_;
   std::vector<results::pair_row> rows_;     // one a pair
   std::atomic<std::size_t> in_flight_{0};   // metric calls outstanding
   uint32_t forms_ = 0;                      // that metrics may ask for, wherever they are to be
   std::size_t history_bytes_ = 0;           // of the pairs before a batch
   services::admission::promise own_memory_; // for the readers and one batch
   std::atomic<bool> out_of_memory_{false};
};

comparison_run::comparison_run(open_files files, const std::vector<wanted_metric> &plan,
                               const comparison_options &options, machine &on,
                               const progress_listener &progress)
    : files_(std::move(files)), options_(options), on_(on), progress_(progress),
      reference_walk_(options, on, files_.reference_forms), distorted_walk_(options, on),
      index_pairs_walk_(options.level, on.pixels()) {
   const media::file_facts &facts = files_.distorted->facts();
   run_conditions conditions;
   conditions.on = &on;
   conditions.clip = {facts.width, facts.height, -1, -1, facts.loop_count, 0};
   conditions.level = options.level;
   conditions.batch_size = options.batch_size;
   conditions.device_batch_size = options.device_batch_size;
   conditions.background = options.background;
   conditions.memory_beside = least_bytes(plan);
   conditions.seed = options.seed;
   for (const wanted_metric &wanted : plan)
      add_metric(wanted, conditions);
   forms_ = forms_of(plan, options.level);
   history_bytes_ = bytes_of(lookback_of(plan), forms_);
   placement_.emplace(metrics_, options_, on_);
   for (side_walk *walk : {&reference_walk_, &distorted_walk_})
      walk->go_to_device(placement_->undecided() || placement_->device_inputs() != 0);
}

void comparison_run::add_metric(const wanted_metric &wanted, const run_conditions &conditions) {
   metrics_.push_back(
       std::make_unique<metric_run>(*wanted.metric, conditions, wanted.device_failure, wanted.known));
   const metric_run &metric = *metrics_.back();
   const bool clip = metric.table().scope == GIFLAB_SCOPE_CLIP;
   sequences_.push_back(clip ? std::optional(services::task_pool::sequence(on_.threads())) : std::nullopt);
   if (metric.inputs() == 0)
      return;
   lookback_ = std::max(lookback_, metric.table().lookback);
   if (options_.level >= 2)
      repeated_.try_emplace(metric.table().lookback, metric.table().lookback);
}

// How many pairs there are is guessed from the share of the files that the first batch took.
amount_of_work comparison_run::work_after(const batch &first) const {
   const media::file_facts &facts = files_.distorted->facts();
   amount_of_work work{int64_t{facts.width} * facts.height, static_cast<double>(first.pairs.size())};
   if (first.pairs.size() == room()) // else these are all
      work.pairs /= std::max(share_read(), 1e-6);
   return work;
}

void comparison_run::choose_memory(batch &first) {
   placement_->decide(work_after(first));
   if (placement_->device_inputs() != 0)
      return;
   for (side_walk *walk : {&reference_walk_, &distorted_walk_})
      walk->go_to_device(false);
   for (std::vector<batch_pair> *pairs : {&first.pairs, &history_})
      for (batch_pair &pair : *pairs)
         pair.reference.on_device = pair.distorted.on_device = nullptr;
}

// How many pairs the next batch takes.
std::size_t comparison_run::room() const {
   const media::file_facts &facts = files_.distorted->facts();
   const int64_t pixels = int64_t{facts.width} * facts.height;
   const bool device = placement_->device_inputs() != 0;
   const std::size_t most =
       device ? std::max(options_.batch_size, options_.device_batch_size) : options_.batch_size;
   std::size_t pairs = static_cast<std::size_t>(std::clamp<int64_t>(
       (device ? device_batch_pixels : batch_pixels) / pixels, 1, static_cast<int64_t>(most)));
   // Where memory is short: a half at first, then a quarter, then one by one.
   const auto level = on_.memory().level();
   pairs = level == services::memory_level::emergency ? 1 : pairs >> static_cast<int>(level);
   const std::size_t limit = on_.memory_promises().limit();
   const std::size_t left = limit - std::min(limit, bytes_beside_batches());
   while (pairs > 1 && bytes_of(pairs, forms_) > left / 4)
      pairs /= 2;
   return std::max<std::size_t>(pairs, 1);
}

// The next pairs, up to the size of a batch. False if there were none.
result<bool> comparison_run::fill(batch &next) {
   const services::stage_timer timer(on_.profile(), services::stage::aligning);
   next.pairs = history_;
   next.history = history_.size();
   next.before = {reference_walk_.last_on_device(), distorted_walk_.last_on_device()};
   next.index_pairs_before = index_pairs_walk_.last();
   const std::size_t whole = next.history + room();
   while (next.pairs.size() < whole) {
      auto pair = aligner_->next();
      if (!pair)
         return tl::unexpected(pair.error());
      if (!*pair)
         break;
      next_pair(next, **pair);
   }
   const std::size_t kept = std::min<std::size_t>(lookback_, next.pairs.size());
   history_.assign(next.pairs.end() - static_cast<std::ptrdiff_t>(kept), next.pairs.end());
   return next.pairs.size() > next.history;
}

bool comparison_run::is_wanted(std::size_t pair) const {
   return !options_.wanted || (pair < options_.wanted->size() && (*options_.wanted)[pair]);
}

void comparison_run::next_pair(batch &next, const media::aligned_pair &found) {
   if (is_wanted(times_.size())) {
      batch_pair made;
      made.reference = reference_walk_.step(found.reference);
      made.distorted = distorted_walk_.step(found.distorted);
      made.index_pairs = index_pairs_walk_.step(made.reference, made.distorted);
      made.number = static_cast<int64_t>(times_.size());
      made.start_us = found.start_us;
      made.duration_us = found.duration_us;
      for (auto &[lookback, seen] : repeated_)
         made.same_as[lookback] = seen.next(made.number, {found.reference->content, found.distorted->content});
      next.pairs.push_back(std::move(made));
   }
   times_.push_back({found.start_us, found.duration_us});
   rows_.push_back({static_cast<int64_t>(times_.size()) - 1,
                    found.reference->index,
                    found.distorted->index,
                    found.start_us,
                    found.duration_us,
                    {},
                    found.reference->content,
                    found.distorted->content});
}

void comparison_run::prepare(const batch &given) const {
   const services::stage_timer timer(on_.profile(), services::stage::converting);
   const auto for_all = [&](auto prepare_one) {
      for (const batch_pair &pair : given.pairs)
         for (const batch_side *side : {&pair.reference, &pair.distorted})
            if (side->forms)
               (*side->forms.*prepare_one)(side->picture->indexed() ? given.indexed_host_inputs
                                                                    : given.host_inputs);
   };
   // Calls of one batch begin together: they share the work before they wait for one another.
   for_all(&shared_forms::prepare_unless_busy);
   for_all(&shared_forms::prepare);
}

// Runs work of a task, which must not throw.
void comparison_run::guarded(const std::function<void()> &work) {
   try {
      work();
   } catch (const std::bad_alloc &) {
      out_of_memory_ = true;
   }
}

void comparison_run::measure_one(metric_run &metric, const batch_pointer &given) {
   guarded([&] {
      if (metric.memory() == GIFLAB_MEMORY_HOST)
         prepare(*given);
      metric.measure(*given);
   });
}

// A task that measures, and lets go of all that it held before anybody is told that it is done.
std::function<void()> comparison_run::call_of(std::vector<metric_run *> metrics, batch_pointer given,
                                              services::admission::promise memory) {
   return [this, metrics = std::move(metrics), given = std::move(given), memory = std::move(memory)]() mutable {
      for (metric_run *metric : metrics)
         measure_one(*metric, given);
      given.reset();
      memory.reset();
      services::task_pool &waiting = on_.threads(); // this may be gone as soon as nothing is in flight
      in_flight_.fetch_sub(metrics.size());
      waiting.notify();
   };
}

// Calls start in the order in which they are given here, each once there is memory for it.
void comparison_run::post(const std::vector<metric_run *> &metrics, const batch_pointer &given,
                          services::task_pool::sequence *after) {
   std::size_t most = 0;
   for (const metric_run *metric : metrics)
      most = std::max(most, metric->call_bytes());
   in_flight_.fetch_add(metrics.size());
   on_.memory_promises().queue(most, [this, metrics, given, after](services::admission::promise memory) {
      std::function<void()> call = call_of(metrics, given, std::move(memory));
      if (after)
         after->post(std::move(call));
      else
         on_.threads().post(std::move(call));
   });
}

void comparison_run::dispatch(const batch_pointer &given) {
   std::vector<metric_run *> frame_metrics;
   for (std::size_t i = 0; i < metrics_.size(); ++i) {
      metric_run *metric = metrics_[i].get();
      if (metric->table().scope == GIFLAB_SCOPE_FILE || metric->inputs() == 0)
         continue;
      if (sequences_[i])
         post({metric}, given, &*sequences_[i]);
      else
         frame_metrics.push_back(metric);
   }
   if (options_.parallel_metrics)
      for (metric_run *metric : frame_metrics)
         post({metric}, given, nullptr);
   else if (!frame_metrics.empty())
      post(frame_metrics, given, nullptr);
}

// ---- Memory

std::size_t comparison_run::bytes_of(std::size_t pairs, uint32_t forms) const {
   const media::file_facts &facts = files_.distorted->facts();
   return pairs * pair_bytes(int64_t{facts.width} * facts.height, forms);
}

// How many pairs before its own some metric looks at, whether there turns out to be memory for it or not: what
// is said to be enough has to be.
uint32_t comparison_run::lookback_of(const std::vector<wanted_metric> &plan) const {
   uint32_t most = 0;
   for (const wanted_metric &one : plan)
      if (one.metric->unavailable.empty())
         most = std::max(most, one.metric->plugin->table.lookback);
   return most;
}

// What there has to be beside the call of a metric: what reads the files, one pair, and those before it.
std::size_t comparison_run::least_bytes(const std::vector<wanted_metric> &plan) const {
   return reading_bytes(files_.reference->facts(), files_.distorted->facts(), options_.alignment) +
          bytes_of(1 + lookback_of(plan), forms_of(plan, options_.level));
}

// What reads the files, and the pairs before a batch.
std::size_t comparison_run::bytes_beside_batches() const {
   return reading_bytes(files_.reference->facts(), files_.distorted->facts(), options_.alignment) +
          history_bytes_;
}

// Waits until there is memory for the readers and a first batch beside what others take. A batch of several
// pairs always fits (room() sees to that), so what is said to be missing is for one.
result<void> comparison_run::enter() {
   const std::size_t needed = bytes_beside_batches() + batch_bytes();
   if (const auto missing = shortage(on_.bound(), needed))
      return failed(problem::usage, fmt::format("comparing {} with {} {}", files_.reference->facts().path,
                                                files_.distorted->facts().path, *missing));
   own_memory_ = promised_memory(on_, needed);
   return {};
}

// Waits until another batch may be decoded. Where no call of this comparison is under way it always may:
// own_memory_ is for that one. For threads that have work none is read ahead once pictures take much memory:
// what they take and not what was promised, which is several times as much where they have palettes.
void comparison_run::wait_for_memory(batch &next) {
   const services::stage_timer timer(on_.profile(), services::stage::waiting);
   const std::size_t threads = on_.threads().threads(), needed = batch_bytes();
   const std::size_t most =
       metrics_.size() * (placement_->device_inputs() != 0 ? std::min(threads, device_batches) : threads);
   services::admission &promises = on_.memory_promises();
   on_.threads().help_until([&] {
      const std::size_t calls = in_flight_.load();
      if (calls == 0)
         return true;
      if (calls > most || (calls >= threads && on_.pixels().bytes_in_use() + needed > bytes_ahead(threads)))
         return false;
      next.memory = promises.try_take(needed);
      return next.memory != nullptr;
   });
}

void comparison_run::wait_for(std::size_t most_in_flight) {
   const services::stage_timer timer(on_.profile(), services::stage::waiting);
   on_.threads().help_until([&] { return in_flight_.load() <= most_in_flight; });
}

// Of the reference's file, 0 to 1.
double comparison_run::share_read() const {
   const media::file_facts &facts = files_.reference->facts();
   int64_t read = 0;
   for (const media::frame_facts &frame : facts.frames)
      read += frame.bytes;
   return facts.bytes > 0 ? std::min(1.0, static_cast<double>(read) / static_cast<double>(facts.bytes)) : 0;
}

void comparison_run::report_progress() const {
   if (progress_)
      progress_(share_read(), static_cast<int64_t>(times_.size()));
}

result<void> comparison_run::measure_all() {
   auto aligned = [&] {
      const services::stage_timer timer(on_.profile(), services::stage::aligning);
      return media::align(*files_.reference, *files_.distorted, options_.alignment);
   }();
   if (!aligned)
      return tl::unexpected(aligned.error());
   aligner_ = std::move(*aligned);
   result<void> outcome = enter();
   while (outcome && !on_.cancelled().requested() && !out_of_memory_) {
      on_.memory().poll();
      auto next = std::make_shared<batch>();
      wait_for_memory(*next);
      auto filled = fill(*next);
      if (!filled)
         outcome = tl::unexpected(filled.error());
      if (!filled || !*filled)
         break;
      if (placement_->undecided())
         choose_memory(*next);
      next->host_inputs = placement_->host_inputs();
      next->indexed_host_inputs = placement_->indexed_host_inputs();
      next->device_inputs = placement_->device_inputs();
      dispatch(next);
      next.reset();
      report_progress();
   }
   wait_for(0);
   if (out_of_memory_)
      return failed(problem::internal,
                    fmt::format("out of memory while comparing {} with {}: fewer threads "
                                "(--threads) or a smaller --batch-size need less",
                                files_.reference->facts().path, files_.distorted->facts().path));
   if (on_.cancelled().requested())
      return failed(problem::cancelled, "stopped on request");
   return outcome;
}

// The facts of a file as plugins of FILE scope see them.
struct file_table {
   giflab_clip clip;
   giflab_file file;

   explicit file_table(const media::file_facts &facts)
       : clip{facts.width, facts.height, static_cast<int64_t>(facts.showings.size()), 0, facts.loop_count, 0},
         file{facts.path.c_str(), static_cast<uint64_t>(facts.bytes), &clip, facts.showings.data(),
              facts.showings.size()} {
      for (const giflab_showing &showing : facts.showings)
         clip.duration_us += showing.duration_us;
   }
};

void comparison_run::finish() {
   const media::alignment_report report = aligner_->report();
   const file_table reference(files_.reference->facts()), distorted(files_.distorted->facts());
   const giflab_comparison files{&reference.file,   &distorted.file,  report.dropped,
                                 report.duplicated, report.reordered, report.max_drift_us};
   for (const auto &metric : metrics_)
      guarded([&] { metric->finish(files); });
}

std::vector<wanted_metric> comparison_run::failed_on_device() const {
   std::vector<wanted_metric> failures;
   for (const auto &metric : metrics_)
      if (std::string why = metric->device_failure(); !why.empty())
         failures.push_back({&metric->metric(), std::move(why), nullptr});
   return failures;
}

void comparison_run::take_over(comparison_run &again) {
   auto measured = again.metrics_.begin();
   for (auto &metric : metrics_)
      if (!metric->device_failure().empty())
         metric = std::move(*measured++);
}

comparison_record comparison_run::record() const {
   comparison_record made = record_of(files_.reference->facts(), files_.distorted->facts(), aligner_->report());
   for (results::file_summary *each : {&made.reference, &made.distorted}) {
      const file_size size = each == &made.reference ? files_.reference_size : files_.distorted_size;
      each->width = size.width;
      each->height = size.height;
   }
   made.pairs = rows_;
   return made;
}

} // namespace

result<results::comparison> compare(const std::string &reference, const std::string &distorted,
                                    const std::vector<planned_metric> &plan, const comparison_options &options,
                                    machine &on, const progress_listener &progress) {
   const auto measured = [&](const std::vector<wanted_metric> &wanted,
                             const comparison_options &how) -> result<std::unique_ptr<comparison_run>> {
      auto files = open_both(reference, distorted, forms_of(wanted, how.level), how, on);
      if (!files)
         return tl::unexpected(files.error());
      auto run = std::make_unique<comparison_run>(std::move(*files), wanted, how, on, progress);
      if (auto done = run->measure_all(); !done)
         return tl::unexpected(done.error());
      run->finish();
      return run;
   };
   remembered_comparison remembered(reference, distorted, plan, options, on);
   if (auto known = remembered.whole())
      return std::move(*known);
   std::vector<wanted_metric> wanted;
   for (std::size_t i = 0; i < plan.size(); ++i)
      wanted.push_back({&plan[i], {}, remembered.known(i)});
   auto run = measured(wanted, options);
   if (!run)
      return tl::unexpected(run.error());
   if (const std::vector<wanted_metric> failures = (*run)->failed_on_device(); !failures.empty()) {
      comparison_options in_host_memory = options;
      in_host_memory.device = device_use::never;
      auto again = measured(failures, in_host_memory);
      if (!again)
         return tl::unexpected(again.error());
      (*run)->take_over(**again);
   }
   comparison_record record = (*run)->record();
   results::comparison made = [&] {
      const services::stage_timer timer(on.profile(), services::stage::pooling);
      return assembled(record, reference, distorted, (*run)->metrics(), options);
   }();
   remembered.learn(std::move(record), (*run)->metrics());
   return made;
}

} // namespace giflab::engine
