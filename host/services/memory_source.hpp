#pragma once
// Where an arena gets its chunks from.

#include <cstddef>

namespace giflab::services {

class memory_source {
 public:
   virtual ~memory_source() = default;

   // Aligned to alignment(), uninitialised; null when there is none.
   virtual void *allocate(std::size_t bytes) noexcept = 0;
   virtual void release(void *memory) noexcept = 0;
   virtual std::size_t alignment() const noexcept = 0; // a power of two
};

// The process's own memory, 64-byte aligned.
memory_source &host_memory();

} // namespace giflab::services
