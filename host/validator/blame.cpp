#include "validator/blame.hpp"

#include <sys/mman.h>
#include <ucontext.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstring>
#include <mutex>
#include <new>

namespace giflab::validator {

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::array fatal_signals = {SIGABRT, SIGILL};
#else
constexpr std::array fatal_signals = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
#endif

constexpr std::size_t alternate_stack_bytes = std::size_t{64} << 10;
constexpr uint64_t null_page_bytes = uint64_t{64} << 10; // Linux maps nothing there: vm.mmap_min_addr
constexpr uint64_t deepest_frame = uint64_t{1} << 20;    // of a function that skips the stack's guard page

std::atomic<blame_page *> the_page{nullptr};
std::string circumstance; // of all that is done; changed between calls only
static_assert(std::atomic<blame_page *>::is_always_lock_free);

void *map_memory(std::size_t bytes, int sharing) {
   void *memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, sharing | MAP_ANONYMOUS, -1, 0);
   if (memory == MAP_FAILED)
      throw std::bad_alloc();
   return memory;
}

// ---- Marks: written under a lock, read by the handler without one.

struct memory_mark {
   std::atomic<uint64_t> begin{0}, end{0}; // an empty range marks nothing
   std::atomic<uint64_t> age{0};           // of two marks on one address the later one counts
   std::atomic<fault_place> place{fault_place::none};
};

constexpr std::size_t most_marks = 8192;
std::array<memory_mark, most_marks> marks;
std::atomic<std::size_t> marks_in_use{0}; // the first so many; some may be empty
uint64_t marks_made = 0;                  // guarded by marks_mutex
std::mutex marks_mutex;

// Empties the marks inside a range; gives an empty one, or where all are in use the oldest. The fewer are in
// use, the less there is to look at for each piece of scratch memory.
memory_mark &forget_marks_inside(uint64_t begin, uint64_t end) {
   memory_mark *free = nullptr, *oldest = &marks[0];
   for (std::size_t i = 0; i < marks_in_use; ++i) {
      memory_mark &mark = marks[i];
      if (mark.begin >= begin && mark.end <= end)
         mark.end = 0;
      if (!free && mark.end == 0)
         free = &mark;
      if (mark.age < oldest->age)
         oldest = &mark;
   }
   if (free)
      return *free;
   return marks_in_use < most_marks ? marks[marks_in_use] : *oldest;
}

fault_place marked_place(uint64_t address) {
   fault_place place = fault_place::none;
   uint64_t latest = 0;
   for (std::size_t i = 0; i < marks_in_use; ++i)
      if (const uint64_t age = marks[i].age;
          address >= marks[i].begin && address < marks[i].end && age >= latest) {
         place = marks[i].place;
         latest = age;
      }
   return place;
}

// ---- The handler: async-signal-safe throughout.

uint64_t stack_pointer(const void *context) {
   const auto &machine = static_cast<const ucontext_t *>(context)->uc_mcontext;
#if defined(__x86_64__)
   return static_cast<uint64_t>(machine.gregs[15]); // REG_RSP, which is named for GNU dialects only
#elif defined(__aarch64__)
   return machine.sp;
#endif
}

// Where a fatal access went; `none` if the signal tells no address.
fault_place place_of(const siginfo_t &told, const void *context) {
   if (told.si_signo != SIGSEGV && told.si_signo != SIGBUS)
      return fault_place::none;
   if (told.si_code <= 0) // sent by somebody
      return fault_place::none;
   if (told.si_code == SI_KERNEL) // an address that no memory can have
      return fault_place::elsewhere;
   const auto address = reinterpret_cast<uint64_t>(told.si_addr);
   if (address < null_page_bytes)
      return fault_place::null_page;
   if (const fault_place marked = marked_place(address); marked != fault_place::none)
      return marked;
   const uint64_t top = stack_pointer(context);
   if (address < top + null_page_bytes && address + deepest_frame > top)
      return fault_place::stack;
   return fault_place::elsewhere;
}

extern "C" void on_fatal_signal(int signal, siginfo_t *told, void *context) {
   blame_page *page = the_page.load();
   if (page && page->signal == 0) {
      page->place = place_of(*told, context);
      page->address = page->place == fault_place::none ? 0 : reinterpret_cast<uint64_t>(told->si_addr);
      page->signal = signal;
   }
   raise(signal); // at its default by now, and held back until this handler is left
}

} // namespace

blame_page *share_blame_page() { return new (map_memory(sizeof(blame_page), MAP_SHARED)) blame_page{}; }

void drop_blame_page(blame_page *page) {
   munmap(page, sizeof *page); // whole pages, as it was mapped: nothing that could be refused
}

alternate_stack::alternate_stack() {
   stack_t before{};
   if (sigaltstack(nullptr, &before) == 0 && !(before.ss_flags & SS_DISABLE))
      return;
   memory_ = map_memory(alternate_stack_bytes, MAP_PRIVATE);
   stack_t mine{};
   mine.ss_sp = memory_;
   mine.ss_size = alternate_stack_bytes;
   sigaltstack(&mine, nullptr);
}

alternate_stack::~alternate_stack() {
   if (!memory_)
      return;
   stack_t none{};
   none.ss_flags = SS_DISABLE;
   sigaltstack(&none, nullptr);
   munmap(memory_, alternate_stack_bytes);
}

void blame_on(blame_page *page) {
   the_page = page;
   // Never destroyed: the handlers may run until the process is gone.
   alignas(alternate_stack) static std::byte memory[sizeof(alternate_stack)];
   static const auto *for_this_thread = new (memory) alternate_stack;
   (void)for_this_thread;
   struct sigaction action {};
   action.sa_sigaction = on_fatal_signal;
   action.sa_flags = SA_SIGINFO | SA_ONSTACK | static_cast<int>(SA_RESETHAND);
   for (const int signal : fatal_signals)
      sigaction(signal, &action, nullptr);
}

void now_doing(const std::string &what) {
   blame_page *page = the_page.load();
   if (!page)
      return;
   const std::string whole = what.empty() || circumstance.empty() ? what : what + ", " + circumstance;
   const std::size_t length = std::min(whole.size(), sizeof page->doing - 1);
   std::memcpy(page->doing, whole.data(), length);
   page->doing[length] = 0;
}

void doing_all_in(const std::string &now) { circumstance = now; }

void mark_memory(const void *begin, std::size_t bytes, fault_place place) {
   const auto first = reinterpret_cast<uint64_t>(begin);
   const std::lock_guard guard(marks_mutex);
   memory_mark &mark = forget_marks_inside(first, first + bytes);
   if (place == fault_place::none || bytes == 0)
      return;
   mark.end = 0; // while it changes it covers nothing
   mark.begin = first;
   mark.place = place;
   mark.age = marks_made++;
   mark.end = first + bytes;
   marks_in_use = std::max<std::size_t>(marks_in_use, static_cast<std::size_t>(&mark - marks.data()) + 1);
}

} // namespace giflab::validator
