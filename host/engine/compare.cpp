#include "engine/compare.hpp"

#include "engine/batch.hpp"
#include "engine/crossover.hpp"
#include "engine/metric_run.hpp"
#include "services/log.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <memory>

namespace giflab::engine {

namespace {

using media::picture_pointer;
using media::reader;

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
};

// One side of the comparison as it walks along.
class side_walk {
 public:
   side_walk(const comparison_options &options, machine &on) : options_(options), on_(on) {}

   // Are pictures wanted on the device from now on?
   void go_to_device(bool wanted) {
      to_device_ = wanted;
      if (!wanted)
         on_device_ = nullptr;
   }
   const std::shared_ptr<device::picture_forms> &last_on_device() const { return on_device_; }

   // The next picture of this side; the same one again while it is held.
   batch_side step(const picture_pointer &picture) {
      batch_side side{picture, nullptr, changed_in(*picture)};
      if (options_.level > 0) {
         if (picture != last_)
            forms_ = std::make_shared<shared_forms>(picture, options_.background, media::conversion::palette,
                                                    on_.pixels());
         side.forms = forms_;
      }
      if (to_device_) {
         if (picture != last_ || !on_device_)
            on_device_ =
                std::make_shared<device::picture_forms>(picture, options_.background, side.changed, on_device_);
         side.on_device = on_device_;
      }
      last_ = picture;
      return side;
   }

 private:
   media::rectangle changed_in(const media::picture &picture) const {
      if (last_.get() == &picture)
         return {};
      const bool next = last_ && picture.index == last_->index + 1;
      return next ? picture.changed : media::rectangle{0, 0, picture.width, picture.height};
   }

   const comparison_options &options_;
   machine &on_;
   picture_pointer last_;
   std::shared_ptr<shared_forms> forms_;
   bool to_device_ = false;
   std::shared_ptr<device::picture_forms> on_device_;
};

struct picture_size {
   int32_t width = 0, height = 0;
};

struct open_files {
   std::unique_ptr<reader> reference, distorted;
   picture_size reference_size, distorted_size; // of the files themselves, before any resizing
};

result<open_files> open_both(const std::string &reference, const std::string &distorted,
                             const comparison_options &options, machine &on) {
   const auto open = [&](const std::string &path) {
      return options.open ? options.open(path) : media::open(path, options.reading, on.pixels());
   };
   auto first = open(reference);
   if (!first)
      return tl::unexpected(first.error());
   auto second = open(distorted);
   if (!second)
      return tl::unexpected(second.error());
   const media::file_facts a = (*first)->facts(), b = (*second)->facts();
   open_files files{std::move(*first), std::move(*second), {a.width, a.height}, {b.width, b.height}};
   if (a.width == b.width && a.height == b.height)
      return files;
   if (!options.resize)
      return failed(
          problem::input,
          fmt::format("{} is {}x{} and {} is {}x{}: pictures of different sizes are not compared unless you "
                      "say which side to resize and how, as in --resize distorted:lanczos",
                      a.path, a.width, a.height, b.path, b.width, b.height));
   if (options.resize->resized == side::reference)
      files.reference =
          media::resized(std::move(files.reference), b.width, b.height, options.resize->filter, on.pixels());
   else
      files.distorted =
          media::resized(std::move(files.distorted), a.width, a.height, options.resize->filter, on.pixels());
   return files;
}

// Everything of one comparison under way.
class comparison_run {
 public:
   comparison_run(open_files files, const std::vector<wanted_metric> &plan, const comparison_options &options,
                  machine &on, const progress_listener &progress);

   result<void> measure_all();
   void finish();
   results::comparison summary() const;

   // What the device failed, to be measured again in host memory,
   std::vector<wanted_metric> failed_on_device() const;
   // and what came of it, in the same order.
   void take_over(comparison_run &again);

 private:
   using batch_pointer = std::shared_ptr<const batch>;

