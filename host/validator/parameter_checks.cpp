// Parameters from end to end: S12.
#include "modules/descriptor.hpp"
#include "validator/score_checks.hpp"
#include "validator/trial.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <vector>

namespace giflab::validator {

namespace {

using namespace std::chrono_literals;

constexpr double beyond_all_reason = 1e9; // stands for a bound that is infinite

// A value to set, with a text of its own where it has one.
struct trial_value {
   double number = 0;
   std::string text;
   bool has_text = false;

   giflab_value table() const { return {number, has_text ? text.c_str() : nullptr}; }
   std::string shown() const {
      return !has_text           ? fmt::format("{}", number)
             : text.size() > 100 ? fmt::format("a text of {} bytes", text.size())
                                 : fmt::format("\"{}\"", text);
   }
};

trial_value number(double value) { return {value, {}, false}; }
trial_value text(std::string value) { return {0, std::move(value), true}; }

trial_value choice(const giflab_param &param, double index) {
   return {index, param.choices[static_cast<std::size_t>(index)], true};
}

bool is_text(const giflab_param &param) { return param.kind == GIFLAB_TEXT || param.kind == GIFLAB_PATH; }

trial_value initial_value(const giflab_param &param) {
   if (is_text(param))
      return text(param.initial_text ? param.initial_text : "");
   return param.kind == GIFLAB_CHOICE ? choice(param, param.initial) : number(param.initial);
}

std::string long_text() {
   std::string all;
   while (all.size() < 4000)
      all += "gr\xC3\xBC\xC3\x9F \xF0\x9F\x90\x88 "; // letters of one, two and four bytes
   return all;
}

double finite(double bound) { return std::isinf(bound) ? std::copysign(beyond_all_reason, bound) : bound; }

std::vector<trial_value> extremes(const giflab_param &param, const std::string &folder) {
   std::vector<trial_value> values;
   switch (param.kind) {
   case GIFLAB_TEXT:
      return {text(""), text(long_text())};
   case GIFLAB_PATH:
      return {text(folder + "/no such file")};
   case GIFLAB_CHOICE:
      for (std::size_t i = 0; i < modules::count_of_choices(param); ++i)
         values.push_back(choice(param, static_cast<double>(i)));
      return values;
   case GIFLAB_BOOL:
      return {number(0), number(1)};
   default:
      return {number(finite(param.lowest)), number(finite(param.highest))};
   }
}

evaluation evaluate_with(const subject &given, const test_clip &clip, const char *id,
                         const trial_value &value) {
   evaluation_options options;
   options.parameters[id] = value.table();
   return evaluate(*given.plugin, conduct_of(given), clip, options);
}

// May a plugin answer this to a value within the declared range? A number has been declared to work, and is at
// most more than this input allows; a text cannot be described by a range, so it may be turned away.
bool acceptable(const giflab_param &param, const evaluation &outcome) {
   if (outcome.ok() || (outcome.status == GIFLAB_UNSUPPORTED && outcome.entry != "create"))
      return true;
   const bool in_words = !outcome.text.empty();
   if (is_text(param))
      return in_words && outcome.status != GIFLAB_INTERNAL;
   return in_words && outcome.entry == "create" &&
          (outcome.status == GIFLAB_UNSUPPORTED || outcome.status == GIFLAB_INVALID);
}

// One parameter at all its extremes: "" if nothing is wrong.
std::string wrong_with_extremes(const subject &given, const test_clip &clip, const giflab_param &param,
                                const evaluation &usual) {
   for (const trial_value &value : extremes(param, given.folder)) {
      const evaluation outcome = evaluate_with(given, clip, param.id, value);
      if (!acceptable(param, outcome))
         return fmt::format("{} = {}: {}; a value within the declared range works, or create says in words why "
                            "it does not",
                            param.id, value.shown(), said_by(outcome));
      if (!(param.flags & GIFLAB_PARAM_SPEED_ONLY) || !outcome.ok() || !usual.ok())
         continue;
      if (const std::string differs = difference(*given.plugin, usual, outcome); !differs.empty())
         return fmt::format(
             "{} = {} changes results, and {} declares GIFLAB_PARAM_SPEED_ONLY: {}; drop the flag", param.id,
             value.shown(), param.id, differs);
   }
   return {};
}

} // namespace

finding check_parameters(const subject &given) {
   const modules::plugin &guest = *given.plugin;
   if (guest.params.empty())
      return skipped("it has no parameters");
   const auto [width, height] = size_for(guest, 20, 16);
   const test_clip clip = make_clip(width, height, 2, given.seed);
   const evaluation usual = evaluate(guest, conduct_of(given), clip);
   const time_allowance time(10s);
   std::size_t tried = 0;
   for (const giflab_param &param : guest.params) {
      if (time.spent())
         break;
      ++tried;
      const trial_value initial = initial_value(param);
      const evaluation same = evaluate_with(given, clip, param.id, initial);
      if (same.status != usual.status)
         return failed_check(fmt::format("{} = {}, its declared initial value, said out loud: {}", param.id,
                                         initial.shown(), said_by(same)));
      if (const std::string differs = difference(guest, usual, same); usual.ok() && !differs.empty())
         return failed_check(
             fmt::format("{} = {}, its declared initial value, changes results when it is said: {}", param.id,
                         initial.shown(), differs));
      if (const std::string wrong = wrong_with_extremes(given, clip, param, usual); !wrong.empty())
         return failed_check(wrong);
   }
   return passed(tried < guest.params.size()
                     ? fmt::format("{} of {} parameters: it is slow", tried, guest.params.size())
                     : std::string());
}

} // namespace giflab::validator
