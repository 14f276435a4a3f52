#include "modules/reference_page.hpp"

#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <iterator>

namespace giflab::modules {

namespace {

template <std::size_t N> const char *name_of(const char *const (&names)[N], uint32_t value) {
   return value < N ? names[value] : "unknown";
}

std::string number(double value) {
   if (std::isnan(value))
      return "none";
   if (std::isinf(value))
      return value > 0 ? "infinity" : "-infinity";
   return fmt::format("{}", value);
}

std::string kind_name(const giflab_plugin &table) {
   if (table.metric)
      return table.flags & GIFLAB_FLAG_NO_REFERENCE ? "no-reference metric" : "metric";
   return table.filter ? "filter" : "encoder";
}

std::string representations(uint32_t mask) {
   std::string names;
   for (uint32_t i = 0; i <= GIFLAB_LAB_F32; ++i)
      if (mask & GIFLAB_BIT(i))
         names += (names.empty() ? "" : ", ") + std::string(representation_name(i));
   return names.empty() ? "none" : names;
}

std::string parameter_range(const giflab_param &param) {
   switch (param.kind) {
   case GIFLAB_BOOL:
      return fmt::format("true or false, default {}", param.initial != 0);
   case GIFLAB_CHOICE: {
      std::string choices;
      for (const char *const *choice = param.choices; *choice; ++choice)
         choices += (choices.empty() ? "" : " | ") + std::string(*choice);
      return fmt::format("{}, default {}", choices, param.choices[static_cast<int>(param.initial)]);
   }
   case GIFLAB_TEXT:
   case GIFLAB_PATH:
      return fmt::format("text, default \"{}\"", param.initial_text ? param.initial_text : "");
   default:
      return fmt::format("{} to {}, default {}", number(param.lowest), number(param.highest),
                         number(param.initial));
   }
}

void append_parameters(std::string &page, const plugin &described) {
   if (described.params.empty())
      return;
   page += "\nParameters\n";
   for (const giflab_param &param : described.params) {
      page += fmt::format("  {:<24} {}", param.id, parameter_range(param));
      if (param.unit)
         page += fmt::format(" {}", param.unit);
      page += fmt::format("\n  {:<24} {}\n", "", param.help);
   }
}

void append_outputs(std::string &page, const plugin &described) {
   if (described.outputs.empty())
      return;
   constexpr const char *directions[] = {"neither end is better", "higher is better", "lower is better"};
   page += "\nOutputs\n";
   for (const giflab_output &output : described.outputs) {
      page += fmt::format("  {:<24} {}\n", output.id, output.help);
      page += fmt::format("  {:<24} {}, {} to {}{}{}; identical pictures: {}\n", "",
                          name_of(directions, output.direction), number(output.lowest), number(output.highest),
                          *output.unit ? " " : "", output.unit, number(output.identical));
      if (output.level == GIFLAB_PER_FRAME)
         page += fmt::format("  {:<24} per frame, pooled as {}\n", "", pool_name(output.pool));
      if (output.least_side)
         page +=
             fmt::format("  {:<24} pictures of at least {} x {}\n", "", output.least_side, output.least_side);
   }
}

void append_models(std::string &page, const plugin &described) {
   if (described.models.empty())
      return;
   page += "\nModels\n";
   for (const giflab_model_source &model : described.models)
      page +=
          fmt::format("  {:<24} {}, {}, from {}\n", model.id,
                      model.size > 0 ? fmt::format("{} bytes", model.size) : "of a size known once imported",
                      model.license, model.origin ? model.origin : "its author");
}

const char *cost_name(uint32_t cost) {
   constexpr const char *names[] = {"at most 1 ns", "at most 10 ns", "at most 100 ns", "at most 1 us",
                                    "over 1 us"};
   return name_of(names, cost);
}

std::string markdown_row(const plugin &described, const giflab_output &output) {
   constexpr const char *directions[] = {"neither", "higher", "lower"};
   const giflab_plugin &table = described.table;
   const std::string module = std::filesystem::path(described.home->path).stem().string();
   const bool pooled = output.level == GIFLAB_PER_FRAME;
   // A file-to-file metric has no pixels to pay for.
   const std::string cost = table.scope == GIFLAB_SCOPE_FILE ? "" : cost_name(table.cost);
   const std::string source = table.url && std::string_view(table.url).starts_with("http")
                                  ? fmt::format(" ([source]({}))", table.url)
                                  : "";
   return fmt::format("| [`{}`]({}/README.md) | {}{}{} | {} to {}{}{} | {} | {} | {} | {} | {} |\n", output.id,
                      module, output.help, source,
                      table.flags & GIFLAB_FLAG_NO_REFERENCE ? " No reference." : "", number(output.lowest),
                      number(output.highest), *output.unit == '1' ? "" : " ",
                      *output.unit == '1' ? "" : output.unit, name_of(directions, output.direction),
                      number(output.identical), pooled ? pool_name(output.pool) : "of the clip", cost,
                      table.flags & GIFLAB_FLAG_ON_REQUEST ? "on request" : "default");
}

void append_running(std::string &page, const plugin &described) {
   constexpr const char *threads[] = {"one call at a time per instance", "any number of calls at once",
                                      "one call at a time in the module"};
   constexpr const char *determinism[] = {"equal within tolerance", "bit-exact", "bit-exact for an equal seed"};
   const giflab_plugin &table = described.table;
   page += "\nHow it runs\n";
   page += fmt::format("  {:<24} {}\n", "scope", scope_name(table.scope));
   page += fmt::format("  {:<24} {}\n", "takes pictures as", representations(table.inputs));
   page += fmt::format("  {:<24} {}\n", "memory",
                       table.memory & GIFLAB_BIT(GIFLAB_MEMORY_CUDA) ? "host, CUDA" : "host");
   page += fmt::format("  {:<24} {} x {}\n", "smallest picture", table.least_width, table.least_height);
   page += fmt::format("  {:<24} {}\n", "threads", name_of(threads, table.threads));
   page += fmt::format("  {:<24} {}\n", "repeatable", name_of(determinism, table.determinism));
   page += fmt::format("  {:<24} {} per pixel on one core\n", "cost", cost_name(table.cost));
   if (table.lookback)
      page += fmt::format("  {:<24} {}\n", "earlier pictures kept", table.lookback);
}

} // namespace

const char *scope_name(uint32_t scope) {
   constexpr const char *names[] = {"frame", "clip", "file"};
   return name_of(names, scope);
}

const char *pool_name(uint32_t pool) {
   constexpr const char *names[] = {"mean", "harmonic_mean", "min", "max", "p05", "p95", "sum", "decibel_mean"};
   return name_of(names, pool);
}

const char *representation_name(uint32_t representation) {
   constexpr const char *names[] = {"RGBA8",   "RGB8",       "INDEX8",  "LUMA8",  "LUMA_F32",
                                    "RGB_F32", "LINEAR_F32", "XYB_F32", "LAB_F32"};
   return name_of(names, representation);
}

std::string reference_page(const plugin &described) {
   const giflab_plugin &table = described.table;
   std::string page = fmt::format("{} - {} ({}, version {})\n\n{}\n", table.id, table.label, kind_name(table),
                                  table.version, table.help);
   append_outputs(page, described);
   append_parameters(page, described);
   append_models(page, described);
   append_running(page, described);
   page += fmt::format("\nFrom\n  {:<24} {}\n  {:<24} {}\n", "vendor", table.vendor, "licence", table.license);
   if (table.url && *table.url)
      page += fmt::format("  {:<24} {}\n", "more", table.url);
   page += fmt::format("  {:<24} {}\n", "module", described.home->path);
   if (!described.home->build.empty())
      page += fmt::format("  {:<24} {}\n", "build", described.home->build);
   return page;
}

std::string plugin_list(const catalogue &found, bool with_rejected) {
   std::string list;
   for (const auto &one : found.plugins()) {
      std::string outputs;
      for (const giflab_output &output : one->outputs)
         outputs += (outputs.empty() ? "" : ", ") + std::string(output.id);
      list += fmt::format("{:<26} {:<8} {:<6} {}\n", one->id(), kind_name(one->table),
                          scope_name(one->table.scope), outputs.empty() ? one->table.label : outputs);
   }
   if (found.plugins().empty())
      list += "no plugins found\n";
   if (!with_rejected)
      return list;
   list += "\nLooked in\n";
   for (const std::string &folder : found.folders())
      list += "  " + folder + "\n";
   list += found.rejected().empty() ? "\nNothing was turned away.\n" : "\nTurned away\n";
   for (const rejection &one : found.rejected())
      list +=
          fmt::format("  {}{}{}\n    {}\n", one.path, one.plugin.empty() ? "" : ": ", one.plugin, one.reason);
   return list;
}

namespace {

std::string metric_rows(const catalogue &found) {
   std::string page =
       "| metric | what it is | range | better | identical | over a clip | a pixel costs | runs |\n"
       "|---|---|---|---|---|---|---|---|\n";
   for (const auto &one : found.plugins())
      for (const giflab_output &output : one->outputs)
         page += markdown_row(*one, output);
   return page;
}

std::string step_row(const plugin &described) {
   const giflab_plugin &table = described.table;
   const std::string id = table.id;
   std::string parameters;
   for (const giflab_param &param : described.params)
      parameters += fmt::format("{}`{}`", parameters.empty() ? "" : ", ", param.id);
   return fmt::format("| [`{}`]({}/README.md) | {} | {} | {} |\n", id.substr(id.rfind('.') + 1),
                      std::filesystem::path(described.home->path).stem().string(), table.help,
                      table.filter               ? "pictures to pictures"
                      : table.encoder->transcode ? fmt::format("{0} to {0}", table.encoder->extension)
                                                 : fmt::format("pictures to {}", table.encoder->extension),
                      parameters);
}

} // namespace

std::string markdown_table(const catalogue &found) {
   std::string steps;
   for (const auto &one : found.plugins())
      if (!one->is_metric())
         steps += step_row(*one);
   if (steps.empty())
      return metric_rows(found);
   return metric_rows(found) +
          "\n| step | what it does | from what to what | parameters |\n|---|---|---|---|\n" + steps;
}

} // namespace giflab::modules
