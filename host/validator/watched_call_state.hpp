#pragma once
// What stands behind a watched call, for the host's functions and for its services.

#include "modules/model_registry.hpp"
#include "services/arena.hpp"
#include "services/sandbox.hpp"
#include "validator/test_host.hpp"

#include <deque>
#include <optional>

namespace giflab::validator {

// Members that a later minor version may have added, filled with what must not be used.
struct later_members {
   uint64_t words[8] = {};
};

// The table comes first in these standard-layout structs, so that the pointer a plugin holds leads back to its
// owner.
struct test_host::host_table {
   giflab_host host;
   later_members later;
   test_host *owner;
};
struct watched_call::call_table {
   giflab_call call;
   later_members later;
   watched_call::state *self;
};

struct test_host::tables {
   explicit tables(test_host &owner);

   host_table seen_by_guest{};
   modules::model_registry models;
   std::optional<services::sandbox> files;
   services::arena warm;                               // behind scratch where the conduct asks for it
   std::mutex mutex;                                   // guards retired
   std::deque<std::pair<void *, std::size_t>> retired; // scratch of calls that are over: no access
};

struct watched_call::state {
   call_table seen_by_guest{};
   test_host *host = nullptr;
   uint32_t pairs = 0, outputs = 0;

   std::mutex mutex; // guards all below
   std::string text;
   std::vector<double> scores;
   std::vector<uint32_t> times_scored;
   double progress = 0;
   std::chrono::nanoseconds last_poll{0};
   std::optional<std::chrono::nanoseconds> told_to_stop; // when the first poll said yes
   std::vector<std::pair<void *, std::size_t>> scratch;
   std::size_t scratch_bytes = 0;
   bool refused = false; // a service or a fault spoke for itself
   std::optional<services::sandbox::call_folder> folder;
   std::deque<std::string> lent; // texts that the plugin borrows until the call ends
};

// Leads from the tables that plugins are handed back to what stands behind them.
struct host_functions {
   static watched_call::state &state_of(const giflab_call *call);
   static test_host &owner_of(const giflab_host *host);
   static test_host::tables &tables_of(test_host &host) { return *host.tables_; }
   // Changes what was seen, under its lock.
   template <class Change> static void note(test_host &host, Change &&change) {
      std::lock_guard lock(host.mutex_);
      change(host.seen_);
   }
   // Notes a breach of T05 if this thread is inside no call of the host's making.
   static void check_thread(test_host &host, const char *function);
   static void refuse(watched_call::state &state, const std::string &text);
};

// While it lives, the thread that made it may call the host.
class inside_host {
 public:
   inside_host();
   ~inside_host();
   inside_host(const inside_host &) = delete;
   inside_host &operator=(const inside_host &) = delete;
};

// The service of this id as the host's conduct has it; null if there is none.
const void *watched_service(test_host &host, const std::string &id);

} // namespace giflab::validator
