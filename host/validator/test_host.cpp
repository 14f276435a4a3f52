#include "validator/test_host.hpp"

#include "validator/blame.hpp"
#include "validator/guard_page.hpp"
#include "validator/watched_call_state.hpp"

#include <fmt/format.h>

#include <sys/mman.h>
#include <time.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <exception>
#include <filesystem>

namespace giflab::validator {

namespace {

thread_local int calls_inside = 0;

constexpr std::size_t kept_retired = 256; // ranges of old scratch that are still watched

std::chrono::nanoseconds thread_time() {
   timespec now{};
   clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
   return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

// Of the thread that made the call; another thread's polls say nothing about it.
void note_poll(watched_call::state &state, test_host &host);

} // namespace

inside_host::inside_host() { ++calls_inside; }
inside_host::~inside_host() { --calls_inside; }

const breach *observations::breach_of(const char *check) const {
   const auto found = std::find_if(breaches.begin(), breaches.end(),
                                   [&](const breach &one) { return std::strcmp(one.check, check) == 0; });
   return found == breaches.end() ? nullptr : &*found;
}

watched_call::state &host_functions::state_of(const giflab_call *call) {
   return *reinterpret_cast<const watched_call::call_table *>(call)->self;
}

test_host &host_functions::owner_of(const giflab_host *host) {
   return *reinterpret_cast<const test_host::host_table *>(host)->owner;
}

void host_functions::check_thread(test_host &host, const char *function) {
   if (calls_inside == 0)
      host.note_breach("T05", fmt::format("a thread of its own called {} (rule B1)", function));
}

void host_functions::refuse(watched_call::state &state, const std::string &text) {
   std::lock_guard lock(state.mutex);
   state.refused = true;
   if (state.text.empty())
      state.text = text;
}

// What the two tables point to.
struct table_functions {
   static const void *query(const giflab_host *host, const char *id) noexcept {
      test_host &owner = host_functions::owner_of(host);
      host_functions::check_thread(owner, "query");
      const std::string name = id ? id : "";
      host_functions::note(owner, [&](observations &seen) { ++seen.queries[name]; });
      return owner.conduct().withheld.contains(name) ? nullptr : watched_service(owner, name);
   }

   static void log(const giflab_host *host, int32_t, const char *) noexcept {
      host_functions::check_thread(host_functions::owner_of(host), "log");
   }

   static bool cancelled(const giflab_call *call) noexcept {
      watched_call::state &state = host_functions::state_of(call);
      host_functions::check_thread(*state.host, "cancelled");
      note_poll(state, *state.host);
      uint64_t polls = 0;
      host_functions::note(*state.host, [&](observations &seen) { polls = ++seen.polls; });
      const bool yes = polls >= state.host->conduct().cancelled_from_poll && !state.host->relented();
      std::lock_guard lock(state.mutex);
      if (yes && !state.told_to_stop)
         state.told_to_stop = state.last_poll;
      return yes;
   }

   static void progress(const giflab_call *call, double fraction) noexcept {
      watched_call::state &state = host_functions::state_of(call);
      host_functions::check_thread(*state.host, "progress");
      std::lock_guard lock(state.mutex);
      if (!(fraction >= 0 && fraction <= 1))
         state.host->note_breach("R07",
                                 fmt::format("told a progress of {}, which is not within 0 and 1", fraction));
      else if (fraction < state.progress)
         state.host->note_breach("R07",
                                 fmt::format("its progress fell from {} to {}", state.progress, fraction));
      else
         state.progress = fraction;
   }

   static void *scratch(const giflab_call *call, uint32_t memory, size_t bytes) noexcept {
      watched_call::state &state = host_functions::state_of(call);
      host_functions::check_thread(*state.host, "scratch");
      const host_conduct &conduct = state.host->conduct();
      uint64_t request = 0;
      host_functions::note(*state.host, [&](observations &seen) { request = ++seen.scratch_requests; });
      const bool fails = request == conduct.scratch_fails_at || request >= conduct.scratch_fails_from;
      if (memory != GIFLAB_MEMORY_HOST || (fails && !state.host->relented()))
         return nullptr;
      void *given = conduct.warm_scratch ? host_functions::tables_of(*state.host).warm.allocate(bytes)
                                         : mapped(state, bytes);
      std::lock_guard lock(state.mutex);
      state.scratch_bytes += bytes;
      host_functions::note(*state.host, [&](observations &seen) {
         seen.scratch_peak = std::max(seen.scratch_peak, state.scratch_bytes);
      });
      return given;
   }

