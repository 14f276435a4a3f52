#pragma once
// A plugin as the host sees it: its tables, copied whole and checked.

#include <giflab/plugin.h>

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace giflab::modules {

// One loaded file. Never unloaded: static data of a plugin may be referred to until the process ends.
struct module {
   std::string path;  // absolute
   std::string build; // what the module says of its own making
   // One call at a time in a module whose plugin declares GIFLAB_PER_MODULE.
   std::unique_ptr<std::mutex> entered = std::make_unique<std::mutex>();
};

// The tables of a plugin, at the size of this host's headers: what an older module lacks is zero (rule A4).
struct plugin {
   giflab_plugin table{}; // its params, outputs and models point into the vectors below
   std::vector<giflab_param> params;
   std::vector<giflab_output> outputs;
   std::vector<giflab_model_source> models;
   const module *home = nullptr;

   std::string id() const { return table.id; }
   bool is_metric() const { return table.metric != nullptr; }
};

} // namespace giflab::modules
