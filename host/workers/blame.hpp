#pragma once
// Who is to blame when a worker dies: a page of memory that it shares with its supervisor, and fills in before
// every call of a plugin.

#include "services/descriptor.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

namespace giflab::workers {

// What one thread is calling; two cache lines of its own.
struct alignas(64) call_slot {
   char plugin[95]; // its id, cut short if it is longer
   char entry[16];  // "measure"
   std::atomic<bool> busy;
   int64_t frame;
   uint32_t frames;
};
static_assert(sizeof(call_slot) == 128);

// Memory of both processes: no pointer, no constructor.
struct blame_page {
   static constexpr std::size_t slot_count = 256;

   std::atomic<int32_t>
       dying;          // number + 1 of the slot whose thread met a fatal signal or called exit(); 0: none
   char loading[4092]; // the file that is being loaded; empty: none
   std::array<call_slot, slot_count> slots;
};

// A call that was under way when a worker died.
struct blamed_call {
   std::string plugin, entry;
   int64_t frame = -1;
   uint32_t frames = 0;
};

// What a page says.
struct blame {
   std::vector<blamed_call> calls; // the one that did it, or all that may have
   std::string loading;
};

// The page in this process's memory.
class shared_page {
 public:
   // Made anew, or that behind a descriptor. Throws std::system_error.
   shared_page();
   explicit shared_page(services::descriptor file);
   ~shared_page();
   shared_page(const shared_page &) = delete;
   shared_page &operator=(const shared_page &) = delete;

   int file() const { return file_.get(); }
   void close_file() { file_ = {}; } // the memory stays
   blame_page &page() const { return *page_; }

   // For the supervisor, after a death.
   blame read() const;

 private:
   services::descriptor file_;
   blame_page *page_;
};

// From now on this process notes on the page what it calls, and which of its threads a fatal signal or exit()
// came from. The page stays as long as the process. Called once. [main]
void note_calls_on(blame_page &page);

// Notes which file is being loaded; "" when that is done. [main]
void note_loading(blame_page &page, const std::string &path);

} // namespace giflab::workers
