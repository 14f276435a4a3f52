// giflab doctor

#include "cli/command.hpp"
#include "device/probe.hpp"
#include "engine/selection.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <thread>
#include <unistd.h>

namespace giflab::cli {

namespace {

// Where a tool is on PATH; empty if nowhere.
std::string find_tool(const std::string &name) {
   const char *path = std::getenv("PATH");
   std::string_view rest = path ? path : "";
   while (!rest.empty()) {
      const std::size_t end = rest.find(':');
      const std::string candidate = std::string(rest.substr(0, end)) + "/" + name;
      if (access(candidate.c_str(), X_OK) == 0)
         return candidate;
      rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
   }
   return {};
}

std::string line(bool available, const std::string &what, const std::string &detail) {
   return fmt::format("  {:<4} {:<26} {}\n", available ? "yes" : "no", what, detail);
}

std::string machine_lines() {
   const device::probe_result cuda = device::probe();
   std::string text = "This machine\n";
   text += line(true, "processor", fmt::format("{} threads", std::thread::hardware_concurrency()));
   if (!cuda.absence.empty())
      return text + line(false, "CUDA device", cuda.absence);
   for (const std::string &device : cuda.devices)
      text += line(true, "CUDA device",
                   fmt::format("{}, driver for CUDA {}; this giflab has no CUDA kernels", device, cuda.driver));
   return text;
}

std::string tool_lines() {
   const std::string gifsicle = find_tool("gifsicle");
   return "\nTools\n" + line(!gifsicle.empty(), "gifsicle",
                             gifsicle.empty()
                                 ? "not on PATH; tools/quickstart compresses with it: apt install gifsicle"
                                 : gifsicle);
}

result<std::string> plugin_lines(const modules::catalogue &found) {
   std::string text = "\nPlugins\n";
   if (found.plugins().empty())
      return text + line(false, "none found", "giflab plugins --all tells where they were looked for");
   auto plan = engine::select_metrics(found, {"all"}, {});
   if (!plan)
      return tl::unexpected(plan.error());
   for (const engine::planned_metric &metric : *plan)
      text += line(metric.unavailable.empty(), metric.plugin->id(),
                   metric.unavailable.empty() ? metric.plugin->home->path : metric.unavailable);
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
   auto found = find_plugins(*settings, options);
   if (!found)
      return tl::unexpected(found.error());
   auto plugins = plugin_lines(*found);
   if (!plugins)
      return tl::unexpected(plugins.error());
   return print(
       fmt::format("giflab {}, plugin ABI {}.{}\n\n", GIFLAB_VERSION, GIFLAB_ABI_MAJOR, GIFLAB_ABI_MINOR) +
       machine_lines() + tool_lines() + *plugins);
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
