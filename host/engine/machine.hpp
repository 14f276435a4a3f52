#pragma once
// What comparisons run on: threads, memory and the wish to stop, shared by all of one process.

#include "device/lazy_device.hpp"
#include "engine/memory_share.hpp"
#include "media/picture.hpp"
#include "modules/call.hpp"
#include "modules/model_registry.hpp"
#include "modules/processes.hpp"
#include "services/admission.hpp"
#include "services/arena.hpp"
#include "services/blob_cache.hpp"
#include "services/cancellation.hpp"
#include "services/memory_governor.hpp"
#include "services/profile.hpp"
#include "services/sandbox.hpp"
#include "services/task_pool.hpp"

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace giflab::engine {

class result_cache;

// What plugins may have besides threads, and how much memory there is.
struct lending {
   memory_share memory;         // of this process and everything below it; no limit: what there is
   bool memory_mapping = false; // what is kept of an original may lie in a temporary file
   std::vector<std::string> model_folders;
   modules::model_caching model_caching;
   modules::process_policy programs;
   std::shared_ptr<device::lazy_device> device; // null: there is none, or it is not wanted
   std::shared_ptr<result_cache> results;       // null: nothing is looked up and nothing kept
   std::filesystem::path temporary_folder; // where the private folder is made; empty: where the system says
};

class original_store;

class machine {
 public:
   // `threads` is 1 or more. `cancelled` must outlive the machine.
   machine(std::size_t threads, const services::cancellation &cancelled, lending lent = {});
   ~machine();

   services::task_pool &threads() { return threads_; }
   services::block_pool &pixels() { return pixels_; }
   const services::cancellation &cancelled() const { return *cancelled_; }
   services::memory_governor &memory() { return governor_; }

   // What pictures and calls may take beside one another; whoever takes some asks here.
   services::admission &memory_promises() { return promises_; }

   // What may be taken, what of it was held before the first picture, and who says so. Nothing where there is
   // no limit but the machine's own.
   struct memory_bound {
      memory_share share;
      std::size_t held;
      std::string set_by; // "GIFLAB_MAX_MEMORY_MB"
   };
   const std::optional<memory_bound> &bound() const { return bound_; }

   // Null if there is none.
   result_cache *results() const { return results_.get(); }

   // Where the time of what runs here is noted; null if nobody asked. Said before anything runs; outlives the
   // machine.
   services::profile *profile() const { return profile_; }
   void note_times_in(services::profile *profile) { profile_ = profile; }

   // Null if there is none.
   device::lazy_device *device() const { return device_.get(); }

   // What is kept of an original for its next candidate.
   original_store &originals() { return *originals_; }

   // Seconds of work that the processor was given so far though a device could have done it.
   double spent_beside_device() const;
   void spend_beside_device(double seconds);

   // What a call of a plugin may borrow besides an arena and threads: models, temporary files, programs, and
   // the wish to stop.
   modules::borrowed_services lent_to(const modules::plugin &caller);

   // Where temporary files of calls lie; empty as long as there were none.
   std::filesystem::path private_folder() const { return files_.path(); }

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

   // A lane of the device for the length of one call, or nothing. As many exist as calls ever ran there at
   // once.
   class borrowed_lane {
    public:
      borrowed_lane() = default;
      borrowed_lane(machine &owner, std::unique_ptr<device::lane> lane)
          : owner_(&owner), lane_(std::move(lane)) {}
      ~borrowed_lane();
      borrowed_lane(borrowed_lane &&) = default;
      borrowed_lane &operator=(borrowed_lane &&) = delete;
      device::lane *get() const { return lane_.get(); }

    private:
      machine *owner_ = nullptr;
      std::unique_ptr<device::lane> lane_;
   };

   // Opens the device if it is not open, and makes its context current on this thread. Only where device() is
   // not null.
   result<borrowed_lane> borrow_lane();

 private:
   std::size_t let_go(services::memory_level level);

   const services::cancellation *cancelled_;
   services::profile *profile_ = nullptr;
   const std::optional<memory_bound> bound_;
   services::memory_governor governor_;
   services::admission promises_;
   services::block_pool pixels_;
   std::unique_ptr<original_store> originals_;
   std::shared_ptr<device::lazy_device> device_;
   std::shared_ptr<result_cache> results_;
   services::blob_cache blobs_;
   mutable std::mutex mutex_;
   double spent_beside_device_ = 0;
   std::vector<std::unique_ptr<device::lane>> lanes_;     // idle
   std::vector<std::unique_ptr<services::arena>> arenas_; // idle; the last used on top, its pages still warm
   modules::process_policy programs_;
   services::sandbox files_;
   modules::model_registry models_;
   services::task_pool threads_; // so late, that it stops before what its tasks use goes
   services::memory_governor::ticket relief_;
};

} // namespace giflab::engine
