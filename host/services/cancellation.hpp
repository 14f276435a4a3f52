#pragma once
// One wish to stop, seen by everybody.

#include <atomic>

namespace giflab::services {

// request() may be called from a signal handler.
class cancellation {
 public:
   void request() noexcept { requested_.store(true, std::memory_order_relaxed); }
   bool requested() const noexcept { return requested_.load(std::memory_order_relaxed); }

 private:
   std::atomic<bool> requested_{false};
   static_assert(std::atomic<bool>::is_always_lock_free);
};

} // namespace giflab::services
