#include "services/block_pool.hpp"

#include <sys/mman.h>

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

// From this size on blocks are pages of their own. In the heap, small things that stay come to lie at the
// beginning of holes that pictures leave, which are then too small for the next one: memory would grow with the
// length of a clip.
#ifdef __SANITIZE_ADDRESS__
constexpr std::size_t own_pages = std::numeric_limits<std::size_t>::max(); // it watches the heap alone
#else
constexpr std::size_t own_pages = std::size_t{1} << 17;
#endif

// Untouched pages, large ones where the kernel grants them.
std::byte *mapped(std::size_t bytes) {
   void *const pages = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
   if (pages == MAP_FAILED)
      throw std::bad_alloc();
   madvise(pages, bytes, MADV_HUGEPAGE);
   return static_cast<std::byte *>(pages);
}

void unmap(std::byte *pages, std::size_t bytes) {
   if (bytes > 0)
      munmap(pages, bytes);
}

// Blocks of pages. Those that are smaller than a large page are cut off a region one after another, so that
// they share large pages. All of them are touched at once: one by one, pages of a short clip cost a twentieth
// of its time.
class page_supply {
 public:
   page_supply() = default;
   ~page_supply() { unmap(next_, left_); }
   page_supply(const page_supply &) = delete;
   page_supply &operator=(const page_supply &) = delete;

   std::byte *take(std::size_t bytes) {
      std::byte *const made = bytes < region / 8 ? cut(bytes) : mapped(bytes);
      madvise(made, bytes, MADV_POPULATE_WRITE); // before Linux 5.14 each is touched as it is needed
      return made;
   }

 private:
   static constexpr std::size_t region = std::size_t{8} << 20;

   std::byte *cut(std::size_t bytes) {
      const std::lock_guard guard(mutex_);
      if (left_ < bytes) {
         std::byte *const fresh = mapped(region);
         unmap(next_, left_);
         next_ = fresh;
         left_ = region;
      }
      left_ -= bytes;
      return std::exchange(next_, next_ + bytes);
   }

   std::mutex mutex_;
   std::byte *next_ = nullptr;
   std::size_t left_ = 0;
};

void released(std::byte *data, std::size_t bytes) {
   if (bytes < own_pages)
      ::operator delete (data, std::align_val_t{alignment});
   else
      unmap(data, bytes);
}

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

   explicit store(std::size_t kept_bytes) : kept(kept_bytes) {}
   ~store() { drop_idle(0); }

   std::byte *allocated(std::size_t size) {
      return size < own_pages ? static_cast<std::byte *>(::operator new (size, std::align_val_t{alignment}))
                              : pages.take(size);
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

   // Gives up the blocks that lay idle longest, until no more than `left` bytes are idle; gives their bytes.
   std::size_t drop_idle(std::size_t left) {
      const std::size_t before = idle_bytes;
      auto kept_from = idle.begin();
      for (; kept_from != idle.end() && idle_bytes > left; ++kept_from) {
         released(kept_from->data, kept_from->size);
         idle_bytes -= kept_from->size;
      }
      idle.erase(idle.begin(), kept_from);
      return before - idle_bytes;
   }

   // Blocks of other sizes than those in use now must not add to what is held.
   void drop_surplus() {
      const std::size_t most = std::max(kept, peak);
      drop_idle(most - std::min(most, in_use));
   }

   void take_back(std::byte *data, std::size_t size) noexcept {
      std::lock_guard lock(mutex);
      in_use -= size;
      try {
         idle.push_back({data, size});
         idle_bytes += size;
         drop_surplus();
      } catch (const std::bad_alloc &) {
         released(data, size); // not kept, then
      }
   }

   page_supply pages;
   std::mutex mutex;             // guards what follows
   std::vector<idle_block> idle; // longest idle first
   std::size_t idle_bytes = 0;
   const std::size_t kept;
   std::size_t in_use = 0, peak = 0;
};

block::block(mapped_file bytes)
    : mapped_(std::move(bytes)), data_(const_cast<std::byte *>(mapped_.bytes().data())),
      size_(mapped_.bytes().size()) {}

block::~block() {
   if (store_)
      store_->take_back(data_, size_);
}

block::block(block &&other) noexcept
    : store_(std::move(other.store_)), mapped_(std::move(other.mapped_)),
      data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

block &block::operator=(block &&other) noexcept {
   block taken(std::move(other));
   std::swap(store_, taken.store_);
   std::swap(mapped_, taken.mapped_);
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
      store_->drop_surplus();
   }
   if (!data) {
      try {
         data = store_->allocated(size);
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

std::size_t block_pool::drop_idle() {
   std::lock_guard lock(store_->mutex);
   return store_->drop_idle(0);
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