   // Pages of its own, ending at one that faults.
   static void *mapped(watched_call::state &state, std::size_t bytes) {
      const std::size_t used = (std::max<std::size_t>(bytes, 1) + 63) / 64 * 64;
      const std::size_t size = (used + guard_page - 1) / guard_page * guard_page + guard_page;
      void *base = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      if (base == MAP_FAILED)
         return nullptr;
      auto *begin = static_cast<std::byte *>(base);
      mprotect(begin + size - guard_page, guard_page, PROT_NONE);
      std::byte *given = begin + size - guard_page - used;
      std::memset(given, 0xA5, std::min(used, guard_page)); // uninitialised memory that is not zero by chance
      std::lock_guard lock(state.mutex);
      state.scratch.emplace_back(base, size);
      return given;
   }

   static giflab_status fail(const giflab_call *call, giflab_status status, const char *message) noexcept {
      watched_call::state &state = host_functions::state_of(call);
      host_functions::check_thread(*state.host, "fail");
      std::lock_guard lock(state.mutex);
      if (message && (state.text.empty() || state.refused))
         state.text = message;
      return status;
   }

   static void score(const giflab_call *call, uint32_t pair, uint32_t output, double value) noexcept {
      watched_call::state &state = host_functions::state_of(call);
      test_host &host = *state.host;
      host_functions::check_thread(host, "score");
      std::lock_guard lock(state.mutex);
      if (pair >= state.pairs || output >= state.outputs)
         return host.note_breach("S13",
                                 fmt::format("scored output {} of pair {}, which is not there", output, pair));
      const std::size_t slot = std::size_t{pair} * state.outputs + output;
      if (++state.times_scored[slot] > 1)
         return host.note_breach("S13", fmt::format("scored {} of pair {} more than once in one call",
                                                    host.guest().outputs[output].id, pair));
      state.scores[slot] = value;
      const giflab_output &declared = host.guest().outputs[output];
      if (!std::isnan(value) && !(declared.lowest <= value && value <= declared.highest))
         host.note_breach("S02", fmt::format("{} is {}, outside its declared bounds {} to {}", declared.id,
                                             value, declared.lowest, declared.highest));
   }
};

namespace {

void note_poll(watched_call::state &state, test_host &host) {
   if (!host.conduct().timed)
      return;
   const auto now = thread_time();
   std::lock_guard lock(state.mutex);
   const auto gap = now - state.last_poll;
   if (gap.count() >= 0)
      host_functions::note(
          host, [&](observations &seen) { seen.longest_unpolled = std::max(seen.longest_unpolled, gap); });
   state.last_poll = now;
}

} // namespace

test_host::tables::tables(test_host &of) : models(of.conduct().model_folders) {
   const host_conduct &conduct = of.conduct();
   seen_by_guest.owner = &of;
   seen_by_guest.host = {GIFLAB_ABI_MINOR + (conduct.grown ? 1u : 0u),
                         0,
                         "giflab",
                         "validator",
                         table_functions::query,
                         table_functions::log};
   if (conduct.grown)
      std::fill(std::begin(seen_by_guest.later.words), std::end(seen_by_guest.later.words),
                0xDEAD'DEAD'DEAD'DEADu);
   if (!conduct.folder.empty()) {
      const std::filesystem::path parent = std::filesystem::path(conduct.folder) / conduct.folder_name;
      std::filesystem::create_directories(parent);
      files.emplace(parent);
   }
}

test_host::test_host(const modules::plugin &guest, host_conduct conduct)
    : guest_(guest), conduct_(std::move(conduct)), tables_(std::make_unique<tables>(*this)) {}

test_host::~test_host() {
   for (const auto &[begin, size] : tables_->retired) {
      mark_memory(begin, size, fault_place::none);
      munmap(begin, size);
   }
}

observations test_host::seen() const {
   std::lock_guard lock(mutex_);
   return seen_;
}

void test_host::note_breach(const char *check, std::string text) {
   std::lock_guard lock(mutex_);
   if (!seen_.breach_of(check)) // the first of each kind says enough
      seen_.breaches.push_back({check, std::move(text)});
}

watched_call::watched_call(test_host &host, uint32_t pairs, const std::string &what)
    : state_(std::make_unique<state>()) {
   const auto outputs = static_cast<uint32_t>(host.guest().outputs.size());
   state_->seen_by_guest.self = state_.get();
   state_->seen_by_guest.call = {&host_functions::tables_of(host).seen_by_guest.host,
                                 host.conduct().seed,
                                 table_functions::cancelled,
                                 table_functions::progress,
                                 table_functions::scratch,
                                 table_functions::fail,
                                 table_functions::score};
   state_->seen_by_guest.later = host_functions::tables_of(host).seen_by_guest.later;
   state_->host = &host;
   state_->pairs = pairs;
   state_->outputs = outputs;
   state_->scores.assign(std::size_t{pairs} * outputs, std::nan(""));
   state_->times_scored.assign(std::size_t{pairs} * outputs, 0);
   if (host.conduct().timed)
      state_->last_poll = thread_time();
   ++calls_inside;
   // While an exception is on its way, the call that threw it stays the one to blame.
   if (std::uncaught_exceptions() == 0)
      now_doing(fmt::format("{} of {}", what, host.guest().id()));
}

// Scratch of a call that is over faults when it is touched, for as long as there is room for that.
watched_call::~watched_call() {
   --calls_inside;
   if (std::uncaught_exceptions() == 0)
      now_doing("");
   test_host::tables &tables = host_functions::tables_of(*state_->host);
   if (state_->host->conduct().warm_scratch)
      tables.warm.reset();
   std::lock_guard lock(tables.mutex);
   for (const auto &[begin, size] : state_->scratch) {
      mmap(begin, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0);
      mark_memory(begin, size, fault_place::old_scratch);
      tables.retired.emplace_back(begin, size);
   }
   while (tables.retired.size() > kept_retired) {
      const auto [begin, size] = tables.retired.front();
      tables.retired.pop_front();
      mark_memory(begin, size, fault_place::none);
      munmap(begin, size);
   }
}

watched_call::time_of_host::time_of_host(watched_call &call) : call_(call), began_(thread_time()) {}

watched_call::time_of_host::~time_of_host() {
   std::lock_guard lock(call_.state_->mutex);
   call_.state_->last_poll += thread_time() - began_;
}

const giflab_call *watched_call::table() const { return &state_->seen_by_guest.call; }

void watched_call::returned(giflab_status status) {
   note_poll(*state_, *state_->host);
   std::lock_guard lock(state_->mutex);
   test_host &host = *state_->host;
   if (state_->told_to_stop)
      host_functions::note(host, [&](observations &seen) {
         seen.longest_after_cancel =
             std::max(seen.longest_after_cancel, state_->last_poll - *state_->told_to_stop);
      });
   if (status < GIFLAB_OK || status > GIFLAB_INTERNAL)
      host.note_breach("F10", fmt::format("returned the unknown status {}", status));
   else if (status == GIFLAB_OK && !state_->text.empty() && !state_->refused)
      host.note_breach("F10", fmt::format("said '{}' and returned GIFLAB_OK", state_->text));
   else if (status != GIFLAB_OK && status != GIFLAB_CANCELLED && state_->text.empty())
      host.note_breach("F10",
                       fmt::format("returned status {} without a word: call->fail takes the sentence", status));
}

const std::string &watched_call::text() const { return state_->text; }
const std::vector<double> &watched_call::scores() const { return state_->scores; }
const std::vector<uint32_t> &watched_call::times_scored() const { return state_->times_scored; }

} // namespace giflab::validator
