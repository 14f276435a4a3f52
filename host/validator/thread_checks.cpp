#include "validator/blame.hpp"
#include "validator/isolated.hpp"
#include "validator/stepped_clip.hpp"
#include "validator/trial.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <filesystem>
#include <future>
#include <iterator>
#include <latch>
#include <mutex>
#include <thread>

namespace giflab::validator {

namespace {

using std::chrono::milliseconds;
namespace fs = std::filesystem;

test_clip little_clip(const subject &given) {
   const auto [width, height] = size_for(*given.plugin, 48, 32);
   return make_clip(width, height, 4, given.seed);
}

// A folder for one thread's files.
fs::path folder_of(const subject &given, std::size_t lane) {
   return fs::path(given.folder) / fmt::format("lane-{}", lane);
}

host_conduct conduct_of_lane(const subject &given, std::size_t lane) {
   host_conduct conduct = conduct_of(given);
   conduct.folder = folder_of(given, lane);
   fs::create_directories(conduct.folder);
   return conduct;
}

// ---- Many threads

std::size_t lane_count() { return 2 * std::max(1u, std::thread::hardware_concurrency()); }

// One turn of one thread: "" or what was wrong with it. `turn` counts over all threads.
using turn_of_lane = std::function<std::string(std::size_t lane, uint64_t turn)>;

std::string caught(const turn_of_lane &take, std::size_t lane, uint64_t turn) {
   try {
      return take(lane, turn);
   } catch (const std::exception &thrown) {
      return fmt::format("it threw: {}", thrown.what());
   } catch (...) {
      return "it threw something that is no std::exception";
   }
}

struct hammered {
   uint64_t turns = 0;
   std::string found; // the first thing that was wrong
};

// Twice as many threads as cores take turns all at once, until there were `most` turns, the time is up, or
// something was wrong.
hammered hammer(uint64_t most, milliseconds longest, const turn_of_lane &take) {
   hammered told;
   std::mutex telling;
   std::atomic<uint64_t> next{0};
   std::atomic<bool> over{false};
   const time_allowance allowance(longest);
   std::latch all_here(static_cast<std::ptrdiff_t>(lane_count()));
   const auto work = [&](std::size_t lane) {
      const alternate_stack for_overflows;
      all_here.arrive_and_wait();
      for (uint64_t turn = next++; turn < most && !over && !allowance.spent(); turn = next++) {
         const std::string found = caught(take, lane, turn);
         const std::lock_guard lock(telling);
         ++told.turns;
         if (!found.empty() && told.found.empty())
            told.found = found;
         over = !told.found.empty();
      }
   };
   std::vector<std::jthread> threads;
   for (std::size_t lane = 0; lane < lane_count(); ++lane)
      threads.emplace_back(work, lane);
   threads.clear(); // joins
   return told;
}

// ---- T01

// Each step that may overlap with others, by itself.
struct lone_steps {
   evaluation before; // what the steps of [main] came to
   std::vector<stepped_clip::step> steps;

