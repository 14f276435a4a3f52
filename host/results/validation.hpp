#pragma once
// Classes of sources and statuses of results, by the rules of a rulebook. Nothing is computed here but
// comparisons of numbers that are there.

#include "results/comparison.hpp"
#include "results/rulebook.hpp"

namespace giflab::results {

struct content_class {
   std::string name = config::no_class;
   std::string reason; // what made it so, with values
};

// The first class of which every condition holds. A class that turns on a value that is absent cannot be passed
// over: the source is unclassified then. `source`: it beside itself, with its facts.
content_class classify(const rulebook &rules, const comparison &source);

enum class validation_status { pass, warning, error, artifact, unknown };

std::string_view word_for(validation_status value); // "PASS", ...

// What one rule says of one result.
struct judgement {
   std::string rule, name; // name: of the value
   validation_status status = validation_status::unknown;
   double value = statistics::none;
   std::string limit;  // "> 0.1": that holds, or the mildest that does not; empty if there is none
   std::string origin; // of the limit: "class few_colors", "slot frame", or nothing
   std::string reason; // a sentence, unless it passed: "size is WARNING: size_percent is 130, > 100"
};

struct validation {
   // The worst of the judgements: ARTIFACT, ERROR, WARNING, PASS; UNKNOWN where nothing could be judged.
   validation_status status = validation_status::unknown;
   std::vector<judgement> judgements; // in the order of the rules
};

// `about` with its facts. A rule whose value is absent, or that has no limit here, says UNKNOWN and why.
validation validate(const rulebook &rules, const std::string &content_class, const std::string &slot,
                    const comparison &about);

} // namespace giflab::results
