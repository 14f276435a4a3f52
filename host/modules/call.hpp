#pragma once
// The host's side of a plugin call: the tables that a plugin is handed, and what it said through them.

#include "services/arena.hpp"
#include "services/cancellation.hpp"
#include "services/task_pool.hpp"

#include <giflab/plugin.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <vector>

namespace giflab::modules {

// The one host table of the process.
const giflab_host &host_table();

// What calls borrow from the run. All outlive the call; `pool` may be null: then tasks run on the caller.
struct borrowed_services {
   services::arena *arena = nullptr;
   const services::cancellation *cancelled = nullptr;
   services::task_pool *pool = nullptr;
};

// One invocation of a plugin, with room for pairs x outputs scores. Lives on the stack of the worker.
class call_context {
 public:
   call_context(borrowed_services services, uint32_t pairs, uint32_t outputs, uint64_t seed);
   call_context(const call_context &) = delete;
   call_context &operator=(const call_context &) = delete;

   const giflab_call *table() const { return &base_.table; }

   // Runs `entry` of a plugin behind a catch-all (rule B4). The status comes back with breaches of the
   // contract folded in: an OK call that scored what is not there is GIFLAB_INTERNAL.
   giflab_status run(const std::function<giflab_status()> &entry);

   // What the plugin, or the host on its behalf, said of a failure; may be empty.
   const std::string &text() const { return text_; }

   // [pair * outputs + output]; NaN where nothing was scored or the plugin said so.
   std::span<const double> scores() const { return scores_; }
   bool scored(uint32_t pair, uint32_t output) const;

 private:
   friend struct call_functions;

   // The table comes first in a standard-layout struct, so that the pointer a plugin holds leads back here.
   struct base {
      giflab_call table;
      call_context *self;
   };
   void breach(std::string text); // the first one counts

   base base_;
   borrowed_services services_;
   uint32_t pairs_, outputs_;
   std::vector<double> scores_;
   std::vector<unsigned char> seen_; // 1 once scored; accessed atomically
   std::mutex mutex_;
   std::string text_;
   std::atomic<bool> breached_{false};
};

// The threads that a call may use; null if it has only its own.
services::task_pool *call_pool(const giflab_call *call);

// A word for a status: "invalid", "no memory", ...
const char *status_name(giflab_status status);

} // namespace giflab::modules
