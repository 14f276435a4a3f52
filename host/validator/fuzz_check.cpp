// P03: whatever chance brings.

#include "modules/descriptor.hpp"
#include "validator/blame.hpp"
#include "validator/evaluation.hpp"
#include "validator/product_checks.hpp"
#include "validator/trial.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <string_view>

namespace giflab::validator {

namespace {

constexpr int rounds_by_default = 40;
constexpr std::chrono::milliseconds time_by_default{2000};

// One round: everything in it follows from its seed.
class fuzz_round {
 public:
   fuzz_round(const subject &given, uint64_t seed) : given_(given), random_(seed), seed_(seed) {}

   // "" or what is wrong.
   std::string run();

 private:
   // Whole numbers from `lowest` to `highest`. Not std::uniform_int_distribution, which each library makes
   // as it likes: a seed means the same everywhere.
   int64_t number(int64_t lowest, int64_t highest) {
      return lowest + static_cast<int64_t>(random_() % static_cast<uint64_t>(highest - lowest + 1));
   }
   bool once_in(int64_t times) { return number(1, times) == 1; }

   test_clip clip();
   double real_between(double lowest, double highest);
   giflab_value value(const giflab_param &param);
   evaluation_options options(std::size_t frames);
   host_conduct faults(const host_conduct &plain);

