#include "services/arena.hpp"

#include <algorithm>
#include <new>

namespace giflab::services {

namespace {

constexpr std::size_t alignment = 64;
constexpr std::size_t least_chunk = std::size_t{1} << 20;

std::size_t rounded_up(std::size_t bytes) { return (bytes + alignment - 1) / alignment * alignment; }

} // namespace

void arena::chunk::release::operator()(std::byte *memory) const noexcept {
   ::operator delete[](memory, std::align_val_t{alignment});
}

void *arena::allocate(std::size_t bytes) noexcept {
   if (bytes > limit_)
      return nullptr;
   const std::size_t size = std::max(rounded_up(bytes), alignment);
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
   auto *memory = static_cast<std::byte *>(::operator new[](size, std::align_val_t{alignment}, std::nothrow));
   if (!memory)
      return false;
   try {
      chunks_.push_back({{memory, {}}, size, 0});
   } catch (const std::bad_alloc &) {
      return false; // the unique_ptr of the failed push gave the memory back
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
