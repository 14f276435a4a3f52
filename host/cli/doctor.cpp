// giflab doctor

#include "cli/workshop.hpp"
#include "config/printable.hpp"
#include "device/device.hpp"
#include "device/probe.hpp"
#include "engine/selection.hpp"
#include "services/supervised_process.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <thread>

namespace giflab::cli {

namespace {

std::string line(bool available, const std::string &what, const std::string &detail) {
   return fmt::format("  {:<4} {:<26} {}\n", available ? "yes" : "no", what, detail);
}

std::string machine_lines() {
   const device::probe_result cuda = device::probe();
   std::string text = "This machine\n";
   text += line(true, "processor", fmt::format("{} threads", std::thread::hardware_concurrency()));
   if (!cuda.absence.empty())
      return text + line(false, "CUDA device", cuda.absence);
   for (std::size_t i = 0; i < cuda.devices.size(); ++i)
      text += line(device::built_with_cuda(), fmt::format("CUDA device cuda:{}", i),
                   fmt::format("{}, driver for CUDA {}{}", cuda.devices[i], cuda.driver,
                               device::built_with_cuda() ? "" : "; this giflab was built without CUDA"));
   return text;
}

std::string tool_lines() {
   const std::string gifsicle = services::find_program("gifsicle").value_or("").string();
   return "\nTools\n" + line(!gifsicle.empty(), "gifsicle",
                             gifsicle.empty()
                                 ? "not on PATH; tools/quickstart compresses with it: apt install gifsicle"
                                 : gifsicle);
}

// What `process` can use; of a tool behind it, its version.
std::string processing_lines(opened_workshop &workshop) {
   std::string text;
   for (const auto &one : workshop.found().plugins()) {
      if (one->is_metric())
         continue;
      const engine::readiness ready = workshop.shop().probe(*one);
      const std::string detail = ready.fingerprint.empty() ? one->home->path : ready.fingerprint;
      text +=
          line(ready.unavailable.empty(), one->id(), ready.unavailable.empty() ? detail : ready.unavailable);
   }
   return text;
}

result<std::string> plugin_lines(opened_workshop &workshop) {
   const modules::catalogue &found = workshop.found();
   std::string text = "\nPlugins\n";
   if (found.plugins().empty())
      return text + line(false, "none found", "giflab plugins --all tells where they were looked for");
   auto plan = engine::select_metrics(
       found, {"all"}, {}, [&](const modules::plugin &asked) { return workshop.shop().probe(asked); });
   if (!plan)
      return tl::unexpected(plan.error());
   for (const engine::planned_metric &metric : *plan)
      text += line(metric.unavailable.empty(), metric.plugin->id(),
                   metric.unavailable.empty() ? metric.plugin->home->path : metric.unavailable);
   text += "\nFilters and encoders\n" + processing_lines(workshop);
   if (!found.rejected().empty())
      text += "\nTurned away\n";
   for (const modules::rejection &one : found.rejected())
      text += line(false, one.plugin.empty() ? std::filesystem::path(one.path).filename().string() : one.plugin,
                   one.reason);
   return text;
}

result<int> run(const common_options &options) {
   auto settings = resolve_settings(options);
   if (!settings)
      return tl::unexpected(settings.error());
   auto workshop = opened_workshop::open(*settings, options, {});
   if (!workshop)
      return tl::unexpected(workshop.error());
   auto plugins = plugin_lines(*workshop);
   if (!plugins)
      return tl::unexpected(plugins.error());
   if (stop_on_signals().requested()) // what was asked after that said nothing
      return failed(problem::cancelled, "stopped on request");
   return print(
       fmt::format("giflab {}, plugin ABI {}.{}\n\n", GIFLAB_VERSION, GIFLAB_ABI_MAJOR, GIFLAB_ABI_MINOR) +
       machine_lines() + tool_lines() + config::printable_lines(*plugins));
}

} // namespace

command add_doctor(CLI::App &app) {
   auto options = std::make_shared<common_options>();
   CLI::App *parser = app.add_subcommand("doctor", "Tell what is available here, what is not, and why");
   add_common_options(*parser, *options);
   return {parser, [options] {
              const result<int> outcome = run(*options);
              return outcome ? *outcome : report(outcome.error());
           }};
}

} // namespace giflab::cli
