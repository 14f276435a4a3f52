#pragma once
// Where the time of a run goes: what each thread does, timed. Costs a comparison with null where nobody asked.

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace giflab::services {

// What a thread can be at.
enum class stage {
   finding_plugins,
   choosing_metrics,
   opening,    // of files
   decoding,   // pictures of files, and resizing them
   aligning,   // finding which pictures belong together, without their decoding
   converting, // pictures to the forms that plugins want, or waiting for another who does
   setting_up, // instances of a plugin, with its models
   plugin,     // the other calls of a plugin
   tasks,      // of a plugin's call, on other threads than its own
   waiting,    // for the calls under way, with nothing to do
   pooling,    // values of pairs to values of a clip
   writing,    // results
};
const char *stage_name(stage what);

// What one thread did of one kind. Plain data, which another process may have gathered.
struct stage_total {
   std::string process; // "" for this one
   uint32_t thread = 0; // 1 is the first that was timed
   services::stage stage{};
   std::string subject; // the plugin, or ""
   uint64_t count = 0;
   int64_t whole_ns = 0;   // from begin to end
   int64_t own_ns = 0;     // the same without what was timed inside of it
   int64_t own_cpu_ns = 0; // processor time of the thread meanwhile
};

// One stretch of time, for a trace. The times count from the profile's beginning.
struct traced_span {
   uint32_t thread = 0;
   services::stage stage{};
   std::string_view subject; // lives as long as the profile
   int64_t begin_ns = 0, length_ns = 0;
};

// Any thread may be timed by stage_timer; totals and spans are told at any time, and hold what has ended.
class profile {
 public:
   // Without `tracing` no single spans are kept, of which there are `most_spans` at most.
   explicit profile(bool tracing, std::size_t most_spans = 1'000'000);
   ~profile();
   profile(const profile &) = delete;
   profile &operator=(const profile &) = delete;

   // By thread, stage and subject.
   std::vector<stage_total> totals() const;
   // By thread, in the order in which they began.
   std::vector<traced_span> spans() const;
   // How many more there would have been.
   std::size_t spans_dropped() const;
   // Since it was made.
   int64_t elapsed_ns() const;

   // Takes in what another process gathered.
   void add(const std::string &process, const std::vector<stage_total> &gathered);

 private:
   friend class stage_timer;
   using key = std::pair<stage, std::string>;
   struct sums {
      uint64_t count = 0;
      int64_t whole_ns = 0, own_ns = 0, own_cpu_ns = 0;
   };
   struct lane; // of one thread

   lane &lane_of_this_thread();
   bool takes_span();

   const uint64_t number_; // no two profiles of a process have the same
   const bool tracing_;
   const std::size_t most_spans_;
   const int64_t begun_ns_;
   mutable std::mutex mutex_; // guards all below
   std::deque<std::unique_ptr<lane>> lanes_;
   std::vector<stage_total> added_;
   std::size_t spans_ = 0, dropped_ = 0;
};

// Times the scope that it lives in, on the thread that made it. Timers of a thread nest. Does nothing for null.
class stage_timer {
 public:
   // The subject is read at once and need not be kept.
   stage_timer(profile *into, stage what, std::string_view subject = {}) {
      if (into) [[unlikely]]
         begin(*into, what, subject);
   }
   ~stage_timer() {
      if (lane_) [[unlikely]]
         end();
   }
   stage_timer(const stage_timer &) = delete;
   stage_timer &operator=(const stage_timer &) = delete;

 private:
   void begin(profile &into, stage what, std::string_view subject);
   void end();

   profile::lane *lane_ = nullptr;
   profile::sums *sums_;
   stage_timer *around_;
   std::size_t span_;
   bool traced_;
   int64_t profile_begun_ns_, begun_ns_, begun_cpu_ns_, inside_ns_, inside_cpu_ns_;
};

} // namespace giflab::services
