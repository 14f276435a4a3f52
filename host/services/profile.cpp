#include "services/profile.hpp"

#include <ctime>

#include <atomic>
#include <utility>

namespace giflab::services {

namespace {

int64_t nanoseconds(clockid_t clock) {
   timespec now{};
   clock_gettime(clock, &now);
   return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

uint64_t next_number() {
   static std::atomic<uint64_t> last{0};
   return ++last;
}

} // namespace

const char *stage_name(stage what) {
   switch (what) {
   case stage::finding_plugins:
      return "find plugins";
   case stage::choosing_metrics:
      return "choose metrics";
   case stage::opening:
      return "open";
   case stage::decoding:
      return "decode";
   case stage::aligning:
      return "align";
   case stage::converting:
      return "convert";
   case stage::setting_up:
      return "set up";
   case stage::plugin:
      return "call";
   case stage::tasks:
      return "tasks";
   case stage::waiting:
      return "wait";
   case stage::pooling:
      return "pool";
   case stage::writing:
      break;
   }
   return "write";
}

// Timers of its thread write, whoever asks for totals reads.
struct profile::lane {
   struct less {
      using is_transparent = void;
      template <class A, class B> bool operator()(const A &a, const B &b) const {
         return std::pair(a.first, std::string_view(a.second)) < std::pair(b.first, std::string_view(b.second));
      }
   };

   uint32_t number = 0;
   stage_timer *innermost = nullptr; // the thread's own

   std::mutex mutex; // guards all below
   std::map<key, sums, less> totals;
   std::vector<traced_span> spans;
};

profile::profile(bool tracing, std::size_t most_spans)
    : number_(next_number()), tracing_(tracing), most_spans_(most_spans),
      begun_ns_(nanoseconds(CLOCK_MONOTONIC)) {}

profile::~profile() = default;

int64_t profile::elapsed_ns() const { return nanoseconds(CLOCK_MONOTONIC) - begun_ns_; }

profile::lane &profile::lane_of_this_thread() {
   thread_local uint64_t number = 0; // of the profile that `known` belongs to
   thread_local lane *known = nullptr;
   if (number == number_)
      return *known;
   std::lock_guard lock(mutex_);
   known = lanes_.emplace_back(std::make_unique<lane>()).get();
   known->number = static_cast<uint32_t>(lanes_.size());
   number = number_;
   return *known;
}

bool profile::takes_span() {
   if (!tracing_)
      return false;
   std::lock_guard lock(mutex_);
   const bool room = spans_ < most_spans_;
   ++(room ? spans_ : dropped_);
   return room;
}

std::vector<stage_total> profile::totals() const {
   std::lock_guard lock(mutex_);
   std::vector<stage_total> all;
   for (const auto &one : lanes_) {
      std::lock_guard lane_lock(one->mutex);
      for (const auto &[of, sum] : one->totals)
         if (sum.count > 0)
            all.push_back(
                {"", one->number, of.first, of.second, sum.count, sum.whole_ns, sum.own_ns, sum.own_cpu_ns});
   }
   all.insert(all.end(), added_.begin(), added_.end());
   return all;
}

std::vector<traced_span> profile::spans() const {
   std::lock_guard lock(mutex_);
   std::vector<traced_span> all;
   for (const auto &one : lanes_) {
      std::lock_guard lane_lock(one->mutex);
      for (const traced_span &span : one->spans)
         if (span.length_ns >= 0)
            all.push_back(span);
   }
   return all;
}

std::size_t profile::spans_dropped() const {
   std::lock_guard lock(mutex_);
   return dropped_;
}

void profile::add(const std::string &process, const std::vector<stage_total> &gathered) {
   std::lock_guard lock(mutex_);
   for (stage_total one : gathered) {
      one.process = process;
      added_.push_back(std::move(one));
   }
}

void stage_timer::begin(profile &into, stage what, std::string_view subject) {
   profile::lane &lane = into.lane_of_this_thread();
   const bool traced = into.takes_span();
   {
      std::lock_guard lock(lane.mutex);
      auto found = lane.totals.find(std::pair(what, subject));
      if (found == lane.totals.end())
         found = lane.totals.emplace(profile::key(what, subject), profile::sums{}).first;
      sums_ = &found->second;
      span_ = lane.spans.size();
      if (traced) // all memory is taken here: a destructor could not say that there is none
         lane.spans.push_back({lane.number, what, found->first.second, -1, -1});
   }
   traced_ = traced;
   lane_ = &lane;
   around_ = std::exchange(lane.innermost, this);
   inside_ns_ = inside_cpu_ns_ = 0;
   profile_begun_ns_ = into.begun_ns_;
   begun_cpu_ns_ = nanoseconds(CLOCK_THREAD_CPUTIME_ID);
   begun_ns_ = nanoseconds(CLOCK_MONOTONIC);
}

void stage_timer::end() {
   const int64_t whole = nanoseconds(CLOCK_MONOTONIC) - begun_ns_;
   const int64_t cpu = nanoseconds(CLOCK_THREAD_CPUTIME_ID) - begun_cpu_ns_;
   lane_->innermost = around_;
   if (around_) {
      around_->inside_ns_ += whole;
      around_->inside_cpu_ns_ += cpu;
   }
   std::lock_guard lock(lane_->mutex);
   ++sums_->count;
   sums_->whole_ns += whole;
   sums_->own_ns += whole - inside_ns_;
   sums_->own_cpu_ns += cpu - inside_cpu_ns_;
   if (traced_) {
      lane_->spans[span_].begin_ns = begun_ns_ - profile_begun_ns_;
      lane_->spans[span_].length_ns = whole;
   }
}

} // namespace giflab::services
