#include "modules/descriptor.hpp"

#include "config/printable.hpp"
#include "modules/model_pin.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <set>
#include <string_view>

namespace giflab::modules {

namespace {

constexpr uint32_t largest_table = 4096; // a page; a size beyond it is garbage, not a newer version
constexpr uint32_t largest_count = 4096; // of elements; a count beyond it is garbage as well
// A plugin whose smallest pictures have more is of no use, and cannot be tried.
constexpr int64_t most_least_pixels = int64_t{1} << 24;

tl::unexpected<error> rejected(std::string text) { return failed(problem::plugin, std::move(text)); }

bool is_lower(char letter) { return letter >= 'a' && letter <= 'z'; }
bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }

bool is_id(const char *text) {
   if (!text || !is_lower(*text))
      return false;
   const std::string_view rest(text);
   return std::all_of(rest.begin(), rest.end(), [](char letter) {
      return is_lower(letter) || is_digit(letter) || letter == '_' || letter == '.';
   });
}

bool is_column_id(const char *text) { return is_id(text) && !std::strchr(text, '.'); }

bool is_given(const char *text) { return text && *text; }

// Whether a table of `given` bytes says nothing behind the `known` ones (rule A4).
bool tail_is_zero(const void *table, std::size_t known, std::size_t given) {
   const auto *bytes = static_cast<const unsigned char *>(table);
   return std::all_of(bytes + std::min(known, given), bytes + given,
                      [](unsigned char byte) { return byte == 0; });
}

// Copies the part of a plugin's table that this host knows (rule A4). False if the rest says something.
bool copy_known(void *target, std::size_t known, const void *source, std::size_t given) {
   std::memset(target, 0, known);
   std::memcpy(target, source, std::min(known, given));
   return tail_is_zero(source, known, given);
}

// Copies an array whose elements may be larger or smaller than this host's (rule A4).
template <class T>
result<std::vector<T>> copy_elements(const char *name, const T *given, uint32_t count, uint32_t size) {
   if (count == 0)
      return std::vector<T>();
   if (!given)
      return rejected(fmt::format("{} is NULL but its count is {} (rule A4)", name, count));
   if (count > largest_count)
      return rejected(fmt::format("the count of {} is {}, more than the {} that there may be (rule D01)", name,
                                  count, largest_count));
   if (size < sizeof(void *) || size > largest_table || size % alignof(T) != 0)
      return rejected(fmt::format("the element size of {} is {}, which cannot be right (rule A4)", name, size));
   std::vector<T> elements(count);
   const auto *bytes = reinterpret_cast<const char *>(given);
   for (uint32_t i = 0; i < count; ++i)
      if (!copy_known(&elements[i], sizeof(T), bytes + std::size_t{i} * size, size))
         return rejected(fmt::format(
             "{}[{}] uses fields newer than this host: it needs a newer giflab (rule A4)", name, i));
   return elements;
}

result<void> check_texts(const giflab_plugin &table) {
   if (!is_id(table.id))
      return rejected("its id is missing or not of the form [a-z][a-z0-9_.]* (rule D02)");
   const std::pair<const char *, const char *> texts[] = {{"label", table.label},
                                                          {"version", table.version},
                                                          {"vendor", table.vendor},
                                                          {"license", table.license},
                                                          {"help", table.help}};
   for (const auto &[name, text] : texts)
      if (!is_given(text))
         return rejected(fmt::format("its {} is missing (rule D02)", name));
   return {};
}

result<void> check_enum(const char *name, uint32_t value, uint32_t last) {
   if (value > last)
      return rejected(fmt::format("{} is {}, which this host does not know (rule A6)", name, value));
   return {};
}

result<void> check_mask(const char *name, uint32_t value, uint32_t known) {
   if (value & ~known)
      return rejected(
          fmt::format("{} has bits 0x{:x} that this host does not know (rule A6)", name, value & ~known));
   return {};
}

result<void> check_numbers(const giflab_plugin &table) {
   constexpr uint32_t representations = (GIFLAB_BIT(GIFLAB_LAB_F32) << 1) - 1;
   constexpr uint32_t memories = GIFLAB_BIT(GIFLAB_MEMORY_HOST) | GIFLAB_BIT(GIFLAB_MEMORY_CUDA);
   constexpr uint32_t flags =
       GIFLAB_FLAG_NO_REFERENCE | GIFLAB_FLAG_ISOLATE | GIFLAB_FLAG_ON_REQUEST | GIFLAB_FLAG_INDEX8_ALONE;
   const result<void> checks[] = {
       check_mask("flags", table.flags, flags),
       check_mask("inputs", table.inputs, representations),
       check_mask("memory", table.memory, memories),
       check_enum("scope", table.scope, GIFLAB_SCOPE_FILE),
       check_enum("threads", table.threads, GIFLAB_PER_MODULE),
       check_enum("determinism", table.determinism, GIFLAB_SEEDED),
       check_enum("cost", table.cost, GIFLAB_COST_MORE),
   };
   for (const result<void> &check : checks)
      if (!check)
         return check;
   if (table.lookback > 8)
      return rejected(
          fmt::format("lookback is {}; at most 8 previous images are kept (rule C2)", table.lookback));
   if (table.reserved != 0)
      return rejected("its reserved field is not 0 (rule D03)");
   if (table.memory == 0)
      return rejected("memory is 0: it takes pictures from nowhere (rule D03)");
   if (table.least_width < 1 || table.least_height < 1)
      return rejected("least_width and least_height must be 1 or more (rule D03)");
   if (int64_t{table.least_width} * table.least_height > most_least_pixels)
      return rejected(fmt::format("its smallest pictures are {}x{}, more than {} pixels (rule D03)",
                                  table.least_width, table.least_height, most_least_pixels));
   return {};
}

// Scope and callbacks must tell the same story (rule D04).
result<void> check_metric(const giflab_plugin &table) {
   const giflab_metric &metric = *table.metric;
   const bool clip = table.scope == GIFLAB_SCOPE_CLIP, file = table.scope == GIFLAB_SCOPE_FILE;
   if (!file && !metric.measure)
      return rejected("a metric of FRAME or CLIP scope needs measure (rule D04)");
   if (file != (metric.inspect != nullptr) || (file && metric.measure))
      return rejected("a metric of FILE scope has inspect and nothing else; others have none (rule D04)");
   if (clip != (metric.begin != nullptr) || clip != (metric.finish != nullptr))
      return rejected("begin and finish belong to CLIP scope, both of them (rule D04)");
   if (clip && table.threads == GIFLAB_REENTRANT)
      return rejected("CLIP scope cannot be GIFLAB_REENTRANT: its pairs come in order (rule D04)");
   if (!file && table.inputs == 0)
      return rejected("inputs is 0: it would see no picture (rule D04)");
   if (table.output_count == 0)
      return rejected("a metric without outputs has nothing to say (rule D06)");
   return {};
}

result<void> check_use_of_indices(const giflab_plugin &table) {
   if (table.inputs == GIFLAB_BIT(GIFLAB_INDEX8))
      return rejected(
          "inputs is INDEX8 alone, which a picture of more than 256 colours does not have: declare what "
          "to fall back to (rule D03)");
   if (table.flags & GIFLAB_FLAG_INDEX8_ALONE && (!table.metric || !(table.inputs & GIFLAB_BIT(GIFLAB_INDEX8))))
      return rejected(
          "flags has GIFLAB_FLAG_INDEX8_ALONE, which is for metrics whose inputs have INDEX8 (rule D03)");
   return {};
}

result<void> check_kind(const giflab_plugin &table) {
   if (!table.create || !table.destroy)
      return rejected("create and destroy are needed (rule D03)");
   const int kinds = (table.metric != nullptr) + (table.filter != nullptr) + (table.encoder != nullptr);
   if (kinds != 1)
      return rejected("exactly one of metric, filter and encoder must be set (rule D03)");
   if (auto checked = check_use_of_indices(table); !checked)
      return checked;
   if (table.metric)
      return check_metric(table);
   if (table.filter && (!table.filter->plan || !table.filter->apply))
      return rejected("a filter needs plan and apply (rule D04)");
   if (table.encoder) {
      const giflab_encoder &encoder = *table.encoder;
      const bool images = encoder.begin && encoder.add && encoder.finish;
      const bool some = encoder.begin || encoder.add || encoder.finish;
      if (!is_given(encoder.extension) || (encoder.transcode ? some : !images))
         return rejected("an encoder has an extension, and transcode or begin, add and finish (rule D04)");
   }
   return {};
}

bool is_whole(double value) { return value == std::floor(value); }

result<void> check_names_of_choices(const giflab_param &param) {
   std::set<std::string_view> seen;
   for (const char *const *choice = param.choices; *choice; ++choice) {
      if (!**choice)
         return rejected(fmt::format("parameter {} has a choice without a name (rule D05)", param.id));
      if (!seen.insert(*choice).second)
         return rejected(fmt::format("parameter {} has the choice {} twice (rule D05)", param.id,
                                     config::in_quotes(*choice)));
   }
   return {};
}

result<void> check_choice(const giflab_param &param) {
   if (!param.choices || !param.choices[0])
      return rejected(fmt::format("parameter {} has no choices (rule D05)", param.id));
   const auto count = static_cast<double>(count_of_choices(param));
   const auto is_choice = [count](double index) { return index >= 0 && index < count && is_whole(index); };
   if (!is_choice(param.initial))
      return rejected(fmt::format("parameter {} starts at no choice of its own (rule D05)", param.id));
   if (!is_choice(param.lowest) || !is_choice(param.highest)) // 0 is what who says nothing has said
      return rejected(
          fmt::format("parameter {} has bounds from {} to {}, and its choices go from 0 to {} (rule D05)",
                      param.id, param.lowest, param.highest, count - 1));
   return check_names_of_choices(param);
}

result<void> check_range(const giflab_param &param) {
   if (!(param.lowest <= param.initial && param.initial <= param.highest))
      return rejected(fmt::format("parameter {} does not start within its own range (rule D05)", param.id));
   if (param.kind == GIFLAB_BOOL && (param.lowest != 0 || param.highest != 1 || !is_whole(param.initial)))
      return rejected(fmt::format(
          "parameter {} is BOOL and must go from 0 to 1 and start at one of them (rule D05)", param.id));
   const bool within = std::abs(param.highest) <= 0x1p53 && std::abs(param.lowest) <= 0x1p53;
   if (param.kind == GIFLAB_INT && !(within && is_whole(param.initial)))
      return rejected(fmt::format("parameter {} is no whole number within 2^53 (rule D05)", param.id));
   if (param.kind == GIFLAB_INT && !(is_whole(param.lowest) && is_whole(param.highest)))
      return rejected(
          fmt::format("parameter {} is INT and has a bound that is no whole number (rule D05)", param.id));
   if (!std::isfinite(param.initial))
      return rejected(fmt::format("parameter {} starts at no finite number (rule D05)", param.id));
   return {};
}

result<void> check_param(const giflab_param &param) {
   if (!is_column_id(param.id))
      return rejected("a parameter's id is missing or not of the form [a-z][a-z0-9_]* (rule D02)");
   if (!is_given(param.help))
      return rejected(fmt::format("parameter {} has no help (rule D02)", param.id));
   if (param.kind > GIFLAB_PATH || (param.flags & ~(GIFLAB_PARAM_SPEED_ONLY | GIFLAB_PARAM_ADVANCED)))
      return rejected(
          fmt::format("parameter {} has a kind or flag that this host does not know (rule A6)", param.id));
   if (param.kind == GIFLAB_TEXT || param.kind == GIFLAB_PATH)
      return {};
   if (param.kind == GIFLAB_CHOICE)
      return check_choice(param);
   return check_range(param);
}

bool pools_infinity(uint32_t pool) {
   return pool == GIFLAB_POOL_MIN || pool == GIFLAB_POOL_MAX || pool == GIFLAB_POOL_P05 ||
          pool == GIFLAB_POOL_P95 || pool == GIFLAB_POOL_DECIBEL_MEAN;
}

result<void> check_output(const giflab_output &output, uint32_t scope) {
   if (!is_column_id(output.id))
      return rejected("an output's id is missing or not of the form [a-z][a-z0-9_]* (rule D02)");
   if (!is_given(output.help) || !output.unit)
      return rejected(fmt::format("output {} has no help or no unit (rule D02)", output.id));
   if (output.direction > GIFLAB_LOWER_IS_BETTER || output.level > GIFLAB_PER_CLIP ||
       output.pool > GIFLAB_POOL_DECIBEL_MEAN)
      return rejected(fmt::format(
          "output {} has a direction, level or pool that this host does not know (rule A6)", output.id));
   if (!(output.lowest <= output.highest) || !(output.tolerance >= 0) || std::isinf(output.tolerance))
      return rejected(fmt::format("output {} has bounds or a tolerance amiss (rule D06)", output.id));
   if (output.least_side > static_cast<uint32_t>(std::numeric_limits<int32_t>::max()))
      return rejected(fmt::format("output {} needs pictures larger than there are (rule D06)", output.id));
   if (!std::isnan(output.identical) &&
       !(output.lowest <= output.identical && output.identical <= output.highest))
      return rejected(
          fmt::format("output {} is outside its own bounds for identical pictures (rule D06)", output.id));
   // A bound may be infinite for values that are merely unbounded; a value that is infinite by design says so
   // in `identical`, and must not sink the mean of a clip.
   if (std::isinf(output.identical) && output.level == GIFLAB_PER_FRAME && !pools_infinity(output.pool))
      return rejected(fmt::format(
          "output {} may be infinite and so cannot be pooled by a mean or sum (rule D06)", output.id));
   if (output.level == GIFLAB_PER_FRAME && scope == GIFLAB_SCOPE_FILE)
      return rejected(
          fmt::format("output {} is PER_FRAME, but FILE scope sees no frames (rule D04)", output.id));
   if (output.level == GIFLAB_PER_CLIP && scope == GIFLAB_SCOPE_FRAME)
      return rejected(
          fmt::format("output {} is PER_CLIP, but FRAME scope never sees a clip (rule D04)", output.id));
   return {};
}

result<void> check_model(const giflab_model_source &model) {
   const bool pinned = model.sha256 && !*model.sha256; // when it was imported
   if (!is_given(model.id) || !is_given(model.license) || (model.size == 0 && !pinned))
      return rejected("a model lacks its id, licence or size (rule D07)");
   if (!pinned && !is_sha256(model.sha256 ? model.sha256 : ""))
      return rejected(fmt::format("model {} has no SHA-256 of 64 lowercase hex digits (rule D07)", model.id));
   return {};
}

template <class T>
result<void> check_unique(const char *what, const char *rule, const std::vector<T> &elements) {
   std::set<std::string_view> seen;
   for (const T &element : elements)
      if (!seen.insert(element.id).second)
         return rejected(fmt::format("it has two {} called {} (rule {})", what, element.id, rule));
   return {};
}

result<void> check_lists(const plugin &made) {
   for (const giflab_param &param : made.params)
      if (auto checked = check_param(param); !checked)
         return checked;
   for (const giflab_output &output : made.outputs)
      if (auto checked = check_output(output, made.table.scope); !checked)
         return checked;
   for (const giflab_model_source &model : made.models)
      if (auto checked = check_model(model); !checked)
         return checked;
   if (auto checked = check_unique("parameters", "D02", made.params); !checked)
      return checked;
   if (auto checked = check_unique("models", "D07", made.models); !checked)
      return checked;
   return check_unique("outputs", "D02", made.outputs);
}

result<void> check_encoding(const plugin &made) {
   std::string broken;
   visit_texts(made, [&broken](const std::string &what, const char *text) {
      if (broken.empty() && config::valid_utf8(text) != text)
         broken = fmt::format("the {} is not UTF-8: {} (rule D02)", what, config::in_quotes(text));
   });
   return broken.empty() ? result<void>() : rejected(broken);
}

result<void> copy_lists(plugin &made) {
   giflab_plugin &table = made.table;
   auto params = copy_elements("params", table.params, table.param_count, table.param_size);
   auto outputs = copy_elements("outputs", table.outputs, table.output_count, table.output_size);
   auto models = copy_elements("models", table.models, table.model_count, table.model_size);
   if (!params)
      return tl::unexpected(params.error());
   if (!outputs)
      return tl::unexpected(outputs.error());
   if (!models)
      return tl::unexpected(models.error());
   made.params = std::move(*params);
   made.outputs = std::move(*outputs);
   made.models = std::move(*models);
   table.params = made.params.data();
   table.outputs = made.outputs.data();
   table.models = made.models.data();
   return {};
}

} // namespace

