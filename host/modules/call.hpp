#pragma once
// The host's side of a plugin call: the tables that a plugin is handed, and what it said through them.

#include "error.hpp"
#include "services/arena.hpp"
#include "services/cancellation.hpp"
#include "services/sandbox.hpp"
#include "services/task_pool.hpp"

#include <giflab/plugin.h>

#include <atomic>
#include <filesystem>
#include <forward_list>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace giflab::device {
class lane;
}

namespace giflab::modules {

class model_registry;
struct plugin;
struct process_policy;

// The one host table of the process.
const giflab_host &host_table();

// What calls borrow from the run. All outlive the call, and any may be null: without `pool` tasks run on the
// caller, without the others their service refuses.
struct borrowed_services {
   services::arena *arena = nullptr;
   const services::cancellation *cancelled = nullptr;
   services::task_pool *pool = nullptr;
   model_registry *models = nullptr;
   services::sandbox *files = nullptr;
   const process_policy *programs = nullptr;
   device::lane *lane = nullptr;   // where the call's pictures are on a device
   const plugin *caller = nullptr; // its declared models, and no others, may be acquired
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

   // ---- For the tables of services. Any thread.

   const borrowed_services &services() const { return services_; }

   // Remembers why a service said no, and returns `status`. Where the call fails, the last such reason is
   // what the user is told, behind what the plugin itself says of a failure of the same status.
   giflab_status refuse(giflab_status status, std::string text);

   // Processor time that other threads spent on tasks of this call.
   void add_seconds_of_helpers(double seconds) { seconds_of_helpers_.fetch_add(seconds); }
   double seconds_of_helpers() const { return seconds_of_helpers_.load(); }

   // The private folder of this call, made when first asked for and gone when run() returns.
   result<std::filesystem::path> folder();
   // A path in it where nothing is yet.
   result<std::string> temporary(std::string_view suffix);

   // Lends a text until the call ends.
   const char *lend(std::string text);

 private:
   friend struct call_functions;

   // The table comes first in a standard-layout struct, so that the pointer a plugin holds leads back here.
   struct base {
      giflab_call table;
      call_context *self;
   };
   void breach(std::string text); // the first one counts
   result<services::sandbox::call_folder *> open_folder();
   void end(giflab_status status);

   base base_;
   borrowed_services services_;
   uint32_t pairs_, outputs_;
   std::vector<double> scores_;
   std::vector<unsigned char> seen_; // 1 once scored; accessed atomically
   std::mutex mutex_;
   std::string text_;
   std::atomic<bool> breached_{false};
   std::atomic<double> seconds_of_helpers_{0};
   std::pair<giflab_status, std::string> refusal_;
   std::optional<services::sandbox::call_folder> folder_;
   std::forward_list<std::string> lent_;
};

// The context behind a call's table.
call_context &context_of(const giflab_call *call);

// A word for a status: "invalid", "no memory", ...
const char *status_name(giflab_status status);

} // namespace giflab::modules
