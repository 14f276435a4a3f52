#include "results/validation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace giflab::results {

namespace {

std::string told(const gate &condition, double value) {
   return fmt::format("{} (is {:.6g})", condition.text, value);
}

// Nothing if some condition is not met.
tl::expected<std::optional<std::string>, std::string> reason_for(const class_rule &rule,
                                                                 const comparison &source) {
   std::vector<std::string> held;
   std::string unknown;
   for (const gate &condition : rule.conditions) {
      const auto value = number_of(condition.about, source);
      if (value && !holds(condition, *value))
         return std::nullopt;
      if (value)
         held.push_back(told(condition, *value));
      else if (unknown.empty())
         unknown =
             fmt::format("whether {} holds, for {}, is unknown: {}", condition.text, rule.name, value.error());
   }
   if (!unknown.empty())
      return tl::unexpected(unknown);
   return fmt::format("{}", fmt::join(held, ", "));
}

// A limit and whose it is.
struct found_limit {
   const gate *limit = nullptr;
   std::string origin;
};

found_limit limit_for(const judging_rule &rule, std::optional<gate> rule_limits::*which,
                      const std::string &content_class, const std::string &slot) {
   if (const auto found = rule.classes.find(content_class); found != rule.classes.end())
      if (const auto &limit = found->second.*which)
         return {&*limit, "class " + content_class};
   if (const auto found = rule.slots.find(slot); found != rule.slots.end())
      if (const auto &limit = found->second.*which)
         return {&*limit, "slot " + slot};
   if (const auto &limit = rule.limits.*which)
      return {&*limit, {}};
   return {};
}

tl::expected<double, std::string> value_of(const judging_rule &rule, const comparison &about) {
   const auto value = number_of(rule.value, about);
   if (!value || !rule.less)
      return value;
   return number_of(*rule.less, about).map([&](double less) { return *value - less; });
}

constexpr std::array<std::pair<validation_status, std::optional<gate> rule_limits::*>, 3> worst_first{
    {{validation_status::artifact, &rule_limits::artifact},
     {validation_status::error, &rule_limits::error},
     {validation_status::warning, &rule_limits::warning}}};

judgement judged(const judging_rule &rule, const std::string &content_class, const std::string &slot,
                 const comparison &about) {
   judgement made{rule.id, rule.name, validation_status::unknown, statistics::none, {}, {}, {}};
   const auto value = value_of(rule, about);
   if (!value) {
      made.reason = value.error();
      return made;
   }
   made.value = *value;
   for (const auto &[status, which] : worst_first) {
      const found_limit found = limit_for(rule, which, content_class, slot);
      if (found.limit == nullptr)
         continue;
      made.status = validation_status::pass;
      made.limit = found.limit->text;
      made.origin = found.origin;
      if (!holds(*found.limit, *value))
         continue;
      made.status = status;
      made.reason = fmt::format("{} is {}: {} is {:.6g}, {}{}", rule.id, word_for(status), rule.name, *value,
                                made.limit, made.origin.empty() ? "" : " for the " + made.origin);
      return made;
   }
   if (made.status == validation_status::unknown)
      made.reason = "there is no limit for it here";
   return made;
}

// Of two, which decides.
int weight(validation_status status) {
   switch (status) {
   case validation_status::unknown:
      return 0;
   case validation_status::pass:
      return 1;
   case validation_status::warning:
      return 2;
   case validation_status::error:
      return 3;
   case validation_status::artifact:
      return 4;
   }
   return 0;
}

} // namespace

std::string_view word_for(validation_status value) {
   switch (value) {
   case validation_status::pass:
      return "PASS";
   case validation_status::warning:
      return "WARNING";
   case validation_status::error:
      return "ERROR";
   case validation_status::artifact:
      return "ARTIFACT";
   case validation_status::unknown:
      return "UNKNOWN";
   }
   return {};
}

content_class classify(const rulebook &rules, const comparison &source) {
   if (!source.failure.empty())
      return {config::no_class, source.failure};
   for (const class_rule &rule : rules.classes) {
      auto reason = reason_for(rule, source);
      if (!reason)
         return {config::no_class, reason.error()};
      if (*reason)
         return {rule.name, **reason};
   }
   return {config::no_class, "no class fits"};
}

validation validate(const rulebook &rules, const std::string &content_class, const std::string &slot,
                    const comparison &about) {
   validation made;
   for (const judging_rule &rule : rules.rules) {
      judgement one = judged(rule, content_class, slot, about);
      if (weight(one.status) > weight(made.status))
         made.status = one.status;
      made.judgements.push_back(std::move(one));
   }
   return made;
}

} // namespace giflab::results
