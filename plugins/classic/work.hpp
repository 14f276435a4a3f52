#pragma once
// Work in parts: on the host's threads where it lends them, and open to cancellation.

#include <atomic>
#include <exception>
#include <functional>
#include <giflab/plugin.hpp>
#include <mutex>
#include <utility>
#include <vector>

namespace giflab::classic {

// Looks for cancellation once in so many pixels of work, which take well under 10 ms.
class pulse {
 public:
   explicit pulse(const giflab_call &call) : call_(call) {}
   // Throws failure(GIFLAB_CANCELLED).
   void operator()(int64_t pixels) {
      left_ -= pixels;
      if (left_ > 0)
         return;
      left_ = quantum;
      stop_if_cancelled(call_);
   }

 private:
   static constexpr int64_t quantum = 1 << 17;
   const giflab_call &call_;
   int64_t left_ = 0;
};

// A body that throws, carried over the C boundary of the host's tasks.
template <class Body> struct carried_body {
   Body &body;
   std::mutex mutex = {};
   std::exception_ptr thrown = {};

   static giflab_status run(void *user, uint32_t i, uint32_t) noexcept {
      auto &self = *static_cast<carried_body *>(user);
      try {
         self.body(i);
         return GIFLAB_OK;
      } catch (...) {
         const std::lock_guard lock(self.mutex);
         if (!self.thrown)
            self.thrown = std::current_exception();
         return GIFLAB_INTERNAL;
      }
   }
};

// body(i) for each i in [0, count), in any order and on any thread; what one throws is thrown here once all
// have ended. Results must go to places of their own, so that the order does not show.
template <class Body> void for_each_part(const giflab_call &call, uint32_t count, Body &&body) {
   const auto *tasks = static_cast<const giflab_tasks *>(call.host->query(call.host, GIFLAB_TASKS));
   if (!tasks) {
      for (uint32_t i = 0; i < count; ++i)
         body(i);
      return;
   }
   carried_body<std::remove_reference_t<Body>> carried{body};
   const giflab_status status = tasks->run(&call, count, carried.run, &carried);
   if (carried.thrown)
      std::rethrow_exception(carried.thrown);
   if (status != GIFLAB_OK)
      throw failure(status, status == GIFLAB_CANCELLED ? "" : "the host could not run all parts of the work");
}

// Parts of work that need nothing of each other, gathered so that threads wait for each other once. What they
// refer to must outlive `run`.
class jobs {
 public:
   void add(std::function<void(pulse &)> job) { list_.push_back(std::move(job)); }
   // All of them, the first ones first: on any thread.
   void run(const giflab_call &call) {
      for_each_part(call, static_cast<uint32_t>(list_.size()), [&](uint32_t i) {
         pulse beat(call);
         list_[i](beat);
      });
      list_.clear();
   }

 private:
   std::vector<std::function<void(pulse &)>> list_;
};

} // namespace giflab::classic
