#pragma once
// The files below sdk/templates, made part of the program when it is built.

#include <span>
#include <string_view>

namespace giflab::cli {

// A file of a new plugin. The first two parts of the path say whom it is for, a language or "any" and a kind or
// "any"; the rest is its place in the plugin's folder. Path and text hold placeholders such as @name@.
struct plugin_template {
   std::string_view path, text;
};

std::span<const plugin_template> plugin_templates();

} // namespace giflab::cli
