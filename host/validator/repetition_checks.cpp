// The same thing done again, elsewhere, in another order or beside something else: S09 to S11.
#include "validator/isolated.hpp"
#include "validator/score_checks.hpp"
#include "validator/trial.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <set>
#include <vector>

namespace giflab::validator {

namespace {

using namespace std::chrono_literals;

test_clip clip_of(const subject &given, int32_t width, int32_t height, std::size_t frames, uint64_t seed) {
   const auto [wide, high] = size_for(*given.plugin, width, height);
   return make_clip(wide, high, frames, given.seed + seed);
}

// Of the ways in which one clip is run again, slow plugins get those that fit in this time.
constexpr std::chrono::seconds time_for_all{10};

finding as_far_as_time_went(finding found, const time_allowance &time) {
   if (found.verdict == verdict::pass && time.spent())
      found.sentence = fmt::format("as far as {} s went: it is slow", time_for_all.count());
   return found;
}

// ---- S09

// The same run in a process of its own, forked from this one: "" if it gave what `runs` began with.
std::string differs_in_another_process(const subject &given, const test_clip &clip,
                                       const comparison_of_runs &runs) {
   isolated_job job;
   job.work = [&]() -> std::string {
      const evaluation again = evaluate(*given.plugin, conduct_of(given), clip);
      return again.ok() ? difference(*given.plugin, runs.first(), again) : said_by(again);
   };
   job.limit = 10s;
   isolated_outcome ended;
   const services::cancellation nobody;
   run_isolated({job}, 1, nobody, [&](std::size_t, const isolated_outcome &outcome) { ended = outcome; });
   if (!ended.finished)
      return fmt::format("that process {} ({})",
                         ended.timed_out ? std::string("did not end in 10 s")
                         : ended.signal  ? fmt::format("died of signal {}", ended.signal)
                                         : fmt::format("exited with {}", ended.exit_code),
                         ended.doing.empty() ? "outside of calls" : ended.doing);
   return ended.text;
}

struct task_case {
   host_conduct::task_order order;
   uint32_t lanes;
   const char *how;
};
constexpr task_case task_cases[] = {
    {host_conduct::task_order::forward, 4, "with giflab.tasks/1 of 4 lanes"},
    {host_conduct::task_order::backward, 1, "with tasks run backwards"},
    {host_conduct::task_order::backward, 4, "with tasks run backwards over 4 lanes"},
    {host_conduct::task_order::parallel, 1, "with tasks on 1 thread beside the caller"},
    {host_conduct::task_order::parallel, 4, "with tasks on 4 threads"},
};

void compare_task_orders(const subject &given, const test_clip &clip, const time_allowance &time,
                         comparison_of_runs &runs) {
   for (const task_case &each : task_cases) {
      if (time.spent())
         return;
      host_conduct conduct = conduct_of(given);
      conduct.tasks = each.order;
      conduct.lanes = each.lanes;
      if (!runs.add(evaluate(*given.plugin, conduct, clip), each.how))
         return;
   }
}

// ---- S10

// An instance of a metric and the clip that it measures, call by call, so that others can come between.
class measuring {
 public:
   measuring(const subject &given, const test_clip &clip)
       : host_(*given.plugin, conduct_of(given)), shown_(clip, given.plugin->table),
         instance_(host_, shown_.facts()) {}

   giflab_status create() {
      const giflab_status status = instance_.create();
      if (status != GIFLAB_OK)
         outcome_ = instance_.creation();
      return status;
   }

   // A clip starts; what came of one before is forgotten.
   void start() {
      if (instance_.creation().ok())
         outcome_ = {};
      if (outcome_.ok() && host_.guest().table.scope == GIFLAB_SCOPE_CLIP)
         instance_.begin(shown_.facts(), outcome_);
   }
   void measure(std::size_t pair) {
      if (outcome_.ok() && pair < shown_.pairs().size())
         instance_.measure(shown_.pairs().subspan(pair, 1), pair, outcome_);
   }
   void finish() {
      if (outcome_.ok() && host_.guest().table.scope == GIFLAB_SCOPE_CLIP)
         instance_.finish(outcome_);
   }
   void run() {
      start();
      for (std::size_t pair = 0; pair < pairs(); ++pair)
         measure(pair);
      finish();
   }

