#include "workers/descriptors.hpp"

#include <xxhash.h>

#include <deque>
#include <map>
#include <mutex>

// In the namespace where C has them, so that they are found.
template <giflab::workers::like<giflab_param> T> void fields(T &value, auto &each) {
   auto &[id, help, unit, kind, flags, lowest, highest, initial, choices, initial_text] = value;
   each(id, help, unit, kind, flags, lowest, highest, initial, choices, initial_text);
}
template <giflab::workers::like<giflab_output> T> void fields(T &value, auto &each) {
   auto &[id, help, unit, lowest, highest, identical, tolerance, direction, level, pool, least_side] = value;
   each(id, help, unit, lowest, highest, identical, tolerance, direction, level, pool, least_side);
}
template <giflab::workers::like<giflab_model_source> T> void fields(T &value, auto &each) {
   auto &[id, sha256, origin, license, size] = value;
   each(id, sha256, origin, license, size);
}

namespace giflab::modules {

template <workers::like<rejection> T> void fields(T &value, auto &each) {
   auto &[path, plugin, reason] = value;
   each(path, plugin, reason);
}

} // namespace giflab::modules

namespace giflab::workers {

namespace {

// What a plugin is, besides its tables.
enum class plugin_kind : uint8_t { metric, filter, encoder, transcoder };

plugin_kind kind_of(const giflab_plugin &table) {
   if (table.metric)
      return plugin_kind::metric;
   if (table.filter)
      return plugin_kind::filter;
   return table.encoder->transcode ? plugin_kind::transcoder : plugin_kind::encoder;
}

giflab_status probe_elsewhere(const giflab_call *, char *, size_t) noexcept { return GIFLAB_INTERNAL; }
giflab_status transcode_elsewhere(void *, const giflab_call *, const char *, const char *) noexcept {
   return GIFLAB_INTERNAL;
}

// The members that are plain values or texts, but for those that say how long something in memory is.
template <like<giflab_plugin> T> void plain_fields(T &table, auto &each) {
   auto &[size, flags, id, label, version, vendor, license, url, help, params, param_count, param_size, outputs,
          output_count, output_size, models, model_count, model_size, needs, inputs, memory, scope, threads,
          determinism, cost, lookback, batch, bytes_per_pixel, reserved, least_width, least_height, metric,
          filter, encoder, probe, create, destroy] = table;
   each(size, flags, id, label, version, vendor, license, url, help, param_count, param_size, output_count,
        output_size, model_count, model_size, needs, inputs, memory, scope, threads, determinism, cost,
        lookback, batch, bytes_per_pixel, reserved, least_width, least_height);
}

void put_plugin(writer &into, const modules::plugin &given) {
   const plugin_kind kind = kind_of(given.table);
   plain_fields(given.table, into);
   into(given.params, given.outputs, given.models, given.home->path, given.home->build, kind,
        given.table.probe != nullptr);
   if (given.table.encoder)
      into(given.table.encoder->extension);
}

void set_kind(giflab_plugin &table, plugin_kind kind, reader &from) {
   static const giflab_metric metric{};
   static const giflab_filter filter{};
   if (kind == plugin_kind::metric)
      table.metric = &metric;
   else if (kind == plugin_kind::filter)
      table.filter = &filter;
   else {
      static auto *encoders = new std::deque<giflab_encoder>; // never emptied, as tables of modules
      giflab_encoder &made = encoders->emplace_back();
      made.extension = from.one<const char *>();
      if (!made.extension)
         throw malformed();
      if (kind == plugin_kind::transcoder)
         made.transcode = transcode_elsewhere;
      table.encoder = &made;
   }
}

using homes = std::map<std::string, const modules::module *>;

const modules::module *home_of(homes &known, std::string path, std::string build) {
   static std::mutex mutex;
   static auto *kept = new std::deque<modules::module>; // never emptied, as those of loaded modules
   const std::lock_guard lock(mutex);
   const modules::module *&home = known[path];
   if (!home)
      home = &kept->emplace_back(modules::module{std::move(path), std::move(build)});
   return home;
}

std::unique_ptr<modules::plugin> get_plugin(reader &from, homes &known) {
   auto made = std::make_unique<modules::plugin>();
   giflab_plugin &table = made->table;
   plain_fields(table, from);
   from(made->params, made->outputs, made->models);
   table.params = made->params.data();
   table.outputs = made->outputs.data();
   table.models = made->models.data();
   auto path = from.one<std::string>();
   made->home = home_of(known, std::move(path), from.one<std::string>());
   const auto kind = from.one<plugin_kind>();
   if (from.one<bool>())
      table.probe = probe_elsewhere;
   set_kind(table, kind, from);
   return made;
}

} // namespace

void put_catalogue(writer &into, const modules::catalogue &found) {
   into(found.folders(), found.rejected(), uint64_t{found.plugins().size()});
   for (const auto &one : found.plugins())
      put_plugin(into, *one);
}

uint64_t digest_of(const modules::plugin &described) {
   writer into;
   put_plugin(into, described);
   const std::string bytes = into.take();
   return XXH3_64bits(bytes.data(), bytes.size());
}

modules::catalogue get_catalogue(reader &from) {
   auto folders = from.one<std::vector<std::string>>();
   auto rejected = from.one<std::vector<modules::rejection>>();
   std::vector<std::unique_ptr<modules::plugin>> plugins;
   homes known;
   for (auto count = from.one<uint64_t>(); count > 0; --count)
      plugins.push_back(get_plugin(from, known));
   return modules::catalogue::described(std::move(folders), std::move(plugins), std::move(rejected));
}

} // namespace giflab::workers
