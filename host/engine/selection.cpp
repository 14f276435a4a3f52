#include "engine/selection.hpp"

#include "config/nearest_name.hpp"
#include "modules/call.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <set>

namespace giflab::engine {

namespace {

using modules::catalogue;
using modules::plugin;

// ---- Parameters

result<double> parse_number(const giflab_param &param, const parameter_choice &choice) {
   double value = 0;
   const char *end = choice.value.data() + choice.value.size();
   const auto [stop, problem_found] = std::from_chars(choice.value.data(), end, value);
   const bool whole = param.kind != GIFLAB_INT || value == std::floor(value);
   if (problem_found != std::errc{} || stop != end || !whole ||
       !(param.lowest <= value && value <= param.highest))
      return failed(problem::usage, fmt::format("{}: parameter {} of {} is '{}'; it takes {} from {} to {}",
                                                choice.origin, param.id, choice.plugin, choice.value,
                                                param.kind == GIFLAB_INT ? "a whole number" : "a number",
                                                param.lowest, param.highest));
   return value;
}

result<double> parse_bool(const giflab_param &param, const parameter_choice &choice) {
   if (choice.value == "true" || choice.value == "1")
      return 1;
   if (choice.value == "false" || choice.value == "0")
      return 0;
   return failed(problem::usage, fmt::format("{}: parameter {} of {} is '{}'; it takes true or false",
                                             choice.origin, param.id, choice.plugin, choice.value));
}

result<double> parse_choice(const giflab_param &param, const parameter_choice &choice) {
   std::string known;
   for (int i = 0; param.choices[i]; ++i) {
      if (choice.value == param.choices[i])
         return i;
      known += (i ? ", " : "") + std::string(param.choices[i]);
   }
   return failed(problem::usage, fmt::format("{}: parameter {} of {} is '{}'; it takes one of {}",
                                             choice.origin, param.id, choice.plugin, choice.value, known));
}

// The value of one parameter: what was chosen, or its default. Texts are kept in `texts`.
result<giflab_value> value_of(const giflab_param &param, const parameter_choice *choice,
                              texts_of_values &texts) {
   if (param.kind == GIFLAB_TEXT || param.kind == GIFLAB_PATH) {
      const char *initial = param.initial_text ? param.initial_text : "";
      texts.push_back(std::make_shared<const std::string>(choice ? choice->value : initial));
      return giflab_value{0, texts.back()->c_str()};
   }
   result<double> number = param.initial;
   if (choice)
      number = param.kind == GIFLAB_BOOL     ? parse_bool(param, *choice)
               : param.kind == GIFLAB_CHOICE ? parse_choice(param, *choice)
                                             : parse_number(param, *choice);
   if (!number)
      return tl::unexpected(number.error());
   const char *name = param.kind == GIFLAB_CHOICE ? param.choices[static_cast<int>(*number)] : nullptr;
   return giflab_value{*number, name};
}

const parameter_choice *choice_for(const std::vector<parameter_choice> &choices, const plugin &chosen,
                                   const char *name) {
   // The last word counts, as with every option.
   const auto found = std::find_if(choices.rbegin(), choices.rend(), [&](const parameter_choice &one) {
      return one.plugin == chosen.id() && one.name == name;
   });
   return found == choices.rend() ? nullptr : &*found;
}

} // namespace

result<void> check_parameter_names(const catalogue &found, const std::vector<parameter_choice> &choices) {
   std::vector<std::string> ids;
   for (const auto &one : found.plugins())
      ids.push_back(one->id());
   for (const parameter_choice &choice : choices) {
      const plugin *chosen = found.find(choice.plugin);
      if (!chosen)
         return failed(problem::usage, fmt::format("{}: there is no plugin '{}': {}", choice.origin,
                                                   choice.plugin, config::did_you_mean(choice.plugin, ids)));
      std::vector<std::string> names;
      for (const giflab_param &param : chosen->params)
         names.emplace_back(param.id);
      if (std::find(names.begin(), names.end(), choice.name) == names.end())
         return failed(problem::usage,
                       fmt::format("{}: {} has no parameter '{}': {}", choice.origin, choice.plugin,
                                   choice.name, config::did_you_mean(choice.name, names)));
   }
   return {};
}

std::string parameter_suffix(const plugin &chosen, const std::vector<giflab_value> &values) {
   std::string suffix;
   for (std::size_t i = 0; i < values.size(); ++i) {
      const giflab_param &param = chosen.params[i];
      if (param.flags & GIFLAB_PARAM_SPEED_ONLY)
         continue;
      const bool text = param.kind == GIFLAB_TEXT || param.kind == GIFLAB_PATH;
      const bool initial =
          text ? std::string_view(values[i].text) == (param.initial_text ? param.initial_text : "")
               : values[i].number == param.initial;
      if (!initial)
         suffix += fmt::format("{}{}={}", suffix.empty() ? "" : ",", param.id,
                               values[i].text ? values[i].text : fmt::format("{}", values[i].number));
   }
   return suffix.empty() ? suffix : "(" + suffix + ")";
}

namespace {

// ---- Names

// What was asked for, in the order in which it was asked.
class wish_list {
 public:
   void add(const plugin &chosen, uint32_t output) {
      auto found =
          std::find_if(wishes_.begin(), wishes_.end(), [&](const auto &one) { return one.first == &chosen; });
      if (found == wishes_.end())
         found = wishes_.insert(wishes_.end(), {&chosen, {}});
      if (std::find(found->second.begin(), found->second.end(), output) == found->second.end())
         found->second.push_back(output);
   }
   void add_all(const plugin &chosen) {
      for (uint32_t i = 0; i < chosen.outputs.size(); ++i)
         add(chosen, i);
   }
   const std::vector<std::pair<const plugin *, std::vector<uint32_t>>> &wishes() const { return wishes_; }

