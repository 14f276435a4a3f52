#pragma once
// Reading a module's tables without trusting them.

#include "error.hpp"
#include "modules/plugin.hpp"

#include <cstddef>
#include <functional>
#include <string>

namespace giflab::modules {

// What ABI 1.0 had of the two tables: the least that a module can have, whatever they have grown to (rule A4).
inline constexpr std::size_t first_module_size = offsetof(giflab_module, build) + sizeof(giflab_module::build);
inline constexpr std::size_t first_plugin_size =
    offsetof(giflab_plugin, destroy) + sizeof(giflab_plugin::destroy);

// Checks the entry table of a module; the error says which rule it breaks. Runs no code of the module.
result<void> check_entry(const giflab_module &entry);

// Copies one plugin's tables and checks every field. The error names the field and the rule.
result<std::unique_ptr<plugin>> read_plugin(const giflab_plugin *given);

// Calls `visit(what, text)` for every text that is there: "label", "help of parameter sigma", ...
void visit_texts(const plugin &guest,
                 const std::function<void(const std::string &what, const char *text)> &visit);

// How many choices a parameter of kind GIFLAB_CHOICE has; its bounds are the author's word.
std::size_t count_of_choices(const giflab_param &param);

} // namespace giflab::modules
