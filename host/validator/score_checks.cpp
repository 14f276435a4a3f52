#include "validator/score_checks.hpp"

#include "validator/trial.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <vector>

namespace giflab::validator {

namespace {

using namespace std::chrono_literals;

bool is_per_clip(const giflab_output &output) { return output.level == GIFLAB_PER_CLIP; }

// Calls `look` with each value of each output that `outcome` has; `where` says of which picture it is.
void each_value(const modules::plugin &guest, const evaluation &outcome,
                const std::function<void(std::size_t output, double value, const std::string &where)> &look) {
   const std::size_t outputs = guest.outputs.size();
   for (std::size_t i = 0; i < outcome.frames.size(); ++i)
      if (!is_per_clip(guest.outputs[i % outputs]))
         look(i % outputs, outcome.frames[i], fmt::format("picture {}", i / outputs));
   for (std::size_t output = 0; output < outcome.clip.size(); ++output)
      if (is_per_clip(guest.outputs[output]))
         look(output, outcome.clip[output], "the whole clip");
}

// ---- S01

struct growth {
   int32_t width, height; // beyond the least size
};
constexpr growth identical_sizes[] = {{0, 0},   {1, 0},   {0, 1},   {2, 2},   {4, 6},   {7, 3},
                                      {15, 15}, {16, 30}, {30, 16}, {40, 33}, {63, 47}, {64, 20}};

std::vector<test_clip> identical_clips(int32_t width, int32_t height, uint64_t seed) {
   std::vector<test_clip> clips{identical(make_clip(width, height, 3, seed))};
   for (const motif shown : {motif::noise, motif::translucent, motif::dark})
      clips.push_back(identical(make_still(shown, width, height, seed)));
   return clips;
}

// What outputs gave for identical pictures against what they promise.
class identity_judge {
 public:
   explicit identity_judge(const modules::plugin &guest)
       : guest_(guest), defined_(guest.outputs.size(), false) {}

   void look_at(const evaluation &outcome, const std::string &size) {
      each_value(guest_, outcome, [&](std::size_t output, double value, const std::string &where) {
         const giflab_output &promise = guest_.outputs[output];
         if (std::isnan(value) || std::isnan(promise.identical))
            return;
         defined_[output] = true;
         const bool holds =
             value == promise.identical || std::abs(value - promise.identical) <= promise.tolerance;
         if (!holds && wrong_.empty())
            wrong_ =
                fmt::format("output {} is {} for identical pictures of {} ({}) where .identical says {} and "
                            ".tolerance {}; correct the score or the declaration",
                            promise.id, value, size, where, promise.identical, promise.tolerance);
      });
   }

   const std::string &wrong() const { return wrong_; }

   // Outputs that promise a value and never gave one.
   std::vector<std::string> silent() const {
      std::vector<std::string> names;
      for (std::size_t i = 0; i < defined_.size(); ++i)
         if (!defined_[i] && !std::isnan(guest_.outputs[i].identical))
            names.push_back(guest_.outputs[i].id);
      return names;
   }

