// F03: the user has seen enough.
#include "validator/fault_checks.hpp"
#include "validator/trial.hpp"

#include <fmt/format.h>

#include <cmath>
#include <random>
#include <set>

namespace giflab::validator {

namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr milliseconds finished_anyway{10}, tolerable{50}, intolerable{500};
constexpr int random_points = 10;
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool times_mean_something = false;
#else
constexpr bool times_mean_something = true;
#endif

// As large as a run of about 50 ms allows, since a small picture is done before it can be late.
test_clip large_clip(const subject &given) {
   const auto [width, height] = size_for(*given.plugin, 64, 48);
   const test_clip little = make_clip(width, height, 2, given.seed);
   const auto began = std::chrono::steady_clock::now();
   evaluate(*given.plugin, conduct_of(given), little);
   const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
   const double scale = std::min(8.0, std::sqrt(0.05 / std::max(took, 1e-6)));
   const auto [larger_width, larger_height] =
       size_for(*given.plugin, static_cast<int32_t>(64 * std::max(scale, 1.0)),
                static_cast<int32_t>(48 * std::max(scale, 1.0)));
   return make_clip(larger_width, larger_height, 2, given.seed);
}

double milliseconds_of(nanoseconds time) { return std::chrono::duration<double, std::milli>(time).count(); }

class cancelled_runs {
 public:
   explicit cancelled_runs(const subject &given)
       : given_(given), guest_(*given.plugin), clip_(large_clip(given)), shown_(clip_, guest_.table) {
      test_host host(guest_, conduct_of(given));
      expected_ = evaluate(host, clip_, shown_);
      polls_ = host.seen().polls;
   }
   const evaluation &expected() const { return expected_; }
   uint64_t polls() const { return polls_; }
   nanoseconds longest() const { return longest_; }

   // "" or what went wrong.
   std::string cancel_at(uint64_t poll) {
      host_conduct conduct = conduct_of(given_);
      conduct.cancelled_from_poll = poll;
      conduct.timed = true;
      test_host host(guest_, conduct);
      test_instance instance(host, shown_.facts());
      const bool created = instance.create() == GIFLAB_OK;
      evaluation cut = instance.creation();
      if (created)
         evaluate_on(instance, host, clip_, shown_, cut);
      host.relent();
      const nanoseconds late = host.seen().longest_after_cancel;
      longest_ = std::max(longest_, late);
      if (std::string found = judged(cut, late); !found.empty())
         return found;
      return next_clip(created, host, instance);
   }

 private:
   std::string judged(const evaluation &cut, nanoseconds late) const {
      if (times_mean_something && late > intolerable)
         return fmt::format("{} goes on for {:.0f} ms of processor time", entry_of(cut), milliseconds_of(late));
      if (cut.status == GIFLAB_CANCELLED)
         return {};
      if (!cut.ok())
         return said_by(cut) + ", which is not GIFLAB_CANCELLED";
      if (times_mean_something && late > finished_anyway)
         return fmt::format("it goes on for {:.0f} ms of processor time, to the end", milliseconds_of(late));
      const std::string differs = difference(guest_, expected_, cut);
      return differs.empty() ? differs : "it returns GIFLAB_OK with work left undone: " + differs;
   }
   static std::string entry_of(const evaluation &cut) { return cut.entry.empty() ? "it" : cut.entry; }

   std::string next_clip(bool created, test_host &host, test_instance &instance) {
      evaluation next;
      if (created)
         evaluate_on(instance, host, clip_, shown_, next);
      else
         next = evaluate(host, clip_, shown_);
      const std::string changed = difference(guest_, expected_, next);
      return changed.empty() ? changed : "the next clip is not as new: " + changed;
   }

   const subject &given_;
   const modules::plugin &guest_;
   const test_clip clip_;
   laid_out_clip shown_;
   evaluation expected_;
   uint64_t polls_ = 0;
   nanoseconds longest_{0};
};

// Before anything, somewhere, at the last chance, and when all is done.
std::set<uint64_t> points(uint64_t polls, uint64_t seed) {
   std::set<uint64_t> chosen = {1, polls, polls + 1};
   std::mt19937_64 random(seed);
   for (int i = 0; i < random_points; ++i)
      chosen.insert(1 + random() % polls);
   return chosen;
}

finding cancel_everywhere(const subject &given, const trying &tries) {
   cancelled_runs runs(given);
   if (!runs.expected().ok())
      return skipped("nothing to compare with: " + said_by(runs.expected()));
   if (runs.polls() == 0)
      return skipped("it never polls on a small clip: R07 says whether it may");
   const time_allowance allowance(std::chrono::seconds(5)); // each run may start a program, on a busy machine
   for (const uint64_t poll : points(runs.polls(), given.seed)) {
      if (allowance.spent())
         return passed("as far as 5 s went: it is slow");
      const std::string when = fmt::format("cancelled from poll {} of {}", poll, runs.polls());
      tries(when);
      if (const std::string found = runs.cancel_at(poll); !found.empty())
         return failed_check(
             fmt::format("{}: {}; where call->cancelled says yes, free what the call made and return "
                         "GIFLAB_CANCELLED",
                         when, found));
   }
   if (times_mean_something && runs.longest() > tolerable)
      return warned(fmt::format("it needs {:.0f} ms of processor time to stop; {} is the aim",
                                milliseconds_of(runs.longest()), tolerable.count()));
   return passed();
}

} // namespace

finding check_cancelling(const subject &given) {
   return survived([&given](const trying &tries) { return cancel_everywhere(given, tries); });
}

} // namespace giflab::validator