   lone_steps(stepped_clip &shown, test_instance &instance) : steps(shown.steps(instance)) {
      const auto first =
          std::stable_partition(steps.begin(), steps.end(), [](const auto &one) { return one.on_main; });
      std::for_each(steps.begin(), first, [&](const auto &one) { one.run(before); });
      steps.erase(steps.begin(), first);
   }
   evaluation take(std::size_t which) const {
      evaluation into = before;
      steps[which].run(into);
      return into;
   }
};

// What the steps give one after another; stops at the first that fails.
std::vector<evaluation> serial_results(const lone_steps &of) {
   std::vector<evaluation> results;
   while (results.size() < of.steps.size() && (results.empty() || results.back().ok()))
      results.push_back(of.take(results.size()));
   return results;
}

finding check_reentrant(const subject &given) {
   const modules::plugin &guest = *given.plugin;
   if (guest.table.threads != GIFLAB_REENTRANT)
      return skipped("only for plugins that declare GIFLAB_REENTRANT");
   const test_clip clip = little_clip(given);
   test_host host(guest, conduct_of(given));
   std::vector<std::unique_ptr<stepped_clip>> shown;
   for (std::size_t lane = 0; lane < lane_count(); ++lane)
      shown.push_back(std::make_unique<stepped_clip>(guest, clip, folder_of(given, lane)));
   test_instance instance(host, shown[0]->facts());
   if (instance.create() != GIFLAB_OK)
      return skipped("nothing to compare with: " + said_by(instance.creation()));
   std::vector<lone_steps> steps;
   for (const auto &each : shown)
      steps.emplace_back(*each, instance);
   const std::vector<evaluation> expected = serial_results(steps[0]);
   if (!expected.back().ok())
      return skipped("nothing to compare with: " + said_by(expected.back()));

   const hammered told = hammer(10'000, milliseconds(2000), [&](std::size_t lane, uint64_t turn) {
      const std::size_t which = turn % expected.size();
      return difference(guest, expected[which], steps[lane].take(which));
   });
   if (told.found.empty())
      return passed(fmt::format("{} calls on {} threads in one instance", told.turns, lane_count()));
   return failed_check(
       fmt::format("calls that overlap in one instance disturb each other, seen after {} calls on {} "
                   "threads: {}; keep what a call works on in call->scratch or on its stack, or "
                   "declare GIFLAB_PER_INSTANCE",
                   told.turns, lane_count(), told.found));
}

// ---- T02, T03

// Instances of their own on threads of their own, made and destroyed while others work. `guard` makes it one
// call at a time in the whole module.
class racing_instances {
 public:
   racing_instances(const subject &given, bool guarded)
       : guest_(*given.plugin), guarded_(guarded), clip_(little_clip(given)) {
      for (std::size_t lane = 0; lane < lane_count(); ++lane)
         lanes_.push_back(std::make_unique<lane_of>(guest_, clip_, given, lane));
      expected_ = run(0);
   }
   const evaluation &expected() const { return expected_; }

   hammered race(uint64_t most, milliseconds longest) {
      return hammer(most, longest,
                    [this](std::size_t lane, uint64_t) { return difference(guest_, expected_, run(lane)); });
   }

 private:
   struct lane_of {
      lane_of(const modules::plugin &guest, const test_clip &clip, const subject &given, std::size_t lane)
          : host(guest, conduct_of_lane(given, lane)), shown(guest, clip, folder_of(given, lane)) {}
      test_host host;
      stepped_clip shown;
   };

   template <class Work> void enter(bool alone, Work &&work) {
      std::unique_lock<std::mutex> lock(entered_, std::defer_lock);
      if (alone || guarded_)
         lock.lock();
      work();
   }

   evaluation run(std::size_t lane) {
      lane_of &own = *lanes_[lane];
      test_instance instance(own.host, own.shown.facts());
      enter(false, [&] { instance.create(); });
      evaluation made = instance.creation();
      for (const auto &step : made.ok() ? own.shown.steps(instance) : std::vector<stepped_clip::step>())
         if (made.ok())
            enter(step.on_main, [&] { step.run(made); });
      enter(false, [&] { instance.destroy(); });
      return made;
   }