 private:
   const modules::plugin &guest_;
   std::vector<bool> defined_;
   std::string wrong_;
};

finding check_identical(const subject &given) {
   const modules::plugin &guest = *given.plugin;
   if (!guest.is_metric())
      return skipped("only for metrics");
   if (std::ranges::all_of(guest.outputs, [](const auto &output) { return std::isnan(output.identical); }))
      return skipped("no output declares a value for identical pictures");
   identity_judge judge(guest);
   const time_allowance time(5s);
   std::size_t sizes = 0, judged = 0;
   for (const growth &more : identical_sizes) {
      if (time.spent())
         break;
      ++sizes;
      const auto [width, height] =
          size_for(guest, guest.table.least_width + more.width, guest.table.least_height + more.height);
      for (const test_clip &clip : identical_clips(width, height, given.seed))
         if (const evaluation outcome = evaluate(guest, conduct_of(given), clip); outcome.ok()) {
            judge.look_at(outcome, size_text(width, height));
            ++judged;
         }
   }
   if (!judge.wrong().empty())
      return failed_check(judge.wrong());
   if (judged == 0)
      return skipped("no clip of identical pictures could be measured");
   if (const auto silent = judge.silent(); !silent.empty())
      return warned(fmt::format("{} never gave a value for identical pictures, though .identical promises one",
                                fmt::join(silent, ", ")));
   return passed(sizes < std::size(identical_sizes)
                     ? fmt::format("{} of {} sizes: it is slow", sizes, std::size(identical_sizes))
                     : std::string());
}

// ---- S02

finding check_bounds(const subject &given) {
   const modules::plugin &guest = *given.plugin;
   if (!guest.is_metric())
      return skipped("only for metrics");
   const auto [width, height] = size_for(guest, 24, 18);
   test_host host(guest, conduct_of(given));
   const time_allowance time(5s);
   std::size_t judged = 0;
   const auto look_at = [&](const test_clip &clip) {
      if (time.spent() && judged > 0)
         return;
      laid_out_clip shown(clip, guest.table);
      judged += evaluate(host, clip, shown).ok();
   };
   look_at(make_clip(width, height, 4, given.seed));
   for (const int amplitude : {255, 0, 64, 4}) // the ends first: a slow plugin gets no further
      for (const motif shown : every_motif)
         look_at(make_still(shown, width, height, given.seed, amplitude));
   const observations seen = host.seen();
   if (const breach *outside = seen.breach_of("S02"))
      return failed_check(outside->text + "; widen .lowest and .highest, or correct the score");
   if (judged == 0)
      return skipped("no clip could be measured");
   return passed(time.spent() ? "as far as 5 s went: it is slow" : "");
}

// ---- S07

// An infinite value where the bounds are finite; "" if there is none.
std::string forbidden_infinity(const modules::plugin &guest, const evaluation &outcome) {
   std::string found;
   each_value(guest, outcome, [&](std::size_t output, double value, const std::string &where) {
      const giflab_output &promise = guest.outputs[output];
      if (std::isinf(value) && (value < promise.lowest || value > promise.highest) && found.empty())
         found = fmt::format("output {} is {} for {}, and its bounds are {} and {}", promise.id, value, where,
                             promise.lowest, promise.highest);
   });
   return found;
}

// What is wrong with how one extreme clip went; "" if nothing is. Counts in `taken` what was measured at all.
std::string wrong_with_extreme(const subject &given, const test_clip &clip, std::size_t &taken) {
   const evaluation outcome = evaluate(*given.plugin, conduct_of(given), clip);
   taken += outcome.ok();
   if (outcome.status == GIFLAB_UNSUPPORTED)
      return {};
   return outcome.ok() ? forbidden_infinity(*given.plugin, outcome) : said_by(outcome);
}

struct extreme {
   const char *how;
   test_clip clip;
};

std::vector<extreme> extremes_of(motif shown, int32_t width, int32_t height, uint64_t seed) {
   const test_clip still = make_still(shown, width, height, seed);
   return {{"under a little noise", still},
           {"on both sides", identical(still)},
           {"under noise that leaves nothing of it", make_still(shown, width, height, seed, 255)}};
}

finding check_extremes(const subject &given) {
   if (const std::string why = missing_model(given); !why.empty())
      return skipped(why);
   const modules::plugin &guest = *given.plugin;
   const auto [width, height] = size_for(guest, 18, 14);
   const time_allowance time(5s);
   std::size_t tried = 0, taken = 0;
   for (const motif shown : every_motif) {
      if (time.spent())
         break;
      ++tried;
      for (const auto &[how, clip] : extremes_of(shown, width, height, given.seed))
         if (const std::string wrong = wrong_with_extreme(given, clip, taken); !wrong.empty())
            return failed_check(
                fmt::format("the motif \"{}\" {}, {}: {}; a picture that it cannot judge gets NaN "
                            "or GIFLAB_UNSUPPORTED",
                            motif_name(shown), how, size_text(width, height), wrong));
   }
   if (taken == 0)
      return skipped("it supports none of these pictures");
   return passed(tried < every_motif.size()
                     ? fmt::format("{} of {} motifs: it is slow", tried, every_motif.size())
                     : std::string());
}

// ---- S08

constexpr int damage_steps[] = {2, 8, 24, 64};

// Means over all pictures of each output under one damage, of fewer seeds for slow plugins; NaN where none was
// defined.
std::vector<double> mean_scores(const subject &given, int amplitude, uint64_t seeds) {
   const modules::plugin &guest = *given.plugin;
   const auto [width, height] = size_for(guest, 48, 36);
   std::vector<double> sums(guest.outputs.size(), 0), counts(guest.outputs.size(), 0);
   const time_allowance time(1s);
   for (uint64_t seed = 0; seed < seeds; ++seed) {
      if (seed > 0 && time.spent())
         break;
      const test_clip clip = make_clip(width, height, 2, given.seed + seed, amplitude);
      each_value(guest, evaluate(guest, conduct_of(given), clip),
                 [&](std::size_t output, double value, const std::string &) {
                    if (!std::isnan(value))
                       sums[output] += value, counts[output] += 1;
                 });
   }
   for (std::size_t i = 0; i < sums.size(); ++i)
      sums[i] /= counts[i] > 0 ? counts[i] : std::numeric_limits<double>::quiet_NaN();
   return sums;
}

// How one output moved as damage grew.
enum class movement { right, wrong, none };
movement movement_of(const giflab_output &output, const std::vector<double> &values) {
   movement seen = movement::none;
   for (std::size_t i = 1; i < values.size(); ++i) {
      const double step = values[i] - values[i - 1];
      if (std::isnan(step) || std::abs(step) <= output.tolerance)
         continue;
      if ((step > 0) == (output.direction == GIFLAB_HIGHER_IS_BETTER))
         return movement::wrong;
      seen = movement::right;
   }
   return seen;
}

bool has_direction(const giflab_output &output) { return output.direction != GIFLAB_NEITHER_IS_BETTER; }

// The outputs that have a direction, by how they moved.
struct movements {
   std::vector<std::string> right, wrong, none;