   const subject &given_;
   std::mt19937_64 random_;
   uint64_t seed_;
   std::vector<std::string> texts_; // what values point to
};

test_clip fuzz_round::clip() {
   const auto side = [&](int32_t least) {
      const int64_t longest = once_in(8) ? 200 : 48;
      return static_cast<int32_t>(least + number(0, longest));
   };
   const int32_t width = std::max(1, side(given_.plugin->table.least_width));
   const int32_t height = std::max(1, side(given_.plugin->table.least_height));
   const auto frames = static_cast<std::size_t>(number(1, 4));
   if (once_in(2))
      return make_clip(width, height, frames, random_());
   test_clip made{width, height, {}};
   int64_t now = 0;
   for (std::size_t i = 0; i < frames; ++i) {
      const motif shown = every_motif[static_cast<std::size_t>(number(0, every_motif.size() - 1))];
      test_frame frame = make_still(shown, width, height, random_(), static_cast<int>(number(0, 64))).frames[0];
      frame.start_us = now;
      frame.duration_us = number(1, 50) * 10'000;
      now += frame.duration_us;
      made.frames.push_back(std::move(frame));
   }
   return made;
}

// The whole range half of the time, else close to one of its ends.
double fuzz_round::real_between(double lowest, double highest) {
   const double from = std::max(lowest, -1e6), to = std::min(highest, 1e6);
   const double part = static_cast<double>(number(0, 1 << 20)) / (1 << 20);
   if (once_in(2))
      return from + part * (to - from);
   const double close = std::pow(part, 6) * (to - from);
   return once_in(2) ? from + close : to - close;
}

giflab_value fuzz_round::value(const giflab_param &param) {
   switch (param.kind) {
   case GIFLAB_BOOL:
      return {static_cast<double>(number(0, 1)), nullptr};
   case GIFLAB_INT:
      return {std::clamp(std::round(real_between(param.lowest, param.highest)), param.lowest, param.highest),
              nullptr};
   case GIFLAB_CHOICE: {
      const int64_t chosen = number(0, static_cast<int64_t>(modules::count_of_choices(param)) - 1);
      return {static_cast<double>(chosen), param.choices[chosen]};
   }
   case GIFLAB_TEXT:
   case GIFLAB_PATH: {
      std::string text = param.initial_text ? param.initial_text : "";
      for (int64_t more = once_in(2) ? 0 : number(1, 40); more > 0; --more)
         text += static_cast<char>(number(' ', '~'));
      texts_.push_back(std::move(text));
      return {0, texts_.back().c_str()};
   }
   default:
      return {std::clamp(real_between(param.lowest, param.highest), param.lowest, param.highest), nullptr};
   }
}

evaluation_options fuzz_round::options(std::size_t frames) {
   evaluation_options made;
   texts_.reserve(given_.plugin->params.size()); // what values point to stays where it is
   for (const giflab_param &param : given_.plugin->params)
      if (!once_in(3))
         made.parameters.emplace(param.id, value(param));
   made.batch = static_cast<uint32_t>(number(1, std::max<uint32_t>(given_.plugin->table.batch, 1)));
   if (given_.plugin->table.scope == GIFLAB_SCOPE_FRAME && given_.plugin->is_metric()) {
      made.order.resize(frames);
      std::iota(made.order.begin(), made.order.end(), std::size_t{0});
      for (std::size_t i = frames; i > 1; --i)
         std::swap(made.order[i - 1],
                   made.order[static_cast<std::size_t>(number(0, static_cast<int64_t>(i) - 1))]);
   }
   return made;
}

// Each of the things that go wrong at times, and often several at once.
host_conduct fuzz_round::faults(const host_conduct &plain) {
   host_conduct conduct = plain;
   const auto soon = [&] { return static_cast<uint64_t>(number(1, 12)); };
   if (once_in(3))
      conduct.scratch_fails_at = soon();
   if (once_in(6))
      conduct.scratch_fails_from = soon();
   if (once_in(3))
      conduct.cancelled_from_poll = static_cast<uint64_t>(number(1, once_in(2) ? 4 : 200));
   for (const char *service : {GIFLAB_MODELS, GIFLAB_TASKS, GIFLAB_FILES, GIFLAB_PROCESSES, GIFLAB_CACHE})
      if (once_in(6) && !needs(*given_.plugin, service))
         conduct.withheld.insert(service);
   conduct.tasks = static_cast<host_conduct::task_order>(number(0, 3));
   if (once_in(4))
      conduct.models = static_cast<host_conduct::model_fault>(number(0, 3));
   if (once_in(4))
      conduct.processes = static_cast<host_conduct::process_fault>(number(0, 3)); // none of those that last
   conduct.quota_spent = once_in(6);
   conduct.grown = once_in(2);
   return conduct;
}

// What an undisturbed run may not end with; "" if it ended well, or with a refusal.
std::string illegal_end(const evaluation &made) {
   if (made.status == GIFLAB_CANCELLED)
      return "it says GIFLAB_CANCELLED and nobody cancelled it";
   if (made.status == GIFLAB_INTERNAL)
      return "it says it has a bug: " + said_by(made);
   return {};
}

// The breaches that fail a plugin elsewhere, too; how failures are worded is F10's.
std::string breach_in(const observations &seen) {
   for (const breach &one : seen.breaches)
      if (std::string_view(one.check) != "F10")
         return fmt::format("{} ({})", one.text, one.check);
   return {};
}

std::string fuzz_round::run() {
   doing_all_in(fmt::format("seed {}", seed_));
   const test_clip shown_clip = clip();
   laid_out_clip shown(shown_clip, given_.plugin->table);
   const evaluation_options chosen = options(shown_clip.frames.size());
   host_conduct plain = conduct_of(given_);
   plain.seed = seed_;
   plain.level = once_in(4) ? 0 : 2;

   const auto evaluated = [&](const host_conduct &conduct, evaluation &made) {
      test_host host(*given_.plugin, conduct);
      made = evaluate(host, shown_clip, shown, chosen);
      return breach_in(host.seen());
   };
   evaluation before, disturbed, after;
   if (const std::string breach = evaluated(plain, before); !breach.empty())
      return breach;
   if (const std::string end = illegal_end(before); !end.empty())
      return end;
   if (const std::string breach = evaluated(faults(plain), disturbed); !breach.empty())
      return breach + ", while services failed";
   if (const std::string breach = evaluated(plain, after); !breach.empty())
      return breach;
   const std::string differs = difference(*given_.plugin, before, after);
   return differs.empty() ? differs : "a run after one with failures is not as it was before: " + differs;
}

} // namespace

finding check_at_random(const subject &given) {
   const bool by_default = given.fuzz_time.count() == 0;
   const time_allowance allowance(by_default ? time_by_default : std::chrono::milliseconds(given.fuzz_time));
   uint64_t seed = given.seed;
   for (; !allowance.spent() && (!by_default || seed < given.seed + rounds_by_default); ++seed)
      if (const std::string found = fuzz_round(given, seed).run(); !found.empty())
         return failed_check(fmt::format("{}; --only P03 --seed {} starts with this", found, seed));
   doing_all_in("");
   return passed(fmt::format("{} rounds from seed {}", seed - given.seed, given.seed));
}

} // namespace giflab::validator
