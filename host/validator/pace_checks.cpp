// R06 and R07: how fast a plugin is, and how soon it listens.

#include "validator/life.hpp"
#include "validator/resource_checks.hpp"
#include "validator/trial.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <ctime>

namespace giflab::validator {

namespace {

using std::chrono::nanoseconds;

nanoseconds process_time() {
   timespec now{};
   clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
   return std::chrono::seconds(now.tv_sec) + nanoseconds(now.tv_nsec);
}

// Why times say nothing in this build; "" if they do.
std::string times_say_nothing() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
   return "times say nothing in a build with sanitizers";
#elif !defined(NDEBUG)
   return "times say nothing in a debug build of giflab";
#else
   return {};
#endif
}

// What takes longest. Pictures of noise: nothing is equal by chance, no palette is short, everything changes.
// For what works on files something that is soon written.
test_clip demanding_clip(const giflab_plugin &table, int32_t width, int32_t height, uint64_t seed) {
   const motif shown = table.scope == GIFLAB_SCOPE_FILE ? motif::checkerboard : motif::noise;
   return {
       width,
       height,
       {{make_picture(shown, width, height, seed), make_picture(shown, width, height, seed + 1), 0, 100'000}}};
}

host_conduct warm_conduct(const subject &given, uint32_t level) {
   host_conduct conduct = conduct_of(given);
   conduct.level = level;
   conduct.warm_scratch = true; // as in giflab: fresh pages are the kernel's time, not the plugin's
   return conduct;
}

// ---- R06

constexpr std::array class_names = {"1 ns", "10 ns", "100 ns", "1 us", "more than 1 us"};
constexpr std::array class_limits = {1.0, 10.0, 100.0, 1000.0}; // nanoseconds a pixel

// The least class that this time a pixel fits.
std::size_t class_of(double nanoseconds_a_pixel) {
   return static_cast<std::size_t>(std::find_if(class_limits.begin(), class_limits.end(),
                                                [&](double limit) { return nanoseconds_a_pixel <= limit; }) -
                                   class_limits.begin());
}

// Processor time of all calls but create and destroy.
nanoseconds time_of_calls(life &lives, test_host &host, evaluation &made) {
   nanoseconds spent{0};
   made = lives.run(host, [&](const char *entry, const std::function<void()> &call) {
      const nanoseconds began = process_time();
      call();
      if (std::strcmp(entry, "create") != 0 && std::strcmp(entry, "destroy") != 0)
         spent += process_time() - began;
   });
   return spent;
}

finding judge_cost(const giflab_plugin &table, double nanoseconds_a_pixel) {
   const std::size_t declared = table.cost, measured = class_of(nanoseconds_a_pixel);
   const std::string sentence =
       fmt::format("{:.2f} ns for each pixel of a pair, which is of the class {}; .cost says {}",
                   nanoseconds_a_pixel, class_names[measured], class_names[declared]);
   if (measured >= declared + 2)
      return failed_check(sentence + ": declare what it takes, or make it faster");
   if (measured > declared)
      return warned(sentence + ": it may be this machine; if not, declare what it takes");
   if (measured + 2 <= declared)
      return warned(sentence + ": declared so dear, it runs later than it could");
   return passed();
}

} // namespace

finding check_cost_class(const subject &given) {
   if (given.plugin->table.encoder || given.plugin->table.scope == GIFLAB_SCOPE_FILE)
      return skipped("it works on files, and .cost is time for each pixel");
   if (const std::string why = times_say_nothing(); !why.empty())
      return skipped(why);
   // Wide, so that what a call and a row cost the watching host does not count for much.
   const auto [width, height] = size_for(*given.plugin, 2048, 256);
   constexpr std::size_t frames = 2;
   const test_clip clip = make_clip(width, height, frames, given.seed);
   life lives(*given.plugin, clip, given.folder);
   test_host host(*given.plugin, warm_conduct(given, 2));
   const time_allowance allowance(std::chrono::milliseconds(1000));
   nanoseconds least = nanoseconds::max();
   for (int i = 0; i < 5 && (i == 0 || !allowance.spent()); ++i) {
      evaluation made;
      least = std::min(least, time_of_calls(lives, host, made));
      if (!made.ok())
         return skipped("its calls do not work here: " + said_by(made));
   }
   return judge_cost(given.plugin->table,
                     static_cast<double>(least.count()) / (static_cast<double>(width) * height * frames));
}

// ---- R07

namespace {

constexpr nanoseconds longest_silence = std::chrono::milliseconds(10);
constexpr nanoseconds longest_tolerated = 2 * longest_silence; // on a machine that others use as well
constexpr nanoseconds longest_run = std::chrono::seconds(1);   // of one picture at one level

// The longest time without a poll of one life, and how long it took in all.
struct silence {
   nanoseconds longest{0}, whole{0};
   evaluation made;
   std::string progress; // what was wrong with it; "" if nothing was
};

silence silence_of(const subject &given, life &lives, uint32_t level) {
   host_conduct conduct = warm_conduct(given, level);
   conduct.timed = true;
   test_host host(*given.plugin, conduct);
   const nanoseconds began = process_time();
   silence found;
   found.made = lives.run(host, just_call);
   const observations seen = host.seen();
   found.whole = process_time() - began;
   found.longest = seen.longest_unpolled;
   if (const breach *fell = seen.breach_of("R07"))
      found.progress = fell->text;
   return found;
}

// Rows of a 3840 pixels wide picture that take no longer than a check may last: all 2160, but for the slowest.
int32_t affordable_rows(const subject &given, uint32_t level) {
   const auto [width, height] = size_for(*given.plugin, 3840, 32);
   const test_clip small = demanding_clip(given.plugin->table, width, height, given.seed);
   life lives(*given.plugin, small, given.folder);
   const nanoseconds whole = std::max(silence_of(given, lives, level).whole, nanoseconds(1));
   return static_cast<int32_t>(std::clamp<int64_t>(longest_run / whole * height, height, 2160));
}

// The least of three: other work on the machine makes silences longer, never shorter.
silence least_silence(const subject &given, life &lives, uint32_t level) {
   silence least = silence_of(given, lives, level);
   for (int i = 0; i < 2 && least.longest > longest_silence && least.made.ok(); ++i) {
      silence again = silence_of(given, lives, level);
      if (again.longest < least.longest)
         least = std::move(again);
   }
   return least;
}

finding judge_silence(const silence &found, const laid_out_clip &shown, uint32_t level) {
   if (!found.progress.empty())
      return failed_check(found.progress + ": progress runs from 0 to 1 and never back");
   if (!found.made.ok())
      return skipped("its calls do not work here: " + said_by(found.made));
   if (found.longest <= longest_silence)
      return passed();
   const std::string sentence =
       fmt::format("it did not ask for {} ms whether it is cancelled, at {}x{} and optimisation level {}: call "
                   "call->cancelled at least every 10 ms of work, for example before each row",
                   std::chrono::duration_cast<std::chrono::milliseconds>(found.longest).count(),
                   shown.facts().width, shown.facts().height, level);
   return found.longest > longest_tolerated && level > 0 ? failed_check(sentence) : warned(sentence);
}

} // namespace

finding check_polling(const subject &given) {
   if (const std::string why = times_say_nothing(); !why.empty())
      return skipped(why);
   finding worst = passed();
   for (const uint32_t level : {2u, 0u}) {
      const auto [width, height] = size_for(*given.plugin, 3840, affordable_rows(given, level));
      const test_clip clip = demanding_clip(given.plugin->table, width, height, given.seed);
      life lives(*given.plugin, clip, given.folder);
      finding found = judge_silence(least_silence(given, lives, level), lives.shown(), level);
      if (found.verdict == verdict::fail || found.verdict == verdict::skip)
         return found;
      if (found.verdict == verdict::warn)
         worst = std::move(found);
      else if (height < 2160 && worst.verdict == verdict::pass)
         worst.sentence += fmt::format("{}looked at {}x{} only at level {}, where it takes long enough",
                                       worst.sentence.empty() ? "" : "; ", width, height, level);
   }
   return worst;
}

} // namespace giflab::validator