   void add(const giflab_output &output, const std::vector<double> &values) {
      switch (movement_of(output, values)) {
      case movement::right:
         return right.push_back(output.id);
      case movement::wrong:
         return wrong.push_back(fmt::format("{} ({})", output.id, fmt::join(values, ", ")));
      case movement::none:
         return none.push_back(output.id);
      }
   }

   finding result() const {
      if (!wrong.empty())
         return warned(fmt::format("under noise of amplitude {} these outputs do not steadily get worse as "
                                   ".direction has it: {}; look whether it is the right way round",
                                   fmt::join(damage_steps, ", "), fmt::join(wrong, "; ")));
      const std::string untouched = fmt::format("noise moves nothing in {}", fmt::join(none, ", "));
      if (right.empty())
         return skipped(untouched);
      return passed(none.empty() ? std::string() : untouched);
   }
};

finding check_direction(const subject &given) {
   const modules::plugin &guest = *given.plugin;
   if (!guest.is_metric())
      return skipped("only for metrics");
   if (std::ranges::none_of(guest.outputs, has_direction))
      return skipped("no output declares a direction");
   std::vector<std::vector<double>> values(guest.outputs.size()); // [output][damage]
   bool scored = false;
   for (const int amplitude : damage_steps) {
      const auto means = mean_scores(given, amplitude, 3);
      for (std::size_t i = 0; i < means.size(); ++i) {
         values[i].push_back(means[i]);
         scored |= !std::isnan(means[i]);
      }
   }
   if (!scored)
      return skipped("no damaged clip got a score");
   movements seen;
   for (std::size_t i = 0; i < guest.outputs.size(); ++i)
      if (has_direction(guest.outputs[i]))
         seen.add(guest.outputs[i], values[i]);
   return seen.result();
}

// ---- S13

// Moving, changed, held and undamaged pictures in one clip.
test_clip eventful_clip(int32_t width, int32_t height, uint64_t seed) {
   test_clip clip = make_clip(width, height, 6, seed);
   for (const std::size_t held : {2u, 4u}) {
      clip.frames[held].reference = clip.frames[held - 1].reference;
      clip.frames[held].distorted = clip.frames[held - 1].distorted;
   }
   clip.frames[5].distorted = clip.frames[5].reference;
   return clip;
}

constexpr uint32_t outputs_tried_alone = 8;

// What is wrong with an output that alone is wanted, or "". It has the value that it has among all others.
std::string differs_alone(const subject &given, const test_clip &clip, const time_allowance &time) {
   const modules::plugin &guest = *given.plugin;
   const evaluation all = evaluate(guest, conduct_of(given), clip);
   const auto count = static_cast<uint32_t>(guest.outputs.size());
   const uint32_t step = 1 + (count - 1) / outputs_tried_alone;
   for (uint32_t only = 0; all.ok() && only < count && !time.spent(); only += step) {
      evaluation_options options;
      options.only = only;
      const evaluation alone = evaluate(guest, conduct_of(given), clip, options);
      if (!alone.ok())
         return fmt::format("{}, wanted alone: {}", guest.outputs[only].id, said_by(alone));
      if (std::string found = difference_of_output(guest, only, all, alone); !found.empty())
         return fmt::format("{} where it alone is wanted", found);
   }
   return "";
}

finding check_every_output_once(const subject &given) {
   const modules::plugin &guest = *given.plugin;
   if (!guest.is_metric())
      return skipped("only for metrics");
   const auto [width, height] = size_for(guest, 31, 17);
   const test_clip clips[] = {eventful_clip(width, height, given.seed),
                              identical(make_clip(width, height, 2, given.seed)),
                              make_still(motif::black, width, height, given.seed),
                              make_still(motif::transparent, width, height, given.seed)};
   const time_allowance time(10s);
   std::size_t judged = 0;
   for (const uint32_t level : {2u, 0u})
      for (const uint32_t batch : {0u, 1u}) {
         host_conduct conduct = conduct_of(given);
         conduct.level = level;
         test_host host(guest, conduct);
         evaluation_options options;
         options.batch = batch;
         for (const test_clip &clip : clips) {
            if (judged > 0 && time.spent())
               break;
            laid_out_clip shown(clip, guest.table);
            judged += evaluate(host, clip, shown, options).ok();
         }
         const observations seen = host.seen();
         if (const breach *found = seen.breach_of("S13"))
            return failed_check(found->text +
                                "; score each declared output once, with NaN where it is undefined");
      }
   if (judged == 0)
      return skipped("no clip could be measured");
   if (const std::string found = differs_alone(given, clips[0], time); !found.empty())
      return failed_check(found + "; setup->wanted says what need not be computed, and changes no value");
   return passed(time.spent() ? "as far as 10 s went: it is slow" : "");
}

constexpr check score_list[] = {
    {"S01", "identical pictures score what .identical says", "D06", stage::behave, extent::plugin,
     check_identical},
    {"S02", "every score lies within its output's bounds", "S02", stage::behave, extent::plugin, check_bounds},
    {"S03", "pictures of odd and extreme sizes", "", stage::behave, extent::plugin, check_sizes},
    {"S04", "rows any distance apart, and their indices counted or not", "C1", stage::behave, extent::plugin,
     check_strides},
    {"S05", "what lies behind a row's end is neither used nor touched", "C1", stage::behave, extent::plugin,
     check_padding},
    {"S06", "nothing outside of a picture is read or written", "C1", stage::behave, extent::plugin,
     check_guard_pages},
    {"S07", "extreme pictures", "B3", stage::behave, extent::plugin, check_extremes},
    {"S08", "more damage moves scores the right way", "", stage::behave, extent::plugin, check_direction},
    {"S09", "equal inputs give equal results, again and in other threads", "C4", stage::behave, extent::plugin,
     check_repetition},
    {"S10", "instances do not know of each other, nor of what they did before", "C2", stage::behave,
     extent::plugin, check_instances},
    {"S11", "the order of pairs and the size of batches change nothing", "C2", stage::behave, extent::plugin,
     check_order},
    {"S12", "parameters work from end to end", "D05", stage::behave, extent::plugin, check_parameters},
    {"S13", "each output is scored exactly once, and the same whichever are wanted", "S13", stage::behave,
     extent::plugin, check_every_output_once},
    {"S14", "scores are those of the author's table", "C4", stage::behave, extent::plugin,
     check_expected_scores},
};

} // namespace

std::span<const check> score_checks() { return score_list; }

} // namespace giflab::validator