void visit_texts(const plugin &guest,
                 const std::function<void(const std::string &what, const char *text)> &visit) {
   const auto given = [&visit](const std::string &what, const char *text) {
      if (text)
         visit(what, text);
   };
   const giflab_plugin &table = guest.table;
   given("id", table.id), given("label", table.label), given("version", table.version);
   given("vendor", table.vendor), given("license", table.license), given("url", table.url);
   given("help", table.help);
   for (const giflab_param &param : guest.params) {
      const std::string of = fmt::format(" of parameter {}", param.id);
      given("help" + of, param.help), given("unit" + of, param.unit),
          given("initial text" + of, param.initial_text);
      for (const char *const *choice = param.kind == GIFLAB_CHOICE ? param.choices : nullptr; choice && *choice;
           ++choice)
         given("choice" + of, *choice);
   }
   for (const giflab_output &output : guest.outputs) {
      const std::string of = fmt::format(" of output {}", output.id);
      given("help" + of, output.help), given("unit" + of, output.unit);
   }
   for (const giflab_model_source &model : guest.models) {
      given("id of a model", model.id), given("hash of a model", model.sha256);
      given("origin of a model", model.origin), given("licence of a model", model.license);
   }
   for (const char *const *id = table.needs; id && *id; ++id)
      given("need", *id);
   if (table.encoder)
      given("extension", table.encoder->extension);
}

