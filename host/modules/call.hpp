#pragma once
// The host's side of a plugin call: the tables that a plugin is handed, and what it said through them.

#include "error.hpp"
#include "services/arena.hpp"
#include "services/blob_cache.hpp"
#include "services/cancellation.hpp"
#include "services/memory_governor.hpp"
#include "services/profile.hpp"
#include "services/sandbox.hpp"
#include "services/task_pool.hpp"

#include <giflab/plugin.h>

#include <atomic>
#include <filesystem>
#include <forward_list>
#include <functional>
#include <memory>
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
   services::memory_governor *memory = nullptr; // programs end that carry it over its limit
   services::blob_cache *blobs = nullptr;
   const std::string *blob_space = nullptr; // what keys of blobs are private to; null: nothing is found or kept
   device::lane *lane = nullptr;            // where the call's pictures are on a device
   const plugin *caller = nullptr;          // its declared models, and no others, may be acquired
   services::profile *profile = nullptr;
};

// What a call is, for whoever has to tell of a crash in it.
struct call_subject {
   const char *plugin = nullptr; // its id; null: nobody is told of the call
   const char *entry = nullptr;  // "measure"
   int64_t frame = -1;           // the first pair or picture that it is about; -1: it is about none
   uint32_t frames = 0;          // and how many there are from it to the last
};

// Is told of the calls of this process as they begin and end, on the thread that makes them. Calls of one
// thread do not nest.
class call_observer {
 public:
   virtual void begins(const call_subject &call) noexcept = 0;
   virtual void ends() noexcept = 0;

 protected:
   ~call_observer() = default;
};

// Set once, before the first call; it must outlive the last. Null: nobody.
void observe_calls(call_observer *observer);

// One invocation of a plugin, with room for pairs x outputs scores. Lives on the stack of the worker.
class call_context {
 public:
   call_context(borrowed_services services, uint32_t pairs, uint32_t outputs, uint64_t seed);
   call_context(const call_context &) = delete;
   call_context &operator=(const call_context &) = delete;

   const giflab_call *table() const { return &base_.table; }

   // Said before run(), which tells the observer. Texts outlive the call.
   void about(const call_subject &subject) { subject_ = subject; }

   // Runs `entry` of a plugin behind a catch-all (rule B4). The status comes back with breaches of the
   // contract folded in: an OK call that scored what is not there is GIFLAB_INTERNAL. `noted_as`: the
   // stage that its time counts for.
   giflab_status run(const std::function<giflab_status()> &entry,
                     services::stage noted_as = services::stage::plugin);

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
   // The same of a blob that others may have, too; gives its bytes.
   const char *hold(std::shared_ptr<const std::string> blob);

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
   call_subject subject_;
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
   std::forward_list<std::shared_ptr<const std::string>> held_;
};

// The context behind a call's table.
call_context &context_of(const giflab_call *call);

// A word for a status: "invalid", "no memory", ...
const char *status_name(giflab_status status);

} // namespace giflab::modules
