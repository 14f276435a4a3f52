#pragma once
// Scratch memory for plugin calls: handed out by moving a mark, taken back all at once, kept for the next
// call. One arena a worker, so that the pages it touched stay its own. The memory itself is never touched: it
// may be a device's.

#include "services/memory_source.hpp"

#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

namespace giflab::services {

// allocate() may be called by several threads at once (the tasks of one call share its arena); reset() only
// when no memory of it is in use.
class arena {
 public:
   // Never holds more than `limit` bytes; a request beyond it gets null.
   explicit arena(std::size_t limit = default_limit, memory_source &source = host_memory())
       : source_(&source), limit_(limit) {}

   // Aligned as the source is, uninitialised; null when the limit or the source's memory is spent.
   void *allocate(std::size_t bytes) noexcept;

   // All memory is free again. What was spread over several chunks is one chunk from now on.
   void reset() noexcept;

   // What it holds, in use or not.
   std::size_t reserved_bytes() const { return reserved_; }

   // The most that was in use at once.
   std::size_t peak_bytes() const { return peak_; }

   static constexpr std::size_t default_limit = std::size_t{4} << 30;

 private:
   struct chunk {
      struct release {
         memory_source *source;
         void operator()(std::byte *memory) const noexcept { source->release(memory); }
      };
      std::unique_ptr<std::byte, release> memory;
      std::size_t size = 0, used = 0;
   };
   bool grow(std::size_t bytes) noexcept;

   std::mutex mutex_;
   memory_source *source_;
   std::vector<chunk> chunks_;
   std::size_t limit_, used_ = 0, peak_ = 0, reserved_ = 0;
};

} // namespace giflab::services