std::size_t count_of_choices(const giflab_param &param) {
   std::size_t count = 0;
   while (param.choices[count])
      ++count;
   return count;
}

result<void> check_entry(const giflab_module &entry) {
   if (entry.magic != GIFLAB_MAGIC)
      return rejected(
          fmt::format("giflab_module_entry does not begin with the magic number 0x{:X} but with 0x{:X}: "
                      "it is no giflab module table (rule A1)",
                      GIFLAB_MAGIC, entry.magic));
   if (entry.abi_major != GIFLAB_ABI_MAJOR)
      return rejected(
          fmt::format("it was built for plugin ABI {}.{}, this giflab has {}.{}: rebuild it (rule A2)",
                      entry.abi_major, entry.abi_minor, GIFLAB_ABI_MAJOR, GIFLAB_ABI_MINOR));
   if (entry.abi_minor > GIFLAB_ABI_MINOR)
      return rejected(fmt::format("it needs host ABI {}.{}, this is {}.{}: use a newer giflab (rule A2)",
                                  entry.abi_major, entry.abi_minor, GIFLAB_ABI_MAJOR, GIFLAB_ABI_MINOR));
   if (entry.size < first_module_size || entry.size > largest_table)
      return rejected(
          fmt::format("the size of its module table is {}, which cannot be right (rule A4)", entry.size));
   if (!tail_is_zero(&entry, sizeof(giflab_module), entry.size))
      return rejected("its module table uses fields newer than this host: it needs a newer giflab (rule A4)");
   if (entry.plugin_count == 0 || !entry.plugins)
      return rejected("its module table lists no plugin (rule D01)");
   if (entry.plugin_count > largest_count)
      return rejected(
          fmt::format("its module table lists {} plugins, more than the {} that there may be (rule D01)",
                      entry.plugin_count, largest_count));
   return {};
}

result<std::unique_ptr<plugin>> read_plugin(const giflab_plugin *given) {
   if (!given)
      return rejected("its table is NULL (rule D01)");
   if (given->size < first_plugin_size || given->size > largest_table)
      return rejected(
          fmt::format("the size of its table is {}, less than ABI 1.0 has ({}) or too large (rule A4)",
                      given->size, first_plugin_size));
   auto made = std::make_unique<plugin>();
   if (!copy_known(&made->table, sizeof(giflab_plugin), given, given->size))
      return rejected("it uses fields newer than this host: it needs a newer giflab (rule A4)");
   if (auto checked = check_texts(made->table); !checked)
      return tl::unexpected(checked.error());
   if (auto checked = check_numbers(made->table); !checked)
      return tl::unexpected(checked.error());
   if (auto copied = copy_lists(*made); !copied)
      return tl::unexpected(copied.error());
   if (auto checked = check_kind(made->table); !checked)
      return tl::unexpected(checked.error());
   if (auto checked = check_lists(*made); !checked)
      return tl::unexpected(checked.error());
   if (auto checked = check_encoding(*made); !checked)
      return tl::unexpected(checked.error());
   return made;
}

} // namespace giflab::modules