   std::size_t pairs() const { return shown_.pairs().size(); }
   const evaluation &outcome() const { return outcome_; }

 private:
   test_host host_;
   laid_out_clip shown_;
   test_instance instance_;
   evaluation outcome_;
};

// The clip by an instance that does nothing else.
evaluation alone(const subject &given, const test_clip &clip) {
   measuring one(given, clip);
   one.create();
   one.run();
   return one.outcome();
}

void interleave(measuring &a, measuring &b) {
   a.start(), b.start();
   for (std::size_t pair = 0; pair < std::max(a.pairs(), b.pairs()); ++pair)
      a.measure(pair), b.measure(pair);
   b.finish(), a.finish();
}

// begin after a clip that was never finished.
void abort_and_run(measuring &one) {
   one.start();
   for (std::size_t pair = 0; pair < one.pairs() / 2; ++pair)
      one.measure(pair);
   one.run();
}

const char *const no_statics = "keep all state in the instance, and let begin forget what was before";

finding metric_instances(const subject &given) {
   const test_clip first = clip_of(given, 24, 18, 4, 0), second = clip_of(given, 17, 21, 5, 77);
   comparison_of_runs of_first(*given.plugin, alone(given, first));
   comparison_of_runs of_second(*given.plugin, alone(given, second));
   if (!of_first.comparable() || !of_second.comparable())
      return (of_first.comparable() ? of_second : of_first).result({});
   measuring a(given, first), b(given, second);
   a.create(), b.create();
   interleave(a, b);
   of_first.add(a.outcome(), "while another instance measures another clip by turns");
   of_second.add(b.outcome(), "while another instance measures another clip by turns");
   a.run();
   of_first.add(a.outcome(), "in an instance that is used for the second time");
   if (given.plugin->table.scope == GIFLAB_SCOPE_CLIP) {
      abort_and_run(b);
      of_second.add(b.outcome(), "when begin comes after a clip that was broken off");
   }
   const finding found = of_first.result(no_statics);
   return found.verdict == verdict::pass ? of_second.result(no_statics) : found;
}

// An instance that takes its clip as a whole, and what came of it the last time.
class whole_clip_run {
 public:
   whole_clip_run(const subject &given, const test_clip &clip)
       : clip_(clip), host_(*given.plugin, conduct_of(given)), shown_(clip, given.plugin->table),
         instance_(host_, shown_.facts()) {
      instance_.create();
   }

   evaluation run() {
      evaluation outcome = instance_.creation();
      if (outcome.ok())
         evaluate_on(instance_, host_, clip_, shown_, outcome);
      return outcome;
   }

