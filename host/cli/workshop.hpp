#pragma once
// Where the plugins of a command run: in worker processes, or in this one.

#include "cli/command.hpp"
#include "engine/workshop.hpp"
#include "workers/supervisor.hpp"

#include <memory>

namespace giflab::cli {

struct workshop_options {
   bool in_process = false, keep_core = false;
};

// --in-process and --keep-core.
void add_workshop_options(CLI::App &command, workshop_options &options);

// Moves; the parts stay where they are.
class opened_workshop {
 public:
   // Finds the plugins, too.
   static result<opened_workshop> open(const config::settings &settings, const common_options &common,
                                       const workshop_options &options);

   // For work of this process itself. In worker mode it has one thread and lends nothing.
   engine::machine &machine() { return *machine_; }
   engine::workshop &shop() { return supervisor_ ? static_cast<engine::workshop &>(*supervisor_) : *local_; }
   const modules::catalogue &found() const { return found_; }

   engine::readiness_register readiness();

   // So many jobs are to be done, none of which has begun: gives how many of them to do at a time, and shares
   // the threads among them. In this process it is one at a time, on all threads.
   std::size_t share(std::size_t jobs);

   bool in_process() const { return !supervisor_; }

 private:
   std::unique_ptr<engine::machine> machine_;
   std::unique_ptr<engine::local_workshop> local_;
   std::unique_ptr<workers::supervisor> supervisor_;
   modules::catalogue found_;
   std::size_t threads_ = 1;
   engine::memory_share memory_; // of all that works here
   bool shares_device_ = false;
};

// What main() does where this process is to be a worker; gives the exit code.
int become_worker(int argc, const char *const *argv);

} // namespace giflab::cli
