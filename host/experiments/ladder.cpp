#include "experiments/ladder.hpp"

#include "config/nearest_name.hpp"
#include "config/printable.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>

namespace giflab::experiments {

namespace {

struct written_parameter {
   std::string step, name, value;
   std::size_t value_at; // in the text of the step
};

// Of "gifsicle:colours=64,lossy=40".
std::vector<written_parameter> parameters_of(const std::string &step) {
   std::vector<written_parameter> found;
   const std::size_t colon = step.find(':');
   for (std::size_t at = colon; at != std::string::npos;) {
      const std::size_t next = step.find(',', at + 1), equals = step.find('=', at);
      if (equals < std::min(next, step.size()))
         found.push_back({step.substr(0, colon), step.substr(at + 1, equals - at - 1),
                          step.substr(equals + 1, next - std::min(equals + 1, next)), equals + 1});
      at = next;
   }
   return found;
}

bool is_meant(const knob_name &knob, const written_parameter &parameter) {
   return knob.text == parameter.name || knob.text == parameter.step + "." + parameter.name;
}

// A pipeline with its knob taken out.
struct knobless {
   results::experiment_pipeline rest;
   std::optional<written_parameter> knob;
};

result<knobless> without_knob(const results::experiment_pipeline &pipeline,
                              const std::vector<knob_name> &knobs) {
   knobless made{pipeline, {}};
   for (std::string &step : made.rest.steps)
      for (const written_parameter &parameter : parameters_of(step)) {
         if (std::none_of(knobs.begin(), knobs.end(),
                          [&](const knob_name &knob) { return is_meant(knob, parameter); }))
            continue;
         if (made.knob)
            return failed(problem::usage,
                          fmt::format("{}: the pipeline {} has two knobs, {} and {}: a search turns one",
                                      config::printable(knobs.front().where),
                                      config::in_quotes(pipeline.text()), made.knob->name, parameter.name));
         made.knob = parameter;
      }
   if (made.knob)
      for (std::string &step : made.rest.steps)
         for (const written_parameter &parameter : parameters_of(step))
            if (parameter.step == made.knob->step && parameter.name == made.knob->name) {
               step.replace(parameter.value_at, parameter.value.size(), "*");
               return made;
            }
   return made;
}

result<void> check_known(const std::vector<results::experiment_pipeline> &pipelines,
                         const std::vector<knob_name> &knobs) {
   std::set<std::string> known;
   std::set<const knob_name *> used;
   for (const results::experiment_pipeline &pipeline : pipelines)
      for (const std::string &step : pipeline.steps)
         for (const written_parameter &parameter : parameters_of(step)) {
            known.insert(parameter.step + "." + parameter.name);
            for (const knob_name &knob : knobs)
               if (is_meant(knob, parameter))
                  used.insert(&knob);
         }
   for (const knob_name &knob : knobs)
      if (!used.contains(&knob))
         return failed(problem::usage,
                       fmt::format("{}: no step of [pipelines] has the knob {}: {}",
                                   config::printable(knob.where), config::in_quotes(knob.text),
                                   config::did_you_mean(knob.text, std::vector(known.begin(), known.end()))));
   return {};
}

std::optional<double> number_in(const std::string &text) {
   double number = 0;
   const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), number);
   return wrong == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

// Rising throughout, or falling throughout.
bool is_ordered(const std::vector<std::string> &values) {
   std::vector<double> numbers;
   for (const std::string &value : values)
      if (const auto number = number_in(value))
         numbers.push_back(*number);
   return numbers.size() == values.size() &&
          (std::is_sorted(numbers.begin(), numbers.end(), std::less_equal<>()) ||
           std::is_sorted(numbers.begin(), numbers.end(), std::greater_equal<>()));
}

} // namespace

result<std::vector<ladder>> ladders_of(const std::vector<results::experiment_pipeline> &pipelines,
                                       const std::vector<knob_name> &knobs) {
   if (auto known = check_known(pipelines, knobs); !known)
      return tl::unexpected(known.error());
   std::vector<ladder> ladders;
   std::map<std::string, std::size_t> places; // in ladders, by text
   for (std::size_t number = 0; number < pipelines.size(); ++number) {
      auto split = without_knob(pipelines[number], knobs);
      if (!split)
         return tl::unexpected(split.error());
      const auto [place, fresh] = places.emplace(split->rest.text(), ladders.size());
      if (fresh)
         ladders.push_back({split->rest.text(), split->knob ? split->knob->name : "", {}, {}});
      ladder &one = ladders[place->second];
      one.pipelines.push_back(number);
      one.values.push_back(split->knob ? split->knob->value : "");
   }
   for (const ladder &one : ladders)
      if (one.pipelines.size() > 1 && !is_ordered(one.values))
         return failed(problem::usage,
                       fmt::format("{}: the values of {} in {} are no numbers that rise or fall: write them in "
                                   "order, the gentlest first",
                                   config::printable(knobs.front().where), one.knob,
                                   config::in_quotes(one.text)));
   return ladders;
}

} // namespace giflab::experiments
