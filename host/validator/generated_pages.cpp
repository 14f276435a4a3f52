// D09: what giflab makes of a descriptor for people and programs holds all of it.

#include "modules/description.hpp"
#include "modules/descriptor.hpp"
#include "modules/reference_page.hpp"
#include "validator/descriptor_checks.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

namespace giflab::validator {

namespace {

using nlohmann::json;

// Compares members of a description that was written and read back with the fields that they stand for.
class field_comparison {
 public:
   explicit field_comparison(std::string of) : of_(std::move(of)) {}

   void text(const json &object, const char *name, const char *field) {
      note(object, name, field ? object.at(name) == field : object.at(name).is_null());
   }
   void whole(const json &object, const char *name, uint64_t field) {
      note(object, name, object.at(name) == field);
   }
   void number(const json &object, const char *name, double field) {
      if (std::isinf(field))
         note(object, name, object.at(name) == (field > 0 ? "Infinity" : "-Infinity"));
      else
         note(object, name, std::isnan(field) ? object.at(name).is_null() : object.at(name) == field);
   }
   void texts(const json &object, const char *name, const char *const *fields) {
      std::vector<std::string> all;
      for (; fields && *fields; ++fields)
         all.emplace_back(*fields);
      note(object, name, object.at(name) == json(all));
   }
   void flag(const json &object, const char *name, const char *member, bool field) {
      const json &list = object.at(name);
      note(object, name, (std::find(list.begin(), list.end(), member) != list.end()) == field);
   }
   const std::string &difference() const { return difference_; }

