#pragma once
// From names that a person wrote to plugins, outputs and parameter values.

#include "engine/machine.hpp"
#include "error.hpp"
#include "modules/catalogue.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace giflab::engine {

// One parameter of one plugin, as written.
struct parameter_choice {
   std::string plugin, name, value;
   std::string origin; // where it was written, for errors
};

// What values' text points to. Copies share it, so that each copy's values point to what it keeps itself.
using texts_of_values = std::vector<std::shared_ptr<const std::string>>;

// The values of all parameters of a plugin, in the order of its table.
struct chosen_values {
   std::vector<giflab_value> values;
   texts_of_values texts;
};

// What was chosen for this plugin, and defaults for the rest; choices for others are passed over.
result<chosen_values> values_for(const modules::plugin &chosen, const std::vector<parameter_choice> &choices);

// Refuses choices for plugins or parameters that there are not, with the nearest name.
result<void> check_parameter_names(const modules::catalogue &found,
                                   const std::vector<parameter_choice> &choices);

// "(sigma=2,window=7)" for what differs from the defaults and can change a result; else nothing.
std::string parameter_suffix(const modules::plugin &chosen, const std::vector<giflab_value> &values);

// "ssimulacra2" for "org.giflab.ssimulacra2"
std::string_view short_name(const modules::plugin &named);

// Whether a plugin can run on this machine: what its probe says.
struct readiness {
   std::string unavailable; // why it cannot; empty if it can
   std::string fingerprint; // of the tool, model or device that it found; may be empty
};

// Without a machine (null) it borrows nothing to find out. [main]
readiness probe(const modules::plugin &chosen, machine *on);

// Who is asked instead, where plugins live elsewhere.
using prober = std::function<readiness(const modules::plugin &chosen)>;

// A plugin that will run, and what of it is wanted.
struct planned_metric {
   struct column {
      uint32_t output; // index into plugin->outputs
      std::string id;  // as reported: the output's id, and what tells it from others
   };

   const modules::plugin *plugin = nullptr;
   std::vector<giflab_value> values; // [param_count]
   texts_of_values texts;
   std::vector<column> columns;
   std::string unavailable; // why it cannot run here; empty if it can
   std::string fingerprint; // of the tool or model that its probe found; may be empty
};

// Why pictures of the clip's size have no value in a column, as a sentence; empty if they may have one.
std::string too_small(const planned_metric &metric, const planned_metric::column &column,
                      const giflab_clip &clip);

// giflab_setup.wanted: the outputs that have a column and may have a value.
std::vector<uint8_t> wanted_outputs(const planned_metric &metric, const giflab_clip &clip);

// `names` are output ids, plugin ids, the last part of a plugin's id where that is no output's, or the sets
// `default` (every metric but those that run on request only) and `all`. Columns of several plugins that would
// have one id get "@<plugin id>" behind it, all of them. Asks each chosen plugin whether it can run on this
// machine; without one (null) it borrows nothing to find out. Errors suggest the nearest name. [main]
result<std::vector<planned_metric>> select_metrics(const modules::catalogue &found,
                                                   const std::vector<std::string> &names,
                                                   const std::vector<parameter_choice> &parameters,
                                                   machine *on = nullptr);
result<std::vector<planned_metric>> select_metrics(const modules::catalogue &found,
                                                   const std::vector<std::string> &names,
                                                   const std::vector<parameter_choice> &parameters,
                                                   const prober &ask);

} // namespace giflab::engine