 private:
   std::vector<std::pair<const plugin *, std::vector<uint32_t>>> wishes_;
};

struct output_place {
   const plugin *home;
   uint32_t output;
};

std::vector<output_place> outputs_called(const catalogue &found, std::string_view name) {
   std::vector<output_place> places;
   for (const auto &one : found.plugins())
      for (uint32_t i = 0; one->is_metric() && i < one->outputs.size(); ++i)
         if (name == one->outputs[i].id || name == fmt::format("{}@{}", one->outputs[i].id, one->id()))
            places.push_back({one.get(), i});
   return places;
}

} // namespace

std::string_view short_name(const plugin &named) {
   const std::string_view id = named.table.id;
   return id.substr(id.rfind('.') + 1);
}

namespace {

std::vector<std::string> known_names(const catalogue &found) {
   std::set<std::string> names = {"default", "all"};
   for (const auto &one : found.plugins())
      if (one->is_metric()) {
         names.insert(one->id());
         names.emplace(short_name(*one));
         for (const giflab_output &output : one->outputs)
            names.insert(output.id);
      }
   return {names.begin(), names.end()};
}

// False if no metric is called that, or several are.
bool add_by_short_name(wish_list &wishes, const catalogue &found, std::string_view name) {
   std::vector<const plugin *> called;
   for (const auto &one : found.plugins())
      if (one->is_metric() && short_name(*one) == name)
         called.push_back(one.get());
   if (called.size() == 1)
      wishes.add_all(*called.front());
   return called.size() == 1;
}

result<void> add_named(wish_list &wishes, const catalogue &found, const std::string &name) {
   if (name == "default" || name == "all") {
      for (const auto &one : found.plugins())
         if (one->is_metric() && (name == "all" || !(one->table.flags & GIFLAB_FLAG_ON_REQUEST)))
            wishes.add_all(*one);
      return {};
   }
   if (const plugin *chosen = found.find(name); chosen && chosen->is_metric()) {
      wishes.add_all(*chosen);
      return {};
   }
   const std::vector<output_place> places = outputs_called(found, name);
   if (places.size() > 1)
      return failed(problem::usage,
                    fmt::format("the metric '{}' is offered by {} and {}: write {}@{} for the one you mean",
                                name, places[0].home->id(), places[1].home->id(), name, places[0].home->id()));
   if (places.empty() && add_by_short_name(wishes, found, name))
      return {};
   if (places.empty())
      return failed(problem::usage, fmt::format("there is no metric '{}': {} `giflab plugins` lists them all",
                                                name, config::did_you_mean(name, known_names(found))));
   wishes.add(*places[0].home, places[0].output);
   return {};
}

// ---- The plan

} // namespace

readiness probe(const plugin &chosen, machine *on) {
   if (!chosen.table.probe)
      return {};
   modules::call_context call(on ? on->lent_to(chosen) : modules::borrowed_services{}, 0, 0, 0);
   call.about({chosen.table.id, "probe"});
   char fingerprint[256] = "";
   const giflab_status status =
       call.run([&] { return chosen.table.probe(call.table(), fingerprint, sizeof fingerprint); });
   fingerprint[sizeof fingerprint - 1] = 0;
   if (status == GIFLAB_OK)
      return {{}, fingerprint};
   return {call.text().empty() ? modules::status_name(status) : call.text(), {}};
}

result<chosen_values> values_for(const plugin &chosen, const std::vector<parameter_choice> &choices) {
   chosen_values made;
   for (const giflab_param &param : chosen.params) {
      auto value = value_of(param, choice_for(choices, chosen, param.id), made.texts);
      if (!value)
         return tl::unexpected(value.error());
      made.values.push_back(*value);
   }
   return made;
}

namespace {

result<planned_metric> planned(const plugin &chosen, const std::vector<uint32_t> &outputs,
                               const std::vector<parameter_choice> &parameters, const prober &ask) {
   planned_metric made;
   made.plugin = &chosen;
   auto chosen_for = values_for(chosen, parameters);
   if (!chosen_for)
      return tl::unexpected(chosen_for.error());
   made.values = std::move(chosen_for->values);
   made.texts = std::move(chosen_for->texts);
   const std::string suffix = parameter_suffix(chosen, made.values);
   for (uint32_t output : outputs)
      made.columns.push_back({output, chosen.outputs[output].id + suffix});
   readiness asked = ask(chosen);
   made.unavailable = std::move(asked.unavailable);
   made.fingerprint = std::move(asked.fingerprint);
   return made;
}

} // namespace

std::string too_small(const planned_metric &metric, const planned_metric::column &column,
                      const giflab_clip &clip) {
   const giflab_plugin &table = metric.plugin->table;
   if (table.scope == GIFLAB_SCOPE_FILE)
      return {};
   const auto side = static_cast<int32_t>(metric.plugin->outputs[column.output].least_side);
   const int32_t width = std::max(table.least_width, side), height = std::max(table.least_height, side);
   if (clip.width >= width && clip.height >= height)
      return {};
   return fmt::format("needs pictures of at least {}x{} pixels; these are {}x{}", width, height, clip.width,
                      clip.height);
}

std::vector<uint8_t> wanted_outputs(const planned_metric &metric, const giflab_clip &clip) {
   std::vector<uint8_t> wanted(metric.plugin->outputs.size());
   for (const planned_metric::column &column : metric.columns)
      wanted[column.output] = too_small(metric, column, clip).empty();
   return wanted;
}

namespace {

// A name that several plugins have for a metric says nothing, least of all whose a condition means: then each
// says whose it is.
void tell_apart(std::vector<planned_metric> &plan) {
   std::map<std::string, int> offers;
   for (const planned_metric &metric : plan)
      for (const planned_metric::column &column : metric.columns)
         ++offers[column.id];
   for (planned_metric &metric : plan)
      for (planned_metric::column &column : metric.columns)
         if (offers[column.id] > 1)
            column.id += "@" + metric.plugin->id();
}

} // namespace

result<std::vector<planned_metric>> select_metrics(const catalogue &found,
                                                   const std::vector<std::string> &names,
                                                   const std::vector<parameter_choice> &parameters,
                                                   machine *on) {
   return select_metrics(found, names, parameters, [on](const plugin &chosen) { return probe(chosen, on); });
}

result<std::vector<planned_metric>> select_metrics(const catalogue &found,
                                                   const std::vector<std::string> &names,
                                                   const std::vector<parameter_choice> &parameters,
                                                   const prober &ask) {
   if (auto checked = check_parameter_names(found, parameters); !checked)
      return tl::unexpected(checked.error());
   wish_list wishes;
   for (const std::string &name : names)
      if (auto added = add_named(wishes, found, name); !added)
         return tl::unexpected(added.error());
   if (wishes.wishes().empty())
      return failed(problem::usage, "no metric is selected: name one with --metrics, or install plugins");
   std::vector<planned_metric> plan;
   for (const auto &[chosen, outputs] : wishes.wishes()) {
      auto made = planned(*chosen, outputs, parameters, ask);
      if (!made)
         return tl::unexpected(made.error());
      plan.push_back(std::move(*made));
   }
   tell_apart(plan);
   return plan;
}

} // namespace giflab::engine
