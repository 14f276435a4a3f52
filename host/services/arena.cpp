#include "services/arena.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <memory>
#include <new>

namespace giflab::services {

namespace {

constexpr std::size_t least_chunk = std::size_t{1} << 20;

// Touching so much for the first time costs more than some rounding up of what is held.
constexpr std::size_t worth_large_pages = std::size_t{16} << 20;

// A wish: where the kernel does not grant it, all goes on in small pages.
void ask_for_large_pages(void *memory, std::size_t bytes) {
   constexpr std::size_t large = std::size_t{2} << 20;
   void *first = memory;
   if (std::align(large, large, first, bytes))
      madvise(first, bytes / large * large, MADV_HUGEPAGE);
}

class process_memory final : public memory_source {
 public:
   void *allocate(std::size_t bytes) noexcept override {
      void *memory = ::operator new[](bytes, std::align_val_t{64}, std::nothrow);
      if (memory && bytes >= worth_large_pages)
         ask_for_large_pages(memory, bytes);
      return memory;
   }
   void release(void *memory) noexcept override { ::operator delete[](memory, std::align_val_t{64}); }
   std::size_t alignment() const noexcept override { return 64; }
};

} // namespace

memory_source &host_memory() {
   static process_memory memory;
   return memory;
}

void *arena::allocate(std::size_t bytes) noexcept {
   if (bytes > limit_)
      return nullptr;
   const std::size_t unit = source_->alignment();
   const std::size_t size = std::max((bytes + unit - 1) / unit * unit, unit);
   std::lock_guard lock(mutex_);
   if (chunks_.empty() || chunks_.back().size - chunks_.back().used < size)
      if (!grow(size))
         return nullptr;
   chunk &last = chunks_.back();
   void *memory = last.memory.get() + last.used;
   last.used += size;
   used_ += size;
   peak_ = std::max(peak_, used_);
   return memory;
}

bool arena::grow(std::size_t bytes) noexcept {
   const std::size_t left = limit_ - std::min(limit_, reserved_);
   const std::size_t size = std::max(bytes, std::min(std::max(least_chunk, reserved_), left));
   if (size > left)
      return false;
   auto *memory = static_cast<std::byte *>(source_->allocate(size));
   if (!memory)
      return false;
   try {
      chunks_.push_back({{memory, {source_}}, size, 0});
   } catch (const std::bad_alloc &) {
      return false; // the temporary chunk gave the memory back
   }
   reserved_ += size;
   return true;
}

void arena::reset() noexcept {
   if (chunks_.size() > 1) {
      const std::size_t whole = reserved_;
      chunks_.clear();
      reserved_ = 0;
      grow(whole); // on failure the next allocate tries again
   }
   if (!chunks_.empty())
      chunks_.back().used = 0;
   used_ = 0;
}

} // namespace giflab::services
