#include "services/block_pool.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <mutex>
#include <new>
#include <utility>
#include <vector>

namespace giflab::services {

namespace {

constexpr std::size_t alignment = 64;

// Sizes go in steps of a page, so that planes of nearly equal size share blocks.
constexpr std::size_t granularity = 4096;

std::size_t rounded_up(std::size_t bytes) {
   if (bytes > std::numeric_limits<std::size_t>::max() - granularity)
      throw std::bad_alloc();
   return std::max(granularity, (bytes + granularity - 1) / granularity * granularity);
}

std::byte *allocated(std::size_t bytes) {
   return static_cast<std::byte *>(::operator new (bytes, std::align_val_t{alignment}));
}

void released(std::byte *data) { ::operator delete (data, std::align_val_t{alignment}); }

#ifndef NDEBUG
void poison(std::byte *data, std::size_t bytes) { std::memset(data, 0xA5, bytes); }
#else
void poison(std::byte *, std::size_t) {}
#endif

} // namespace

struct block::store {
   struct idle_block {
      std::byte *data;
      std::size_t size;
   };

   explicit store(std::size_t kept_bytes) : most_idle(kept_bytes) {}
   ~store() {
      for (const idle_block &each : idle)
         released(each.data);
   }

   // An idle block of exactly this size; null if there is none. The latest is the warmest.
   std::byte *reused(std::size_t size) {
      const auto found = std::find_if(idle.rbegin(), idle.rend(),
                                      [size](const idle_block &each) { return each.size == size; });
      if (found == idle.rend())
         return nullptr;
      std::byte *data = found->data;
      idle.erase(std::next(found).base());
      idle_bytes -= size;
      return data;
   }

   // Makes room for `size` bytes by giving up the blocks that lay idle longest.
   void make_room(std::size_t size) {
      while (!idle.empty() && idle_bytes + size > most_idle) {
         released(idle.front().data);
         idle_bytes -= idle.front().size;
         idle.erase(idle.begin());
      }
   }

   void take_back(std::byte *data, std::size_t size) noexcept {
      std::lock_guard lock(mutex);
      in_use -= size;
      if (size <= most_idle) {
         try {
            make_room(size);
            idle.push_back({data, size});
            idle_bytes += size;
            return;
         } catch (const std::bad_alloc &) {
            // not kept, then
         }
      }
      released(data);
   }

   std::mutex mutex;
   std::vector<idle_block> idle; // longest idle first
   std::size_t idle_bytes = 0;
   const std::size_t most_idle;
   std::size_t in_use = 0, peak = 0;
};

block::~block() {
   if (store_)
      store_->take_back(data_, size_);
}

block::block(block &&other) noexcept
    : store_(std::move(other.store_)), data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)) {}

block &block::operator=(block &&other) noexcept {
   block taken(std::move(other));
   std::swap(store_, taken.store_);
   std::swap(data_, taken.data_);
   std::swap(size_, taken.size_);
   return *this;
}

block_pool::block_pool(std::size_t kept_bytes) : store_(std::make_shared<block::store>(kept_bytes)) {}

block block_pool::acquire(std::size_t bytes) {
   const std::size_t size = rounded_up(bytes);
   std::byte *data = nullptr;
   {
      std::lock_guard lock(store_->mutex);
      data = store_->reused(size);
      store_->in_use += size;
      store_->peak = std::max(store_->peak, store_->in_use);
   }
   if (!data) {
      try {
         data = allocated(size);
      } catch (const std::bad_alloc &) {
         std::lock_guard lock(store_->mutex);
         store_->in_use -= size;
         throw;
      }
   }
   poison(data, size);
   block made;
   made.store_ = store_;
   made.data_ = data;
   made.size_ = size;
   return made;
}

std::size_t block_pool::bytes_in_use() const {
   std::lock_guard lock(store_->mutex);
   return store_->in_use;
}

std::size_t block_pool::peak_bytes() const {
   std::lock_guard lock(store_->mutex);
   return store_->peak;
}

} // namespace giflab::services
