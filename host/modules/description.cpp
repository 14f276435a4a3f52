#include "modules/description.hpp"

#include "modules/reference_page.hpp"

#include <nlohmann/json.hpp>

#include <cmath>

namespace giflab::modules {

namespace {

using json = nlohmann::ordered_json;

template <std::size_t N> json name_of(const char *const (&names)[N], uint32_t value) {
   return value < N ? json(names[value]) : json(value);
}

template <std::size_t N> json names_in(const char *const (&names)[N], uint32_t mask) {
   json list = json::array();
   for (uint32_t bit = 0; bit < N; ++bit)
      if (mask & GIFLAB_BIT(bit))
         list.push_back(names[bit]);
   return list;
}

json text(const char *given) { return given ? json(given) : json(nullptr); }

json number(double value) {
   if (std::isnan(value))
      return nullptr;
   if (std::isinf(value))
      return value > 0 ? "Infinity" : "-Infinity";
   return value;
}

// A list of texts that ends with NULL.
json texts(const char *const *given) {
   json list = json::array();
   for (; given && *given; ++given)
      list.push_back(*given);
   return list;
}

json of_parameter(const giflab_param &param) {
   constexpr const char *kinds[] = {"bool", "int", "real", "choice", "text", "path"};
   constexpr const char *flags[] = {"speed_only", "advanced"};
   return {{"id", text(param.id)},
           {"help", text(param.help)},
           {"unit", text(param.unit)},
           {"kind", name_of(kinds, param.kind)},
           {"flags", names_in(flags, param.flags)},
           {"lowest", number(param.lowest)},
           {"highest", number(param.highest)},
           {"initial", number(param.initial)},
           {"choices", param.kind == GIFLAB_CHOICE ? texts(param.choices) : json::array()},
           {"initial_text", text(param.initial_text)}};
}

json of_output(const giflab_output &output) {
   constexpr const char *directions[] = {"neither_is_better", "higher_is_better", "lower_is_better"};
   constexpr const char *levels[] = {"per_frame", "per_clip"};
   return {{"id", text(output.id)},
           {"help", text(output.help)},
           {"unit", text(output.unit)},
           {"lowest", number(output.lowest)},
           {"highest", number(output.highest)},
           {"identical", number(output.identical)},
           {"tolerance", number(output.tolerance)},
           {"direction", name_of(directions, output.direction)},
           {"level", name_of(levels, output.level)},
           {"pool", pool_name(output.pool)},
           {"least_side", output.least_side}};
}

json of_model(const giflab_model_source &model) {
   return {{"id", text(model.id)},
           {"sha256", text(model.sha256)},
           {"origin", text(model.origin)},
           {"license", text(model.license)},
           {"size", model.size}};
}

template <class T> json list_of(const std::vector<T> &elements, json (*describe)(const T &)) {
   json list = json::array();
   for (const T &element : elements)
      list.push_back(describe(element));
   return list;
}

json representations_in(uint32_t mask) {
   json list = json::array();
   for (uint32_t i = 0; i <= GIFLAB_LAB_F32; ++i)
      if (mask & GIFLAB_BIT(i))
         list.push_back(representation_name(i));
   return list;
}

void add_running(json &object, const giflab_plugin &table) {
   constexpr const char *memories[] = {"host", "cuda"};
   constexpr const char *threads[] = {"per_instance", "reentrant", "per_module"};
   constexpr const char *determinism[] = {"within_tolerance", "exact", "seeded"};
   constexpr const char *costs[] = {"1ns", "10ns", "100ns", "1us", "more"};
   object["inputs"] = representations_in(table.inputs);
   object["memory"] = names_in(memories, table.memory);
   object["scope"] = scope_name(table.scope);
   object["threads"] = name_of(threads, table.threads);
   object["determinism"] = name_of(determinism, table.determinism);
   object["cost"] = name_of(costs, table.cost);
   object["lookback"] = table.lookback;
   object["batch"] = table.batch;
   object["bytes_per_pixel"] = table.bytes_per_pixel;
   object["least_width"] = table.least_width;
   object["least_height"] = table.least_height;
}

json object_of(const plugin &described) {
   constexpr const char *flags[] = {"no_reference", "isolate", "on_request", "index8_alone"};
   const giflab_plugin &table = described.table;
   json object = {{"id", text(table.id)},
                  {"kind", table.metric   ? "metric"
                           : table.filter ? "filter"
                                          : "encoder"},
                  {"label", text(table.label)},
                  {"version", text(table.version)},
                  {"vendor", text(table.vendor)},
                  {"license", text(table.license)},
                  {"url", text(table.url)},
                  {"help", text(table.help)},
                  {"flags", names_in(flags, table.flags)},
                  {"parameters", list_of(described.params, of_parameter)},
                  {"outputs", list_of(described.outputs, of_output)},
                  {"models", list_of(described.models, of_model)},
                  {"needs", texts(table.needs)}};
   add_running(object, table);
   if (table.encoder)
      object["extension"] = text(table.encoder->extension);
   object["module"] = described.home ? json(described.home->path) : json(nullptr);
   object["build"] = described.home ? json(described.home->build) : json(nullptr);
   return object;
}

std::string written(const json &document) {
   return document.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

} // namespace

std::string description(const plugin &described) { return written(object_of(described)); }

std::string descriptions(const catalogue &found, bool with_rejected) {
   json document = {{"plugins", json::array()}};
   for (const auto &one : found.plugins())
      document["plugins"].push_back(object_of(*one));
   if (with_rejected) {
      document["folders"] = found.folders();
      document["rejected"] = json::array();
      for (const rejection &one : found.rejected())
         document["rejected"].push_back({{"path", one.path},
                                         {"plugin", one.plugin.empty() ? json(nullptr) : json(one.plugin)},
                                         {"reason", one.reason}});
   }
   return written(document);
}

} // namespace giflab::modules
