#pragma once
// A host that watches: it gives a plugin all that giflab gives, notes what the plugin does with it, and fails
// on demand.

#include "media/picture.hpp"
#include "modules/plugin.hpp"

#include <giflab/plugin.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <sys/types.h>
#include <vector>

namespace giflab::validator {

inline constexpr uint64_t never = std::numeric_limits<uint64_t>::max();

// How a host behaves. Requests are counted from 1 over the host's life; `never` is never reached.
struct host_conduct {
   uint32_t level = 2;
   uint64_t seed = 1;
   uint64_t scratch_fails_from = never;  // this request for scratch and all later ones give NULL
   uint64_t scratch_fails_at = never;    // this one alone does
   uint64_t cancelled_from_poll = never; // this poll and all later ones say yes
   std::set<std::string> withheld;       // ids of services that query() does not know
   bool grown = false;                   // tables are longer, as those of a later minor version

   // giflab.tasks/1: how bodies are run. `failing` runs the first half, then fails with NO_MEMORY.
   enum class task_order { forward, backward, parallel, failing };
   task_order tasks = task_order::forward;
   uint32_t lanes = 1; // threads behind `parallel`; lanes() says so in every order

   // giflab.models/1, giflab.files/1, giflab.processes/1: what goes wrong.
   enum class model_fault { none, missing, damaged, cancelled };
   model_fault models = model_fault::none;
   bool quota_spent = false;
   std::string folder_name = "files"; // of the folder that temporary files are in; any bytes but '/' and NUL
   enum class process_fault { none, missing, exits_1, dies, timed_out, floods };
   process_fault processes = process_fault::none;

   bool timed = false; // takes the time between polls, at the price of a system call for each
   bool warm_scratch =
       false; // scratch comes from memory that was used before, as in giflab; one call at a time

   std::string folder; // where that folder is made; empty: neither files nor processes
   std::vector<std::string> model_folders;
};

// A breach of the contract that the host saw, under the check that it belongs to.
struct breach {
   const char *check; // "S13"
   std::string text;
};

// What was seen so far, over all calls.
struct observations {
   std::vector<breach> breaches;
   uint64_t polls = 0;
   // Processor time of the calling thread, while timed: between two polls or ends of a call, and from a call's
   // first poll that said yes to its end.
   std::chrono::nanoseconds longest_unpolled{0}, longest_after_cancel{0};
   uint64_t scratch_requests = 0;
   std::size_t scratch_peak = 0; // bytes, of one call
   int64_t models_held = 0, objects_held = 0;
   std::map<std::string, uint64_t> queries; // how often each service was asked for
   uint64_t processes_run = 0, paths_given = 0;

   const breach *breach_of(const char *check) const; // the first; null if there is none
};

// One call as the host sees it while it lasts and afterwards.
class watched_call;

class test_host {
 public:
   struct tables;
   struct host_table;
   test_host(const modules::plugin &guest, host_conduct conduct);
   ~test_host();
   test_host(const test_host &) = delete;
   test_host &operator=(const test_host &) = delete;

   const modules::plugin &guest() const { return guest_; }
   const host_conduct &conduct() const { return conduct_; }
   observations seen() const;

   // From now on nothing fails by way of scratch, and no poll says yes: the same instance in better days.
   void relent() { relented_ = true; }
   bool relented() const { return relented_; }

   // Only the first of each check is kept. Any thread.
   void note_breach(const char *check, std::string text);

 private:
   friend struct host_functions;
   const modules::plugin &guest_;
   host_conduct conduct_;
   mutable std::mutex mutex_;
   observations seen_;
   std::atomic<bool> relented_{false};
   std::unique_ptr<tables> tables_;
};

// A call in progress. Lives on the stack of the thread that calls the plugin; its scratch is unmapped with it.
class watched_call {
 public:
   // `what` is whom to blame if the process dies: "measure, 31x33, pairs 0 to 3".
   watched_call(test_host &host, uint32_t pairs, const std::string &what);
   ~watched_call();
   watched_call(const watched_call &) = delete;
   watched_call &operator=(const watched_call &) = delete;

   struct state;
   struct call_table;
   const giflab_call *table() const;

   // While it lives, time is the host's and not the plugin's.
   class time_of_host {
    public:
      explicit time_of_host(watched_call &call);
      ~time_of_host();
      time_of_host(const time_of_host &) = delete;
      time_of_host &operator=(const time_of_host &) = delete;

    private:
      watched_call &call_;
      std::chrono::nanoseconds began_;
   };

   // Ends the call: what it said afterwards counts as a breach. Exceptions are for the caller to catch.
   void returned(giflab_status status);

   const std::string &text() const;
   // [pair * outputs + output]; NaN where nothing was scored. times_scored says how often each was.
   const std::vector<double> &scores() const;
   const std::vector<uint32_t> &times_scored() const;

 private:
   friend struct host_functions;
   std::unique_ptr<state> state_;
};

} // namespace giflab::validator
