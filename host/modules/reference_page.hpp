#pragma once
// What a person reads about a plugin, made from its descriptor alone.

#include "modules/catalogue.hpp"

#include <string>

namespace giflab::modules {

// Names of the enums of the ABI, as config files, reports and pages spell them.
const char *scope_name(uint32_t scope);
const char *pool_name(uint32_t pool);
const char *representation_name(uint32_t representation);

// The whole page: identity, parameters, outputs, models, how it runs, where it comes from.
std::string reference_page(const plugin &described);

// One line a plugin; with `rejected`, the files and plugins that were turned away and why.
std::string plugin_list(const catalogue &found, bool with_rejected);

// Two Markdown tables: one row an output of every metric, and one row a filter or encoder, if there are any; each
// linked to README.md in a folder that has the name of the plugin's module.
std::string markdown_table(const catalogue &found);

} // namespace giflab::modules
