#include "cli/workshop.hpp"

#include "services/memory_usage.hpp"
#include "workers/worker.hpp"

#include <algorithm>
#include <unistd.h>

namespace giflab::cli {

namespace {

using config::setting;

workers::set_up_request set_up_of(const config::settings &settings) {
   workers::set_up_request wanted;
   for (const config::setting_definition &one : config::setting_definitions())
      if (one.kind != config::setting_kind::paths)
         wanted.settings.push_back({std::string(one.name), settings.text(one.id), settings.origin(one.id)});
   wanted.model_folders = settings.paths(setting::model_path);
   wanted.threads = thread_count(settings);
   wanted.memory = whole_memory(settings);
   return wanted;
}

// In a worker: the machine of a command whose settings are these.
result<std::unique_ptr<engine::machine>> machine_of(const workers::set_up_request &wanted) {
   config::settings settings;
   for (const config::assignment &one : wanted.settings)
      if (auto set = settings.set(one.name, one.text, one.origin); !set)
         return tl::unexpected(set.error());
   settings.prepend_paths(setting::model_path, wanted.model_folders, "supervisor");
   apply_log_level(settings);
   return machine_for(settings, wanted.threads, wanted.memory);
}

// A driver leaves its device files there. What they are good for is asked of it by workers alone.
bool may_have_device(const config::settings &settings) {
   return settings.device().cuda && device::built_with_cuda() &&
          (access("/dev/nvidiactl", F_OK) == 0 || access("/dev/dxg", F_OK) == 0);
}

} // namespace

void add_workshop_options(CLI::App &command, workshop_options &options) {
   command
       .add_flag("--in-process", options.in_process,
                 "Call plugins in this process, for a debugger: what crashes them ends giflab")
       ->group("Processes");
   command.add_flag("--keep-core", options.keep_core, "Worker processes that crash may leave a core file")
       ->group("Processes");
}

result<opened_workshop> opened_workshop::open(const config::settings &settings, const common_options &common,
                                              const workshop_options &options) {
   opened_workshop made;
   made.threads_ = thread_count(settings);
   made.memory_ = whole_memory(settings);
   made.shares_device_ = may_have_device(settings);
   if (options.in_process) {
      auto machine = machine_for(settings, made.threads_, made.memory_);
      auto found = machine ? find_plugins(settings, common) : tl::unexpected(machine.error());
      if (!found)
         return tl::unexpected(found.error());
      made.machine_ = std::move(*machine);
      made.local_ = std::make_unique<engine::local_workshop>(*made.machine_);
      made.found_ = std::move(*found);
      return made;
   }
   made.machine_ = std::make_unique<engine::machine>(1, stop_on_signals());
   workers::supervisor_options how;
   how.set_up = set_up_of(settings);
   how.temporary_folder = settings.text(setting::temp_dir);
   how.start.life = become_worker;
   how.start.keep_core = options.keep_core;
   made.supervisor_ = std::make_unique<workers::supervisor>(std::move(how), stop_on_signals());
   made.supervisor_->prepare(1, made.threads_, made.memory_); // it settles while this process looks around
   auto found = made.supervisor_->scan(modules::search_path(settings.paths(setting::plugin_path)),
                                       common.plugin_folders.size());
   if (!found)
      return tl::unexpected(found.error());
   made.found_ = std::move(*found);
   return made;
}

engine::readiness_register opened_workshop::readiness() {
   return engine::readiness_register(
       [&shop = shop()](const modules::plugin &asked) { return shop.probe(asked); });
}

std::size_t opened_workshop::share(std::size_t jobs) {
   // Workers on one device would open it once each, and share its memory blindly.
   if (in_process() || shares_device_)
      return 1;
   memory_.others = services::resident_bytes();
   memory_.most = std::clamp<std::size_t>(jobs, 1, threads_);
   const std::size_t at_once = memory_.at_once();
   supervisor_->prepare(at_once, (threads_ + at_once - 1) / at_once, memory_);
   return at_once;
}

int become_worker(int argc, const char *const *argv) {
   const result<int> lived = workers::work(argc, argv, machine_of);
   return lived ? *lived : report(lived.error());
}

} // namespace giflab::cli
