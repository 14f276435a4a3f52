#include "modules/tasks.hpp"

#include "modules/call.hpp"
#include "modules/plugin.hpp"
#include "services/processor_time.hpp"

#include <algorithm>
#include <atomic>
#include <memory>

namespace giflab::modules {

namespace {

using task_body = giflab_status (*)(void *user, uint32_t i, uint32_t lane);

// One run(): who takes part draws the next index until none is left. Shared with helpers in the pool's
// queue, which may only start when everything is done already, and then find nothing to draw.
struct loop {
   task_body body;
   void *user;
   uint32_t count;
   std::atomic<uint32_t> next{0}, finished{0}, lanes{0};
   std::atomic<int32_t> status{GIFLAB_OK};
   std::atomic<double> helped_seconds{0}; // of the processor, by others than the caller

   void work(bool helps) {
      uint32_t lane = UINT32_MAX;
      for (uint32_t i = next.fetch_add(1); i < count; i = next.fetch_add(1)) {
         if (lane == UINT32_MAX)
            lane = lanes.fetch_add(1);
         const double began = helps ? services::processor_seconds() : 0;
         if (status.load(std::memory_order_relaxed) == GIFLAB_OK)
            run_one(i, lane);
         if (helps) // before it counts as finished: afterwards the caller may be gone
            helped_seconds.fetch_add(services::processor_seconds() - began);
         finished.fetch_add(1);
         finished.notify_all();
      }
   }

   // Waits for what others have drawn and not finished. It takes up no other work meanwhile: that would
   // run inside this call, on memory that is this call's.
   void wait() {
      for (uint32_t done = finished.load(); done < count; done = finished.load())
         finished.wait(done);
   }

   void run_one(uint32_t i, uint32_t lane) {
      int32_t result = GIFLAB_INTERNAL;
      try {
         result = body(user, i, lane);
      } catch (...) { // rule B4: stays behind the boundary, and counts as the callee's bug
         result = GIFLAB_INTERNAL;
      }
      int32_t none = GIFLAB_OK;
      if (result != GIFLAB_OK)
         status.compare_exchange_strong(none, result);
   }
};

} // namespace

// Finds the pool behind a call.
struct task_functions {
   static uint32_t lanes(const giflab_call *call) noexcept {
      const services::task_pool *pool = context_of(call).services().pool;
      return pool ? static_cast<uint32_t>(pool->threads()) : 1;
   }

   static giflab_status run(const giflab_call *call, uint32_t count, task_body body, void *user) noexcept {
      try {
         const borrowed_services &lent = context_of(call).services();
         services::task_pool *pool = lent.pool;
         auto shared = std::make_shared<loop>();
         shared->body = body;
         shared->user = user;
         shared->count = count;
         const uint32_t helpers = std::min(lanes(call), count) - (count > 0);
         for (uint32_t i = 0; i < helpers; ++i)
            pool->post([shared, profile = lent.profile, caller = lent.caller] {
               const services::stage_timer timer(profile, services::stage::tasks,
                                                 caller ? caller->table.id : "");
               shared->work(true);
            });
         shared->work(false);
         shared->wait();
         context_of(call).add_seconds_of_helpers(shared->helped_seconds.load());
         return shared->status.load();
      } catch (const std::exception &) {
         return GIFLAB_NO_MEMORY; // the only thing that can go wrong here is an allocation
      }
   }
};

const giflab_tasks &tasks_table() {
   static const giflab_tasks table = {task_functions::run, task_functions::lanes};
   return table;
}

} // namespace giflab::modules
