#include "modules/call.hpp"

#include "config/printable.hpp"
#include "device/device.hpp"
#include "modules/cache.hpp"
#include "modules/cuda.hpp"
#include "modules/files.hpp"
#include "modules/models.hpp"
#include "modules/plugin.hpp"
#include "modules/processes.hpp"
#include "modules/tasks.hpp"
#include "services/log.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <cxxabi.h>
#include <limits>
#include <string_view>

namespace giflab::modules {

namespace {

constexpr std::size_t longest_text = 4096; // of what a plugin says, in bytes

const void *query(const giflab_host *, const char *id) noexcept {
   const std::pair<std::string_view, const void *> offered[] = {
       {GIFLAB_TASKS, &tasks_table()}, {GIFLAB_MODELS, &models_table()},
       {GIFLAB_FILES, &files_table()}, {GIFLAB_PROCESSES, &processes_table()},
       {GIFLAB_CACHE, &cache_table()}, {GIFLAB_CACHE, &cache_table()},
       {GIFLAB_CUDA, &cuda_table()}};
   for (const auto &[name, table] : offered)
      if (id && name == id)
         return table;
   return nullptr;
}

void log_message(const giflab_host *, int32_t level, const char *message) noexcept {
   constexpr services::log_level levels[] = {services::log_level::debug, services::log_level::info,
                                             services::log_level::warning, services::log_level::error};
   const bool known = level >= GIFLAB_LOG_DEBUG && level <= GIFLAB_LOG_ERROR;
   services::log(known ? levels[level] : services::log_level::error,
                 config::printable(config::cut_short(message ? message : "(no message)", longest_text)));
}

std::atomic<call_observer *> the_observer{nullptr};

// Tells the observer of one call.
class observed_call {
 public:
   explicit observed_call(const call_subject &subject) : told_(subject.plugin ? the_observer.load() : nullptr) {
      if (told_)
         told_->begins(subject);
   }
   ~observed_call() {
      if (told_)
         told_->ends();
   }
   observed_call(const observed_call &) = delete;
   observed_call &operator=(const observed_call &) = delete;

 private:
   call_observer *told_;
};

} // namespace

void observe_calls(call_observer *observer) { the_observer = observer; }

const giflab_host &host_table() {
   static const giflab_host table = {GIFLAB_ABI_MINOR, 0, "giflab", GIFLAB_VERSION, query, log_message};
   return table;
}

// The functions behind giflab_call. Each finds its context and stays noexcept.
struct call_functions {
   static call_context &context(const giflab_call *call) {
      return *reinterpret_cast<const call_context::base *>(call)->self;
   }

   static bool cancelled(const giflab_call *call) noexcept {
      const services::cancellation *wish = context(call).services_.cancelled;
      return wish && wish->requested();
   }

   // Progress of single calls is of no use to anyone yet: the engine counts pairs.
   static void progress(const giflab_call *, double) noexcept {}

   static void *scratch(const giflab_call *call, uint32_t memory, size_t bytes) noexcept {
      const borrowed_services &lent = context(call).services_;
      if (memory == GIFLAB_MEMORY_CUDA)
         return lent.lane ? lent.lane->scratch(bytes) : nullptr;
      return memory == GIFLAB_MEMORY_HOST && lent.arena ? lent.arena->allocate(bytes) : nullptr;
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

call_context &context_of(const giflab_call *call) { return call_functions::context(call); }

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

giflab_status call_context::refuse(giflab_status status, std::string text) {
   std::lock_guard lock(mutex_);
   refusal_ = {status, std::move(text)};
   return status;
}

// With mutex_ held.
result<services::sandbox::call_folder *> call_context::open_folder() {
   if (!folder_ && !services_.files)
      return failed(problem::internal, "this call has no folder for temporary files");
   if (!folder_) {
      auto opened = services_.files->open_call();
      if (!opened)
         return tl::unexpected(opened.error());
      folder_.emplace(std::move(*opened));
   }
   return &*folder_;
}

result<std::filesystem::path> call_context::folder() {
   std::lock_guard lock(mutex_);
   return open_folder().map([](const services::sandbox::call_folder *opened) { return opened->path(); });
}

result<std::string> call_context::temporary(std::string_view suffix) {
   std::lock_guard lock(mutex_);
   return open_folder().and_then([&](services::sandbox::call_folder *opened) { return opened->fresh(suffix); });
}

const char *call_context::lend(std::string text) {
   std::lock_guard lock(mutex_);
   return lent_.emplace_front(std::move(text)).c_str();
}

const char *call_context::hold(std::shared_ptr<const std::string> blob) {
   std::lock_guard lock(mutex_);
   return held_.emplace_front(std::move(blob))->data();
}

// Takes back what was lent, and finds the words for a failure.
void call_context::end(giflab_status status) {
   if (services_.arena)
      services_.arena->reset();
   folder_.reset();
   lent_.clear();
   held_.clear();
   const auto &[refused, reason] = refusal_;
   if (status == GIFLAB_OK || reason.empty() || breached_)
      return;
   if (text_.empty())
      text_ = reason;
   else if (status == refused)
      text_ += ": " + reason;
}

bool call_context::scored(uint32_t pair, uint32_t output) const {
   return seen_[std::size_t{pair} * outputs_ + output] != 0;
}

giflab_status call_context::run(const std::function<giflab_status()> &entry, services::stage noted_as) {
   const services::stage_timer timer(services_.profile, noted_as,
                                     services_.caller ? services_.caller->table.id : "");
   giflab_status status = GIFLAB_INTERNAL;
   const observed_call observed(subject_); // until what was thrown is dealt with: it may be fatal
   try {
      status = entry();
   } catch (const abi::__forced_unwind &) {
      std::abort(); // pthread_exit() would take a thread of ours along, and cannot be stopped
   } catch (const std::exception &escaped) {
      breach(fmt::format("threw an exception across the plugin boundary (rule B4): {}", escaped.what()));
   } catch (...) {
      breach("threw something across the plugin boundary (rule B4)");
   }
   end(status);
   if (status < GIFLAB_OK || status > GIFLAB_INTERNAL) {
      breach(fmt::format("returned the unknown status {} (rule A6)", status));
      status = GIFLAB_INTERNAL;
   }
   if (status == GIFLAB_CANCELLED && !call_functions::cancelled(table())) {
      breach("returned GIFLAB_CANCELLED though call->cancelled() never said yes");
      status = GIFLAB_INTERNAL;
   }
   text_ = config::cut_short(text_, longest_text);
   return breached_ && status == GIFLAB_OK ? GIFLAB_INTERNAL : status;
}

const char *status_name(giflab_status status) {
   constexpr const char *names[] = {
       "ok",           "cancelled",          "unsupported", "invalid",       "no memory",
       "device error", "input/output error", "timeout",     "internal error"};
   return status >= GIFLAB_OK && status <= GIFLAB_INTERNAL ? names[status] : "unknown status";
}

} // namespace giflab::modules