 private:
   void note(const json &object, const char *name, bool equal) {
      if (!equal && difference_.empty())
         difference_ = fmt::format("{} of {} comes back as {}", name, of_, object.at(name).dump());
   }
   std::string of_, difference_;
};

std::string difference_of(const json &object, const giflab_param &param) {
   field_comparison fields(fmt::format("parameter {}", param.id));
   fields.text(object, "id", param.id), fields.text(object, "help", param.help);
   fields.text(object, "unit", param.unit), fields.text(object, "initial_text", param.initial_text);
   fields.number(object, "lowest", param.lowest), fields.number(object, "highest", param.highest);
   fields.number(object, "initial", param.initial);
   fields.texts(object, "choices", param.kind == GIFLAB_CHOICE ? param.choices : nullptr);
   constexpr const char *kinds[] = {"bool", "int", "real", "choice", "text", "path"};
   fields.text(object, "kind", kinds[param.kind]);
   fields.flag(object, "flags", "speed_only", param.flags & GIFLAB_PARAM_SPEED_ONLY);
   fields.flag(object, "flags", "advanced", param.flags & GIFLAB_PARAM_ADVANCED);
   return fields.difference();
}

std::string difference_of(const json &object, const giflab_output &output) {
   field_comparison fields(fmt::format("output {}", output.id));
   fields.text(object, "id", output.id), fields.text(object, "help", output.help);
   fields.text(object, "unit", output.unit), fields.number(object, "lowest", output.lowest);
   fields.number(object, "highest", output.highest), fields.number(object, "identical", output.identical);
   fields.number(object, "tolerance", output.tolerance);
   fields.text(object, "pool", modules::pool_name(output.pool));
   fields.whole(object, "least_side", output.least_side);
   constexpr const char *directions[] = {"neither_is_better", "higher_is_better", "lower_is_better"};
   fields.text(object, "direction", directions[output.direction]);
   fields.text(object, "level", output.level == GIFLAB_PER_FRAME ? "per_frame" : "per_clip");
   return fields.difference();
}

std::string difference_of(const json &object, const giflab_model_source &model) {
   field_comparison fields(fmt::format("model {}", model.id));
   fields.text(object, "id", model.id), fields.text(object, "sha256", model.sha256);
   fields.text(object, "origin", model.origin), fields.text(object, "license", model.license);
   fields.whole(object, "size", model.size);
   return fields.difference();
}

template <class T> std::string difference_of(const json &list, const std::vector<T> &elements) {
   if (list.size() != elements.size())
      return fmt::format("{} elements come back as {}", elements.size(), list.size());
   for (std::size_t i = 0; i < elements.size(); ++i)
      if (std::string found = difference_of(list[i], elements[i]); !found.empty())
         return found;
   return "";
}

std::string difference_of(const json &object, const giflab_plugin &table) {
   field_comparison fields("the plugin");
   fields.text(object, "id", table.id), fields.text(object, "label", table.label);
   fields.text(object, "version", table.version), fields.text(object, "vendor", table.vendor);
   fields.text(object, "license", table.license), fields.text(object, "url", table.url);
   fields.text(object, "help", table.help), fields.texts(object, "needs", table.needs);
   fields.text(object, "kind", table.metric ? "metric" : table.filter ? "filter" : "encoder");
   fields.text(object, "scope", modules::scope_name(table.scope));
   constexpr const char *threads[] = {"per_instance", "reentrant", "per_module"};
   constexpr const char *determinism[] = {"within_tolerance", "exact", "seeded"};
   constexpr const char *costs[] = {"1ns", "10ns", "100ns", "1us", "more"};
   fields.text(object, "threads", threads[table.threads]), fields.text(object, "cost", costs[table.cost]);
   fields.text(object, "determinism", determinism[table.determinism]);
   fields.whole(object, "lookback", table.lookback), fields.whole(object, "batch", table.batch);
   fields.whole(object, "bytes_per_pixel", table.bytes_per_pixel);
   fields.whole(object, "least_width", static_cast<uint64_t>(table.least_width));
   fields.whole(object, "least_height", static_cast<uint64_t>(table.least_height));
   for (uint32_t i = 0; i <= GIFLAB_LAB_F32; ++i)
      fields.flag(object, "inputs", modules::representation_name(i), table.inputs & GIFLAB_BIT(i));
   fields.flag(object, "memory", "host", table.memory & GIFLAB_BIT(GIFLAB_MEMORY_HOST));
   fields.flag(object, "memory", "cuda", table.memory & GIFLAB_BIT(GIFLAB_MEMORY_CUDA));
   fields.flag(object, "flags", "no_reference", table.flags & GIFLAB_FLAG_NO_REFERENCE);
   fields.flag(object, "flags", "isolate", table.flags & GIFLAB_FLAG_ISOLATE);
   fields.flag(object, "flags", "on_request", table.flags & GIFLAB_FLAG_ON_REQUEST);
   fields.flag(object, "flags", "index8_alone", table.flags & GIFLAB_FLAG_INDEX8_ALONE);
   if (table.encoder)
      fields.text(object, "extension", table.encoder->extension);
   return fields.difference();
}

std::string difference_of(const json &object, const modules::plugin &guest) {
   for (const std::string &found :
        {difference_of(object, guest.table), difference_of(object.at("parameters"), guest.params),
         difference_of(object.at("outputs"), guest.outputs), difference_of(object.at("models"), guest.models)})
      if (!found.empty())
         return found;
   return "";
}

// Whether a page has a line that begins, after its indentation, with this word.
bool has_entry(const std::string &page, const std::string &id) {
   return page.find("\n  " + id + " ") != std::string::npos;
}

std::string missing_in(const std::string &page, const modules::plugin &guest) {
   for (const giflab_param &param : guest.params)
      if (!has_entry(page, param.id))
         return fmt::format("parameter {}", param.id);
   for (const giflab_output &output : guest.outputs)
      if (!has_entry(page, output.id))
         return fmt::format("output {}", output.id);
   for (const giflab_model_source &model : guest.models)
      if (!has_entry(page, model.id))
         return fmt::format("model {}", model.id);
   return "";
}

// "" or the text that would break a line of the page, or be obeyed by a terminal.
std::string unprintable_in(const modules::plugin &guest) {
   std::string found;
   modules::visit_texts(guest, [&found](const std::string &what, const char *text) {
      const std::string_view letters(text);
      const bool has_control = std::any_of(letters.begin(), letters.end(), [](char letter) {
         return static_cast<unsigned char>(letter) < 0x20 || letter == 0x7F;
      });
      if (has_control && found.empty() && !what.starts_with("help")) // that is D02's
         found = what;
   });
   return found;
}

} // namespace

finding is_described_faithfully(const modules::plugin &guest) {
   if (const std::string what = unprintable_in(guest); !what.empty())
      return failed_check(fmt::format("the {} has a line break or another control character, which breaks the "
                                      "pages and tables that it stands in: remove it",
                                      what));
   modules::plugin shown;
   const modules::module home;
   shown.table = guest.table, shown.params = guest.params, shown.outputs = guest.outputs;
   shown.models = guest.models, shown.home = &home;
   const json parsed = json::parse(modules::description(shown));
   if (const std::string differs = difference_of(parsed, guest); !differs.empty())
      return failed_check("its description as JSON is not the same when read back: " + differs);
   if (const std::string missing = missing_in(modules::reference_page(shown), guest); !missing.empty())
      return failed_check(fmt::format("its reference page does not show {}", missing));
   return passed();
}

} // namespace giflab::validator
