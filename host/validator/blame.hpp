#pragma once
// Who was doing what when a process died: a page shared with the process that watches, written before every
// call into a plugin and by the handler of fatal signals.

#include <cstddef>
#include <cstdint>
#include <string>

namespace giflab::validator {

// Where a fatal access went.
enum class fault_place : int32_t {
   none,        // no fatal access
   null_page,   // the first pages of the address space: a null pointer, such as the view that was not declared
   guard,       // beside a plane
   input,       // a write to a picture, which is mapped read-only
   old_scratch, // scratch memory of a call that has returned
   stack,       // beyond the end of the stack
   elsewhere,
};

// The words that another process reads after this one died. Plain memory: no constructor, no pointer.
struct blame_page {
   char doing[256]; // "measure of org.x, 31x33, pairs 4 to 7"; empty outside of calls
   int32_t signal;  // of the fatal signal; 0: none was caught
   fault_place place;
   uint64_t address; // of the fatal access
};

// An empty page shared by this process and the processes that it forks from now on. Throws std::bad_alloc.
blame_page *share_blame_page();

// Gives such a page back; what others wrote to it is gone for this process alone.
void drop_blame_page(blame_page *page);

// Installs handlers for fatal signals that fill in `page` and let the process die as it would have. They run on
// a stack of their own, so that a stack overflow of the calling thread is told too. In a build with a sanitizer
// it keeps its signals, and says more on standard error than would be told here.
void blame_on(blame_page *page);

// A stack for the handlers while one more thread lives: without it an overflow of that thread's stack ends the
// process by SIGSEGV without a word on the page. Made and destroyed on that thread. Throws std::bad_alloc.
class alternate_stack {
 public:
   alternate_stack();
   ~alternate_stack();
   alternate_stack(const alternate_stack &) = delete;
   alternate_stack &operator=(const alternate_stack &) = delete;

 private:
   void *memory_ = nullptr; // null where the thread has one already
};

// Notes what this process is about to do; "" when it is done. Any thread; the last one to speak is blamed.
void now_doing(const std::string &what);

// Stands behind what now_doing notes from now on: "round 7". [main]
void doing_all_in(const std::string &circumstance);

// Memory whose touching means something: told apart by the handler. What is marked last covers what was marked
// before, and place none forgets all marks inside. Of very many marks the oldest are forgotten. Any thread.
void mark_memory(const void *begin, std::size_t bytes, fault_place place);

} // namespace giflab::validator