   void add_metric(const wanted_metric &wanted, const run_conditions &conditions);
   bool must_use_device() const;
   void settle(uint32_t memory);
   bool is_worth_a_device(const batch &first) const;
   void choose_memory(batch &first);
   std::size_t room() const;
   double share_read() const;
   result<bool> fill(batch &next);
   bool is_wanted(std::size_t pair) const;
   void next_pair(batch &next, const media::aligned_pair &found);
   void dispatch(const batch_pointer &given);
   void prepare(const batch &given) const;
   void measure_one(metric_run &metric, const batch_pointer &given);
   void wait_for(std::size_t most_in_flight);
   void guarded(const std::function<void()> &work);
   void report_progress() const;

   open_files files_;
   const comparison_options &options_;
   machine &on_;
   const progress_listener &progress_;

   std::vector<std::unique_ptr<metric_run>> metrics_;
   std::vector<std::optional<services::task_pool::sequence>> sequences_; // of CLIP metrics
   uint32_t lookback_ = 0;
   uint32_t host_inputs_ = 0, device_inputs_ = 0;
   bool may_use_device_ = false;
   std::vector<uint32_t> device_costs_; // of the metrics that could be on the device
   bool undecided_ = false;             // the first batch tells how much there is to do
   std::unique_ptr<media::aligner> aligner_;
   side_walk reference_walk_, distorted_walk_;
   std::vector<batch_pair> history_;
   std::vector<pair_time> times_;
   std::vector<results::pair_row> rows_;
   std::atomic<std::size_t> in_flight_{0}; // metric calls outstanding
   std::atomic<bool> out_of_memory_{false};
};

comparison_run::comparison_run(open_files files, const std::vector<wanted_metric> &plan,
                               const comparison_options &options, machine &on,
                               const progress_listener &progress)
    : files_(std::move(files)), options_(options), on_(on), progress_(progress), reference_walk_(options, on),
      distorted_walk_(options, on) {
   const media::file_facts &facts = files_.distorted->facts();
   run_conditions conditions;
   conditions.on = &on;
   conditions.clip = {facts.width, facts.height, -1, -1, facts.loop_count, 0};
   conditions.level = options.level;
   conditions.batch_size = options.batch_size;
   conditions.device_batch_size = options.device_batch_size;
   conditions.background = options.background;
   may_use_device_ = on.device() && options.device != device_use::never && options.level >= 2;
   for (const wanted_metric &wanted : plan)
      add_metric(wanted, conditions);
   undecided_ = !device_costs_.empty() && !must_use_device();
   if (!undecided_)
      settle(must_use_device() && on.device()->absence().empty() ? GIFLAB_MEMORY_CUDA : GIFLAB_MEMORY_HOST);
   for (side_walk *walk : {&reference_walk_, &distorted_walk_})
      walk->go_to_device(undecided_ || device_inputs_ != 0);
}

void comparison_run::add_metric(const wanted_metric &wanted, const run_conditions &conditions) {
   metrics_.push_back(std::make_unique<metric_run>(*wanted.metric, conditions, wanted.device_failure));
   const metric_run &metric = *metrics_.back();
   const bool clip = metric.table().scope == GIFLAB_SCOPE_CLIP;
   sequences_.push_back(clip ? std::optional(services::task_pool::sequence(on_.threads())) : std::nullopt);
   lookback_ = std::max(lookback_, metric.inputs() ? metric.table().lookback : 0);
   if (may_use_device_ && metric.suits_device())
      device_costs_.push_back(metric.table().cost);
}

// It was asked for, or some metric has nowhere else to go.
bool comparison_run::must_use_device() const {
   return !device_costs_.empty() &&
          (options_.device == device_use::always || std::ranges::any_of(metrics_, [](const auto &metric) {
              return metric->suits_device() && !(metric->table().memory & GIFLAB_BIT(GIFLAB_MEMORY_HOST));
           }));
}

// Where the metrics have their pictures that may have them on a device; the others have them in host memory.
void comparison_run::settle(uint32_t memory) {
   undecided_ = false;
   // A device that was in use and is not any more is told of with every value that it would have given.
   const bool used_before = !device_costs_.empty() && on_.device()->begun();
   const std::string loss = used_before ? on_.device()->absence() : std::string();
   for (const auto &metric : metrics_) {
      const bool there = memory == GIFLAB_MEMORY_CUDA && metric->suits_device();
      metric->settle(there ? GIFLAB_MEMORY_CUDA : GIFLAB_MEMORY_HOST, metric->suits_device() ? loss : "");
      (there ? device_inputs_ : host_inputs_) |= metric->inputs();
   }
   if (device_inputs_ != 0)
      on_.device()->begin();
}

// How many pairs there are is guessed from the share of the files that the first batch took.
bool comparison_run::is_worth_a_device(const batch &first) const {
   const media::file_facts &facts = files_.distorted->facts();
   device_job job;
   job.pixels = int64_t{facts.width} * facts.height;
   job.pairs = static_cast<double>(first.pairs.size());
   if (first.pairs.size() == room()) // else these are all
      job.pairs /= std::max(share_read(), 1e-6);
   job.costs = device_costs_;
   job.threads = on_.threads().threads();
   services::log(
       services::log_level::debug,
       fmt::format("device: some {:.0f} pairs of {} pixels, which the processor takes some {:.3f} s for",
                   job.pairs, job.pixels, host_seconds(job)));
   if (engine::is_worth_a_device(job, on_.spent_beside_device(), on_.device()->begun()) &&
       on_.device()->absence().empty())
      return true;
   on_.spend_beside_device(host_seconds(job));
   return false;
}

void comparison_run::choose_memory(batch &first) {
   settle(is_worth_a_device(first) ? GIFLAB_MEMORY_CUDA : GIFLAB_MEMORY_HOST);
   if (device_inputs_ != 0)
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
   const bool device = device_inputs_ != 0;
   const std::size_t most =
       device ? std::max(options_.batch_size, options_.device_batch_size) : options_.batch_size;
   return static_cast<std::size_t>(std::clamp<int64_t>((device ? device_batch_pixels : batch_pixels) / pixels,
                                                       1, static_cast<int64_t>(most)));
}

// The next pairs, up to the size of a batch. False if there were none.
result<bool> comparison_run::fill(batch &next) {
   next.pairs = history_;
   next.history = history_.size();
   next.before = {reference_walk_.last_on_device(), distorted_walk_.last_on_device()};
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
      made.number = static_cast<int64_t>(times_.size());
      made.start_us = found.start_us;
      made.duration_us = found.duration_us;
      next.pairs.push_back(std::move(made));
   }
   times_.push_back({found.start_us, found.duration_us});
   if (options_.per_frame)
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
   for (const batch_pair &pair : given.pairs)
      for (const batch_side *side : {&pair.reference, &pair.distorted})
         if (side->forms)
            side->forms->prepare(given.host_inputs);
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
   in_flight_.fetch_sub(1);
   on_.threads().notify();
}

