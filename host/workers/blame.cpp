#include "workers/blame.hpp"

#include "modules/call.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <system_error>

#include <sys/mman.h>
#include <unistd.h>

namespace giflab::workers {

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::array fatal_signals = {SIGABRT, SIGILL}; // a sanitizer tells more of the others
#else
constexpr std::array fatal_signals = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS};
#endif

constexpr std::size_t alternate_stack_bytes = std::size_t{64} << 10;

blame_page *the_page = nullptr;
std::atomic<std::size_t> slots_taken{0};
thread_local call_slot *my_slot = nullptr;

template <std::size_t N> void copy_text(char (&into)[N], const char *text) noexcept {
   const std::size_t length = std::min(std::strlen(text), N - 1);
   std::memcpy(into, text, length);
   into[length] = 0;
}

template <std::size_t N> std::string text_of(const char (&from)[N]) { return {from, strnlen(from, N)}; }

class page_observer final : public modules::call_observer {
 public:
   void begins(const modules::call_subject &call) noexcept override {
      if (!my_slot) // of more threads than there are slots, the last share one
         my_slot = &the_page->slots[std::min(slots_taken.fetch_add(1), blame_page::slot_count - 1)];
      copy_text(my_slot->plugin, call.plugin);
      copy_text(my_slot->entry, call.entry);
      my_slot->frame = call.frame;
      my_slot->frames = call.frames;
      my_slot->busy.store(true, std::memory_order_release);
   }
   void ends() noexcept override { my_slot->busy.store(false, std::memory_order_release); }
};

// ---- What follows runs in signal handlers: async-signal-safe.

// Of several calls under way, that of the calling thread is to blame.
bool note_own_call() {
   if (!my_slot || !my_slot->busy)
      return false;
   the_page->dying = static_cast<int32_t>(my_slot - the_page->slots.data()) + 1;
   return true;
}

extern "C" void note_fatal_signal(int signal) {
   note_own_call();
   raise(signal); // at its default by now, and held back until this handler is left
}

// A plugin that calls exit() would run destructors under threads that still work.
extern "C" void note_exit_call(int status, void *) {
   if (note_own_call())
      _exit(status);
}

} // namespace

shared_page::shared_page() : shared_page(services::descriptor(memfd_create("giflab-worker", MFD_CLOEXEC))) {}

shared_page::shared_page(services::descriptor file) : file_(std::move(file)) {
   if (!file_.move_above_standard() || ftruncate(file_.get(), sizeof(blame_page)) != 0)
      throw std::system_error(errno, std::generic_category(), "no memory to share with a worker");
   void *memory = mmap(nullptr, sizeof(blame_page), PROT_READ | PROT_WRITE, MAP_SHARED, file_.get(), 0);
   if (memory == MAP_FAILED)
      throw std::system_error(errno, std::generic_category(), "no memory to share with a worker");
   page_ = static_cast<blame_page *>(memory); // of zeroes, which is what its members begin with
}

shared_page::~shared_page() { munmap(page_, sizeof(blame_page)); }

blame shared_page::read() const {
   blame told;
   told.loading = text_of(page_->loading);
   const int32_t dying = page_->dying;
   for (std::size_t i = 0; i < page_->slots.size(); ++i) {
      const call_slot &slot = page_->slots[i];
      if (slot.busy && (dying == 0 || static_cast<std::size_t>(dying) == i + 1))
         told.calls.push_back({text_of(slot.plugin), text_of(slot.entry), slot.frame, slot.frames});
   }
   return told;
}

void note_calls_on(blame_page &page) {
   static page_observer observer;
   the_page = &page;
   // The page and this stack are never given back: handlers may run until the process is gone.
   static std::array<std::byte, alternate_stack_bytes> memory;
   stack_t stack{};
   stack.ss_sp = memory.data();
   stack.ss_size = memory.size();
   sigaltstack(&stack, nullptr);
   struct sigaction action {};
   action.sa_handler = note_fatal_signal;
   action.sa_flags = SA_ONSTACK | static_cast<int>(SA_RESETHAND);
   for (const int signal : fatal_signals)
      sigaction(signal, &action, nullptr);
   on_exit(note_exit_call, nullptr);
   modules::observe_calls(&observer);
}

void note_loading(blame_page &page, const std::string &path) { copy_text(page.loading, path.c_str()); }

} // namespace giflab::workers
