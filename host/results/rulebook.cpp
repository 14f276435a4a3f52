#include "results/rulebook.hpp"

#include "config/printable.hpp"
#include "results/facts.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace giflab::results {

namespace {

// Keeps the first error and goes on.
class compiler {
 public:
   result<rulebook> compile(const config::decisions &written);

 private:
   gate condition(const std::string &text, const std::string &where);
   std::vector<gate> conditions(const std::vector<config::run_gate> &written);
   rule_limits limits(const std::string &value, const config::limit_texts &written);
   reading value(const std::string &text, const std::string &where);
   judging_rule rule(const config::validation_rule &written);

   std::optional<error> wrong_;
};

gate compiler::condition(const std::string &text, const std::string &where) {
   auto parsed = parse_gate(text, where);
   if (!parsed && !wrong_)
      wrong_ = parsed.error();
   return parsed ? *parsed : gate{};
}

std::vector<gate> compiler::conditions(const std::vector<config::run_gate> &written) {
   std::vector<gate> made;
   for (const config::run_gate &one : written)
      made.push_back(condition(one.text, one.where));
   return made;
}

rule_limits compiler::limits(const std::string &value, const config::limit_texts &written) {
   rule_limits made;
   for (const auto &[text, limit] :
        {std::pair(&written.warning, &made.warning), std::pair(&written.error, &made.error),
         std::pair(&written.artifact, &made.artifact)}) {
      if (text->empty())
         continue;
      *limit = condition(value + " " + *text, written.where);
      (*limit)->text = *text;
   }
   return made;
}

reading compiler::value(const std::string &text, const std::string &where) {
   auto read = parse_reading(text);
   if (!read && !wrong_)
      wrong_ = error{problem::usage, fmt::format("{}: {} {}", where, config::in_quotes(text), read.error())};
   return read ? *read : reading{};
}

judging_rule compiler::rule(const config::validation_rule &written) {
   judging_rule made;
   made.id = written.id;
   made.name = written.less.empty() ? written.value : written.value + " - " + written.less;
   made.value = value(written.value, written.limits.where);
   if (!written.less.empty())
      made.less = value(written.less, written.limits.where);
   made.limits = limits(written.value, written.limits);
   for (const auto &[name, texts] : written.classes)
      made.classes[name] = limits(written.value, texts);
   for (const auto &[name, texts] : written.slots)
      made.slots[name] = limits(written.value, texts);
   return made;
}

result<rulebook> compiler::compile(const config::decisions &written) {
   rulebook made;
   made.text = written.text;
   for (const config::content_class &one : written.classes)
      made.classes.push_back({one.name, conditions(one.conditions)});
   for (const config::validation_rule &one : written.rules)
      made.rules.push_back(rule(one));
   made.top = static_cast<std::size_t>(written.elimination.top);
   made.by = written.elimination.by;
   made.eliminate_if = conditions(written.elimination.eliminate_if);
   if (wrong_)
      return tl::unexpected(*wrong_);
   return made;
}

bool is_source_fact(const std::string &metric) {
   const auto &facts = source_fact_names();
   return std::ranges::find(facts, metric) != facts.end();
}

} // namespace

result<rulebook> rulebook_of(const config::decisions &written) { return compiler().compile(written); }

std::vector<std::string> feature_readings_of(const rulebook &rules) {
   std::vector<std::string> texts;
   for (const class_rule &one : rules.classes)
      for (const gate &condition : one.conditions) {
         std::string text = condition.text.substr(0, find_outside_parentheses(condition.text, "<>=!"));
         text = text.substr(0, text.find_last_not_of(" \t") + 1);
         if (!is_source_fact(condition.about.metric) && std::ranges::find(texts, text) == texts.end())
            texts.push_back(text);
      }
   return texts;
}

std::vector<std::string> features_of(const rulebook &rules) {
   std::vector<std::string> names;
   for (const class_rule &one : rules.classes)
      for (const gate &condition : one.conditions)
         if (const std::string &metric = condition.about.metric;
             !is_source_fact(metric) && std::ranges::find(names, metric) == names.end())
            names.push_back(metric);
   return names;
}

} // namespace giflab::results
