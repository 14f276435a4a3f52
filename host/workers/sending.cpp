#include "workers/sending.hpp"

#include "workers/descriptors.hpp"

#include <fmt/format.h>

namespace giflab::workers {

plugin_name name_of(const modules::plugin &plugin, bool trusted) {
   return {plugin.id(), plugin.home->path, trusted, digest_of(plugin)};
}

namespace {

std::vector<sent_value> sent(const std::vector<giflab_value> &values) {
   std::vector<sent_value> all;
   all.reserve(values.size());
   for (const giflab_value &value : values)
      all.push_back({value.number, value.text ? std::optional<std::string>(value.text) : std::nullopt});
   return all;
}

sent_step sent(const engine::pipeline_step &step, places &where) {
   return {name_of(*step.plugin, where.of(*step.plugin).trusted), sent(step.parameters.values),
           step.fingerprint};
}

// The page holds the beginning of a long id.
bool is_called(const modules::plugin &plugin, const std::string &noted) {
   const std::string id = plugin.id();
   return id == noted || (noted.size() + 1 == sizeof(call_slot::plugin) && id.starts_with(noted));
}

std::string place_of(const blamed_call &call) {
   if (call.frames == 0)
      return {};
   if (call.frames == 1)
      return fmt::format(" at frame {}", call.frame);
   return fmt::format(" at one of frames {} to {}", call.frame, call.frame + call.frames - 1);
}

} // namespace

sent_metric sent(const engine::planned_metric &metric, bool trusted) {
   return {name_of(*metric.plugin, trusted), sent(metric.values), metric.columns, metric.unavailable,
           metric.fingerprint};
}

std::vector<sent_stage> sent(const std::vector<engine::pipeline_stage> &stages, places &where) {
   std::vector<sent_stage> all;
   for (const engine::pipeline_stage &stage : stages) {
      sent_stage &made = all.emplace_back();
      for (const engine::pipeline_step &filter : stage.filters)
         made.filters.push_back(sent(filter, where));
      made.encoder = sent(stage.encoder, where);
   }
   return all;
}

bool is_blamed(const death &dead, const modules::plugin &plugin) {
   if (!dead.told.loading.empty() && dead.told.loading == plugin.home->path)
      return true;
   for (const blamed_call &call : dead.told.calls)
      if (is_called(plugin, call.plugin))
         return true;
   return false;
}

std::string reason_of(const death &dead, const std::string &plugin) {
   const std::string deed = dead.condemned ? dead.how : "crashed",
                     how = dead.condemned ? std::string() : ", " + dead.how;
   for (const blamed_call &call : dead.told.calls)
      if (plugin.starts_with(call.plugin))
         return fmt::format("{} in {} of {}{}{}", deed, call.entry, plugin, place_of(call), how);
   if (!dead.told.loading.empty())
      return fmt::format("{} as {} was loaded{}", deed, dead.told.loading, how);
   return fmt::format("its process {} outside of any call{}", dead.condemned ? deed : "ended", how);
}

} // namespace giflab::workers
