#pragma once
// From names that a person wrote to plugins, outputs and parameter values.

#include "engine/machine.hpp"
#include "error.hpp"
#include "modules/catalogue.hpp"

#include <deque>
#include <string>
#include <vector>

namespace giflab::engine {

// One parameter of one plugin, as written.
struct parameter_choice {
   std::string plugin, name, value;
   std::string origin; // where it was written, for errors
};

// A plugin that will run, and what of it is wanted.
struct planned_metric {
   struct column {
      uint32_t output; // index into plugin->outputs
      std::string id;  // as reported: the output's id, and what tells it from others
   };

   const modules::plugin *plugin = nullptr;
   std::vector<giflab_value> values; // [param_count]
   std::deque<std::string> texts;    // what the values' text points to
   std::vector<column> columns;
   std::string unavailable; // why it cannot run here; empty if it can
};

// `names` are output ids, plugin ids, the last part of a plugin's id where that is no output's, or the sets
// `default` (every metric but those that run on request only) and `all`. A column that would repeat another's
// id gets "@<plugin id>" behind it. Asks each chosen plugin whether it can run on this machine; without one
// (null) it borrows nothing to find out. Errors suggest the nearest name. [main]
result<std::vector<planned_metric>> select_metrics(const modules::catalogue &found,
                                                   const std::vector<std::string> &names,
                                                   const std::vector<parameter_choice> &parameters,
                                                   machine *on = nullptr);

} // namespace giflab::engine