void comparison_run::dispatch(const batch_pointer &given) {
   std::vector<metric_run *> frame_metrics;
   for (std::size_t i = 0; i < metrics_.size(); ++i) {
      metric_run *metric = metrics_[i].get();
      if (metric->table().scope == GIFLAB_SCOPE_FILE || metric->inputs() == 0)
         continue;
      in_flight_.fetch_add(1);
      if (sequences_[i])
         sequences_[i]->post([this, metric, given] { measure_one(*metric, given); });
      else
         frame_metrics.push_back(metric);
   }
   if (options_.parallel_metrics)
      for (metric_run *metric : frame_metrics)
         on_.threads().post([this, metric, given] { measure_one(*metric, given); });
   else
      on_.threads().post([this, frame_metrics, given] {
         for (metric_run *metric : frame_metrics)
            measure_one(*metric, given);
      });
}

void comparison_run::wait_for(std::size_t most_in_flight) {
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
   auto aligned = media::align(*files_.reference, *files_.distorted, options_.alignment);
   if (!aligned)
      return tl::unexpected(aligned.error());
   aligner_ = std::move(*aligned);
   // One batch more than there are threads, so that none waits for the decoder.
   const std::size_t threads = on_.threads().threads();
   result<void> outcome;
   while (!on_.cancelled().requested() && !out_of_memory_) {
      auto next = std::make_shared<batch>();
      auto filled = fill(*next);
      if (!filled)
         outcome = tl::unexpected(filled.error());
      if (!filled || !*filled)
         break;
      if (undecided_)
         choose_memory(*next);
      next->host_inputs = host_inputs_;
      next->device_inputs = device_inputs_;
      dispatch(next);
      next.reset();
      wait_for(metrics_.size() * (device_inputs_ != 0 ? std::min(threads, device_batches) : threads));
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
         failures.push_back({&metric->metric(), std::move(why)});
   return failures;
}

void comparison_run::take_over(comparison_run &again) {
   auto measured = again.metrics_.begin();
   for (auto &metric : metrics_)
      if (!metric->device_failure().empty())
         metric = std::move(*measured++);
}

results::file_summary summary_of(const media::file_facts &facts, picture_size size) {
   results::file_summary made;
   made.path = facts.path;
   made.format = facts.format;
   made.bytes = facts.bytes;
   made.frames = static_cast<int64_t>(facts.showings.size());
   for (const giflab_showing &showing : facts.showings)
      made.duration_us += showing.duration_us;
   made.width = size.width;
   made.height = size.height;
   made.loop_count = facts.loop_count;
   made.warnings = facts.warnings;
   return made;
}

const char *mode_name(media::alignment_mode mode) {
   switch (mode) {
   case media::alignment_mode::index:
      return "index";
   case media::alignment_mode::content:
      return "content";
   case media::alignment_mode::time:
      break;
   }
   return "time";
}

results::comparison comparison_run::summary() const {
   const media::alignment_report report = aligner_->report();
   results::comparison made;
   made.reference = summary_of(files_.reference->facts(), files_.reference_size);
   made.distorted = summary_of(files_.distorted->facts(), files_.distorted_size);
   made.alignment.mode = mode_name(report.mode);
   made.alignment.pairs = static_cast<int64_t>(times_.size());
   for (const pair_time &time : times_)
      made.alignment.duration_us += time.duration_us;
   made.alignment.dropped = report.dropped;
   made.alignment.duplicated = report.duplicated;
   made.alignment.reordered = report.reordered;
   made.alignment.max_drift_us = report.max_drift_us;
   made.alignment.notes = report.notes;
   made.optimization_level = options_.level;
   made.background = fmt::format("#{:02x}{:02x}{:02x}", options_.background.red, options_.background.green,
                                 options_.background.blue);
   for (const auto &metric : metrics_)
      for (results::metric_value &value : metric->values(times_))
         made.metrics.push_back(std::move(value));
   made.pairs = rows_;
   for (results::pair_row &row : made.pairs)
      for (const auto &metric : metrics_)
         for (std::size_t column = 0; column < metric->metric().columns.size(); ++column)
            row.values.push_back(metric->value_of(column, row.pair));
   return made;
}

} // namespace

result<results::comparison> compare(const std::string &reference, const std::string &distorted,
                                    const std::vector<planned_metric> &plan, const comparison_options &options,
                                    machine &on, const progress_listener &progress) {
   const auto measured = [&](const std::vector<wanted_metric> &wanted,
                             const comparison_options &how) -> result<std::unique_ptr<comparison_run>> {
      auto files = open_both(reference, distorted, how, on);
      if (!files)
         return tl::unexpected(files.error());
      auto run = std::make_unique<comparison_run>(std::move(*files), wanted, how, on, progress);
      if (auto done = run->measure_all(); !done)
         return tl::unexpected(done.error());
      run->finish();
      return run;
   };
   std::vector<wanted_metric> wanted;
   for (const planned_metric &metric : plan)
      wanted.push_back({&metric, {}});
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
   return (*run)->summary();
}

} // namespace giflab::engine
