#include "cli/workshop.hpp"

#include "services/memory_usage.hpp"
#include "workers/worker.hpp"

#include <algorithm>
#include <unistd.h>

namespace giflab::cli {

namespace {

using config::setting;

// Under a limit of memory no more workers are begun than have this much each.
constexpr uint64_t least_memory_mb = 150;

workers::set_up_request set_up_of(const config::settings &settings) {
   workers::set_up_request wanted;
   for (const config::setting_definition &one : config::setting_definitions())
      if (one.kind != config::setting_kind::paths)
         wanted.settings.push_back({std::string(one.name), settings.text(one.id), settings.origin(one.id)});
   wanted.model_folders = settings.paths(setting::model_path);
   wanted.threads = thread_count(settings);
   wanted.memory_mb = static_cast<uint64_t>(settings.integer(setting::max_memory_mb));
   return wanted;
}

// In a worker: the machine of a command whose settings are these.
result<std::unique_ptr<engine::machine>> machine_of(const workers::set_up_request &wanted) {
   config::settings settings;
   for (const config::assignment &one : wanted.settings)
      if (auto set = settings.set(one.name, one.text, one.origin); !set)
         return tl::unexpected(set.error());
   settings.prepend_paths(setting::model_path, wanted.model_folders, "supervisor");
   if (auto set = settings.set("max_memory_mb", std::to_string(wanted.memory_mb), "supervisor"); !set)
      return tl::unexpected(set.error());
   apply_log_level(settings);
   return machine_for(settings, wanted.threads);
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
   made.memory_mb_ = static_cast<uint64_t>(settings.integer(setting::max_memory_mb));
   made.shares_device_ = may_have_device(settings);
   if (options.in_process) {
      auto machine = machine_for(settings, made.threads_);
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
   made.supervisor_->prepare(1, made.threads_, made.memory_mb_); // it settles while this process looks around
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
   std::size_t at_once = std::clamp<std::size_t>(jobs, 1, threads_);
   uint64_t memory_mb = 0; // of each: what this process itself leaves of the limit
   if (memory_mb_ > 0) {
      const uint64_t own_mb = services::resident_bytes() >> 20;
      const uint64_t left = memory_mb_ > own_mb ? memory_mb_ - own_mb : 1;
      at_once = std::clamp<std::size_t>(left / least_memory_mb, 1, at_once);
      memory_mb = std::max<uint64_t>(left / at_once, 1);
   }
   supervisor_->prepare(at_once, (threads_ + at_once - 1) / at_once, memory_mb);
   return at_once;
}

int become_worker(int argc, const char *const *argv) {
   const result<int> lived = workers::work(argc, argv, machine_of);
   return lived ? *lived : report(lived.error());
}

} // namespace giflab::cli
