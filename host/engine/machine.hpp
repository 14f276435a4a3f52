#pragma once
// What comparisons run on: threads, memory and the wish to stop, shared by all of one process.

#include "media/picture.hpp"
#include "modules/call.hpp"
#include "modules/model_registry.hpp"
#include "modules/processes.hpp"
#include "services/arena.hpp"
#include "services/cancellation.hpp"
#include "services/sandbox.hpp"
#include "services/task_pool.hpp"

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace giflab::engine {

// What plugins may have besides threads and memory.
struct lending {
   std::vector<std::string> model_folders;
   modules::model_caching model_caching;
   modules::process_policy programs;
};

class machine {
 public:
   // `threads` is 1 or more. `cancelled` must outlive the machine.
   machine(std::size_t threads, const services::cancellation &cancelled, lending lent = {});

   services::task_pool &threads() { return threads_; }
   services::block_pool &pixels() { return pixels_; }
   const services::cancellation &cancelled() const { return *cancelled_; }

   // What a call of a plugin may borrow besides an arena and threads: models, temporary files, programs, and
   // the wish to stop.
   modules::borrowed_services lent_to(const modules::plugin &caller);

   // An arena for the length of one call; as many exist as calls ever ran at once.
   class borrowed_arena {
    public:
      explicit borrowed_arena(machine &owner);
      ~borrowed_arena();
      borrowed_arena(const borrowed_arena &) = delete;
      borrowed_arena &operator=(const borrowed_arena &) = delete;
      services::arena *get() const { return arena_.get(); }

    private:
      machine &owner_;
      std::unique_ptr<services::arena> arena_;
   };

 private:
   const services::cancellation *cancelled_;
   services::block_pool pixels_;
   std::mutex mutex_;
   std::vector<std::unique_ptr<services::arena>> arenas_; // idle; the last used on top, its pages still warm
   modules::process_policy programs_;
   services::sandbox files_;
   modules::model_registry models_;
   services::task_pool threads_; // last, so that it stops before what its tasks use goes
};

} // namespace giflab::engine