   const modules::plugin &guest_;
   const bool guarded_;
   const test_clip clip_;
   std::mutex entered_;
   std::vector<std::unique_ptr<lane_of>> lanes_;
   evaluation expected_;
};

constexpr uint64_t racing_turns = 2000;
constexpr milliseconds racing_time{1000};

finding check_racing_instances(const subject &given) {
   if (given.plugin->table.threads == GIFLAB_PER_MODULE)
      return skipped("the plugin declares GIFLAB_PER_MODULE");
   racing_instances instances(given, false);
   if (!instances.expected().ok())
      return skipped("nothing to compare with: " + said_by(instances.expected()));
   const hammered told = instances.race(racing_turns, racing_time);
   if (told.found.empty())
      return passed(fmt::format("{} instances on {} threads", told.turns, lane_count()));
   return failed_check(
       fmt::format("instances on {} threads disturb each other, seen after {} of them: {}; keep state "
                   "in the instance instead of in static variables, or declare GIFLAB_PER_MODULE",
                   lane_count(), told.turns, told.found));
}

// True if the plugin would do as GIFLAB_PER_INSTANCE as well, as far as racing shows; it may crash finding out.
bool stands_racing(const subject &given) {
   const auto work = [&given]() -> std::string {
      racing_instances instances(given, false);
      return instances.race(racing_turns, racing_time).found.empty() ? "stood it" : "";
   };
   bool stood = false;
   const services::cancellation nobody;
   run_isolated({{work, milliseconds(10'000)}}, 1, nobody,
                [&stood](std::size_t, const isolated_outcome &outcome) { stood = outcome.text == "stood it"; });
   return stood;
}

finding check_per_module(const subject &given) {
   if (given.plugin->table.threads != GIFLAB_PER_MODULE)
      return skipped("only for plugins that declare GIFLAB_PER_MODULE");
   racing_instances instances(given, true);
   if (!instances.expected().ok())
      return skipped("nothing to compare with: " + said_by(instances.expected()));
   const hammered told = instances.race(racing_turns / 4, racing_time / 4);
   if (!told.found.empty())
      return failed_check(
          fmt::format("one call at a time in the module, on {} threads and in many instances, and "
                      "still: {}; keep what lasts from call to call in the instance",
                      lane_count(), told.found));
   if (stands_racing(given))
      return warned("T02 passes too: GIFLAB_PER_INSTANCE would do, and lets instances work side by side");
   return passed();
}

// ---- T04

// On a thread made for this alone; what it throws is thrown here.
template <class Work> void on_new_thread(Work &&work) {
   std::async(std::launch::async, [&work] {
      const alternate_stack for_overflows;
      work();
   }).get();
}

template <class Take> evaluation step_by_step(const subject &given, const test_clip &clip, Take &&take) {
   test_host host(*given.plugin, conduct_of(given));
   stepped_clip shown(*given.plugin, clip, given.folder);
   test_instance instance(host, shown.facts());
   take([&] { instance.create(); });
   evaluation made = instance.creation();
   for (const auto &step : made.ok() ? shown.steps(instance) : std::vector<stepped_clip::step>())
      if (made.ok())
         take([&] { step.run(made); });
   take([&] { instance.destroy(); });
   return made;
}

finding check_wandering(const subject &given) {
   const test_clip clip = little_clip(given);
   comparison_of_runs runs(*given.plugin, step_by_step(given, clip, [](auto &&work) { work(); }));
   if (runs.comparable())
      runs.add(step_by_step(given, clip, [](auto &&work) { on_new_thread(work); }),
               "when each call of an instance comes on another thread");
   return runs.result(
       "keep state in the instance: thread-local variables and locks held from call to call stay "
       "behind on the thread");
}

// ---- T05

std::ptrdiff_t threads_here() {
   return std::distance(fs::directory_iterator("/proc/self/task"), fs::directory_iterator());
}

// A thread that was joined may be seen a moment longer, which on a busy machine is a long one.
std::ptrdiff_t threads_left_of(std::ptrdiff_t before) {
   const time_allowance patience(milliseconds(2000));
   while (threads_here() > before && !patience.spent())
      std::this_thread::sleep_for(milliseconds(2));
   return threads_here() - before;
}

finding check_own_threads(const subject &given) {
   const std::ptrdiff_t before = threads_here();
   const test_clip clip = little_clip(given);
   test_host host(*given.plugin, conduct_of(given));
   laid_out_clip shown(clip, given.plugin->table);
   const evaluation outcome = evaluate(host, clip, shown);
   const std::ptrdiff_t left = threads_left_of(before);
   const observations seen = host.seen();
   if (const breach *called = seen.breach_of("T05"))
      return failed_check(called->text + "; giflab.tasks/1 lends threads that may");
   if (left > 0)
      return failed_check(fmt::format("{} own thread{} still there after destroy: join in destroy what create "
                                      "or a call started",
                                      left, left == 1 ? " is" : "s are"));
   return outcome.ok() ? passed() : skipped("it did not run: " + said_by(outcome));
}

// ---- T06

using task_order = host_conduct::task_order;

const char *order_name(task_order order) {
   switch (order) {
   case task_order::forward:
      return "in order";
   case task_order::backward:
      return "backwards";
   case task_order::parallel:
      return "all at once";
   case task_order::failing:
      return "until one fails half-way";
   }
   return "";
}

evaluation with_tasks(const subject &given, const test_clip &clip, task_order order, uint32_t lanes) {
   host_conduct conduct = conduct_of(given);
   conduct.tasks = order;
   conduct.lanes = lanes;
   return evaluate(*given.plugin, conduct, clip);
}

// Where the first run fails, results may be right all the same: they were got otherwise, or before.
finding check_failing_tasks(const subject &given, const test_clip &clip, const evaluation &expected,
                            uint32_t lanes) {
   const evaluation failed = with_tasks(given, clip, task_order::failing, lanes);
   if (failed.ok() && !difference(*given.plugin, expected, failed).empty())
      return failed_check(
          fmt::format("tasks.run gave GIFLAB_NO_MEMORY half-way, and the plugin returned GIFLAB_OK with "
                      "another result ({}): return the status of tasks.run",
                      difference(*given.plugin, expected, failed)));
   const std::string changed =
       difference(*given.plugin, expected, with_tasks(given, clip, task_order::forward, lanes));
   return changed.empty()
              ? passed()
              : failed_check("after tasks that failed, the next instance is not as new: " + changed);
}

finding check_tasks(const subject &given) {
   const auto [width, height] = size_for(*given.plugin, 160, 120);
   const test_clip clip = make_clip(width, height, 2, given.seed);
   test_host host(*given.plugin, conduct_of(given));
   laid_out_clip shown(clip, given.plugin->table);
   comparison_of_runs runs(*given.plugin, evaluate(host, clip, shown));
   if (!host.seen().queries.contains(GIFLAB_TASKS))
      return skipped("it never asks for " GIFLAB_TASKS);
   for (const uint32_t lanes : {1u, 2u, 16u})
      for (const task_order order : {task_order::forward, task_order::backward, task_order::parallel})
         if (runs.comparable())
            runs.add(
                with_tasks(given, clip, order, lanes),
                fmt::format("with tasks run {} in {} lane{}", order_name(order), lanes, lanes == 1 ? "" : "s"));
   finding found =
       runs.result("each task writes to what is its own by index or lane, and sums are taken in a fixed "
                   "order after tasks.run");
   for (const uint32_t lanes : {1u, 16u})
      if (found.verdict == verdict::pass)
         found = check_failing_tasks(given, clip, runs.first(), lanes);
   return found;
}

const std::array all = {
    check{"T01", "calls may overlap in a reentrant instance", "B1", stage::behave, extent::plugin,
          check_reentrant},
    check{"T02", "instances on different threads do not disturb each other", "B1", stage::behave,
          extent::plugin, check_racing_instances},
    check{"T03", "PER_MODULE works, and is needed", "", stage::behave, extent::plugin, check_per_module},
    check{"T04", "calls may wander over threads", "B1", stage::behave, extent::plugin, check_wandering},
    check{"T05", "own threads never call the host, and end in destroy", "B1", stage::behave, extent::plugin,
          check_own_threads},
    check{"T06", "tasks may run in any order and number, and fail", "B1", stage::behave, extent::plugin,
          check_tasks},
};

} // namespace

std::span<const check> thread_checks() { return all; }

} // namespace giflab::validator