 private:
   const test_clip &clip_;
   test_host host_;
   laid_out_clip shown_;
   test_instance instance_;
};

// Filters, encoders and metrics of files. Only the last may be used for a second clip.
finding whole_clip_instances(const subject &given) {
   const test_clip first = clip_of(given, 24, 18, 4, 0), second = clip_of(given, 17, 21, 5, 77);
   comparison_of_runs of_first(*given.plugin, evaluate(*given.plugin, conduct_of(given), first));
   comparison_of_runs of_second(*given.plugin, evaluate(*given.plugin, conduct_of(given), second));
   if (!of_first.comparable() || !of_second.comparable())
      return (of_first.comparable() ? of_second : of_first).result({});
   whole_clip_run a(given, first), b(given, second);
   of_first.add(a.run(), "while an instance for another clip exists");
   of_second.add(b.run(), "after an instance for another clip worked");
   if (given.plugin->is_metric())
      of_first.add(a.run(), "in an instance that is used for the second time");
   const finding found = of_first.result(no_statics);
   return found.verdict == verdict::pass ? of_second.result(no_statics) : found;
}

// ---- S11

// All pairs, those of a batch side by side, the batches in random order and never in their own.
std::vector<std::size_t> shuffled(std::size_t pairs, std::size_t batch, uint64_t seed) {
   std::vector<std::size_t> starts;
   for (std::size_t start = 0; start < pairs; start += batch)
      starts.push_back(start);
   std::mt19937_64 random(seed);
   for (std::size_t i = starts.size(); i > 1; --i) // std::shuffle differs between libraries
      std::swap(starts[i - 1], starts[random() % i]);
   if (std::ranges::is_sorted(starts))
      std::ranges::reverse(starts);
   std::vector<std::size_t> order;
   for (const std::size_t start : starts)
      for (std::size_t pair = start; pair < std::min(pairs, start + batch); ++pair)
         order.push_back(pair);
   return order;
}

// The numbers of pairs a call that are worth trying, none above what the plugin takes.
std::set<uint32_t> batches(const modules::plugin &guest, std::size_t pairs) {
   std::set<uint32_t> sizes;
   const uint32_t most = std::max<uint32_t>(guest.table.batch, 1);
   for (const uint32_t size : {1u, 2u, most, static_cast<uint32_t>(pairs)})
      sizes.insert(std::min(size, most));
   return sizes;
}

evaluation evaluate_in(const subject &given, const test_clip &clip, const evaluation_options &options) {
   return evaluate(*given.plugin, conduct_of(given), clip, options);
}

} // namespace

finding check_repetition(const subject &given) {
   const modules::plugin &guest = *given.plugin;
   const test_clip clip = clip_of(given, 40, 30, 3, 0);
   const time_allowance time(time_for_all);
   test_host host(guest, conduct_of(given));
   laid_out_clip shown(clip, guest.table);
   comparison_of_runs runs(guest, evaluate(host, clip, shown));
   const char *advice = "read nothing but the pictures, the parameters and, if it declares GIFLAB_SEEDED, "
                        "call->seed; or declare GIFLAB_WITHIN_TOLERANCE and a .tolerance";
   if (!runs.comparable())
      return runs.result(advice);
   if (const std::string differs = differs_in_another_process(given, clip, runs); !differs.empty())
      return failed_check(fmt::format("in another process: {}; {}", differs, advice));
   for (const char *how : {"the second time", "the third time"})
      runs.add(evaluate(guest, conduct_of(given), clip), how);
   if (guest.table.determinism != GIFLAB_SEEDED) {
      host_conduct conduct = conduct_of(given);
      conduct.seed += 1;
      runs.add(evaluate(guest, conduct, clip),
               "with another call->seed, and it does not declare GIFLAB_SEEDED");
   }
   if (host.seen().queries.contains(GIFLAB_TASKS))
      compare_task_orders(given, clip, time, runs);
   return as_far_as_time_went(runs.result(advice), time);
}

finding check_instances(const subject &given) {
   return given.plugin->is_metric() && given.plugin->table.scope != GIFLAB_SCOPE_FILE
              ? metric_instances(given)
              : whole_clip_instances(given);
}

finding check_order(const subject &given) {
   const modules::plugin &guest = *given.plugin;
   if (!guest.is_metric() || guest.table.scope == GIFLAB_SCOPE_FILE)
      return skipped("only for metrics that are given pairs");
   const test_clip clip = clip_of(given, 22, 14, guest.table.lookback + 7, 0);
   comparison_of_runs runs(guest, evaluate_in(given, clip, {}));
   const bool any_order = guest.table.scope == GIFLAB_SCOPE_FRAME;
   const time_allowance time(time_for_all);
   for (const uint32_t size : batches(guest, clip.frames.size())) {
      if (time.spent())
         break;
      evaluation_options options;
      options.batch = size;
      if (!runs.add(evaluate_in(given, clip, options), fmt::format("in batches of {}", size)))
         break;
      if (!any_order)
         continue;
      options.order = shuffled(clip.frames.size(), size, given.seed + size);
      if (!runs.add(evaluate_in(given, clip, options), fmt::format("in another order, {} pairs a call", size)))
         break;
   }
   return as_far_as_time_went(
       runs.result(any_order
                       ? "with FRAME scope a score depends on its own pair and its chain of `previous` alone"
                       : "with CLIP scope pairs come in order, any number up to .batch at a time"),
       time);
}

} // namespace giflab::validator
