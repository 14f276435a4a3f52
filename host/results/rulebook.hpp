#pragma once
// Decisions ready to be made: their conditions and limits parsed.

#include "config/decisions.hpp"
#include "results/gates.hpp"

#include <map>
#include <optional>

namespace giflab::results {

struct class_rule {
   std::string name;
   std::vector<gate> conditions; // all have to hold
};

// The gates' values are those of their rule.
struct rule_limits {
   std::optional<gate> warning, error, artifact;
};

struct judging_rule {
   std::string id, name; // name: of the value, "colours_distorted.max - asked_colours"
   reading value;
   std::optional<reading> less;
   rule_limits limits;
   std::map<std::string, rule_limits> classes, slots;
};

struct rulebook {
   std::string text; // that it was made of
   std::vector<class_rule> classes;
   std::vector<judging_rule> rules;
   std::size_t top = 3;
   std::vector<std::string> by;
   std::vector<gate> eliminate_if;
};

result<rulebook> rulebook_of(const config::decisions &written);

// What conditions of classes speak of but for facts, as it is written: "colours_reference.max"; each once.
std::vector<std::string> feature_readings_of(const rulebook &rules);

// The metrics that conditions of classes speak of, each once; facts are not among them.
std::vector<std::string> features_of(const rulebook &rules);

} // namespace giflab::results
