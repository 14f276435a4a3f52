#pragma once
// Reading a module's tables without trusting them.

#include "error.hpp"
#include "modules/plugin.hpp"

namespace giflab::modules {

// Checks the entry table of a module; the error says which rule it breaks. Runs no code of the module.
result<void> check_entry(const giflab_module &entry);

// Copies one plugin's tables and checks every field. The error names the field and the rule.
result<std::unique_ptr<plugin>> read_plugin(const giflab_plugin *given);

} // namespace giflab::modules
