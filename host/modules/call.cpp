#include "modules/call.hpp"

#include "modules/tasks.hpp"
#include "services/log.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstring>
#include <limits>

namespace giflab::modules {

namespace {

const void *query(const giflab_host *, const char *id) noexcept {
   return id && std::strcmp(id, GIFLAB_TASKS) == 0 ? &tasks_table() : nullptr;
}

void log_message(const giflab_host *, int32_t level, const char *message) noexcept {
   constexpr services::log_level levels[] = {services::log_level::debug, services::log_level::info,
                                             services::log_level::warning, services::log_level::error};
   const bool known = level >= GIFLAB_LOG_DEBUG && level <= GIFLAB_LOG_ERROR;
   services::log(known ? levels[level] : services::log_level::error, message ? message : "(no message)");
}

} // namespace

const giflab_host &host_table() {
   static const giflab_host table = {GIFLAB_ABI_MINOR, 0, "giflab", GIFLAB_VERSION, query, log_message};
   return table;
}

// The functions behind giflab_call. Each finds its context and stays noexcept.
struct call_functions {
   static call_context &context(const giflab_call *call) {
      return *reinterpret_cast<const call_context::base *>(call)->self;
   }

   static services::task_pool *pool(const giflab_call *call) { return context(call).services_.pool; }

   static bool cancelled(const giflab_call *call) noexcept {
      const services::cancellation *wish = context(call).services_.cancelled;
      return wish && wish->requested();
   }

   // Progress of single calls is of no use to anyone yet: the engine counts pairs.
   static void progress(const giflab_call *, double) noexcept {}

   static void *scratch(const giflab_call *call, uint32_t memory, size_t bytes) noexcept {
      services::arena *arena = context(call).services_.arena;
      return memory == GIFLAB_MEMORY_HOST && arena ? arena->allocate(bytes) : nullptr;
   }

   static giflab_status fail(const giflab_call *call, giflab_status status, const char *message) noexcept {
      call_context &self = context(call);
      std::lock_guard lock(self.mutex_);
      if (self.text_.empty() && message)
         self.text_ = message;
      return status;
   }

   static void score(const giflab_call *call, uint32_t pair, uint32_t output, double value) noexcept {
      call_context &self = context(call);
      if (pair >= self.pairs_ || output >= self.outputs_)
         return self.breach(
             fmt::format("scored output {} of pair {}, which is not there (rule S13)", output, pair));
      const std::size_t slot = std::size_t{pair} * self.outputs_ + output;
      if (std::atomic_ref(self.seen_[slot]).exchange(1, std::memory_order_relaxed))
         return self.breach(fmt::format("scored output {} of pair {} twice (rule S13)", output, pair));
      self.scores_[slot] = value;
   }
};

services::task_pool *call_pool(const giflab_call *call) { return call_functions::pool(call); }

call_context::call_context(borrowed_services services, uint32_t pairs, uint32_t outputs, uint64_t seed)
    : base_{{&host_table(), seed, call_functions::cancelled, call_functions::progress, call_functions::scratch,
             call_functions::fail, call_functions::score},
            this},
      services_(services), pairs_(pairs), outputs_(outputs),
      scores_(std::size_t{pairs} * outputs, std::numeric_limits<double>::quiet_NaN()),
      seen_(std::size_t{pairs} * outputs, 0) {}

void call_context::breach(std::string text) {
   std::lock_guard lock(mutex_);
   if (!breached_.exchange(true))
      text_ = std::move(text);
}

bool call_context::scored(uint32_t pair, uint32_t output) const {
   return seen_[std::size_t{pair} * outputs_ + output] != 0;
}

giflab_status call_context::run(const std::function<giflab_status()> &entry) {
   giflab_status status = GIFLAB_INTERNAL;
   try {
      status = entry();
   } catch (const std::exception &escaped) {
      breach(fmt::format("threw an exception across the plugin boundary (rule B4): {}", escaped.what()));
   } catch (...) {
      breach("threw something across the plugin boundary (rule B4)");
   }
   if (services_.arena)
      services_.arena->reset();
   if (status < GIFLAB_OK || status > GIFLAB_INTERNAL) {
      breach(fmt::format("returned the unknown status {} (rule A6)", status));
      status = GIFLAB_INTERNAL;
   }
   return breached_ && status == GIFLAB_OK ? GIFLAB_INTERNAL : status;
}

const char *status_name(giflab_status status) {
   constexpr const char *names[] = {
       "ok",           "cancelled",          "unsupported", "invalid",       "no memory",
       "device error", "input/output error", "timeout",     "internal error"};
   return status >= GIFLAB_OK && status <= GIFLAB_INTERNAL ? names[status] : "unknown status";
}

} // namespace giflab::modules
