#pragma once
// Memory for pixels. A picture's planes are as large as those of the picture before it, so blocks are
// kept and handed out again: fresh pages would cost more than the arithmetic done on them.

#include "services/mapped_file.hpp"

#include <cstddef>
#include <memory>

namespace giflab::services {

class block_pool;

// Owns one block, 64-byte aligned; gives it back to its pool when it goes. Movable.
class block {
 public:
   block() = default;
   // One of a file's bytes, which are not to be written to.
   explicit block(mapped_file bytes);
   ~block();
   block(block &&other) noexcept;
   block &operator=(block &&other) noexcept;

   std::byte *data() const { return data_; }
   std::size_t size() const { return size_; }
   explicit operator bool() const { return data_ != nullptr; }

 private:
   friend class block_pool;
   struct store;
   std::shared_ptr<store> store_; // blocks may outlive the pool; null of a file's bytes
   mapped_file mapped_;
   std::byte *data_ = nullptr;
   std::size_t size_ = 0;
};

// Thread-safe. Keeps blocks that nobody uses as long as they and those in use take no more than were once in
// use at once, or than `kept_bytes`.
class block_pool {
 public:
   explicit block_pool(std::size_t kept_bytes);

   // A block of at least `bytes`, uninitialised (poisoned in debug builds). Throws std::bad_alloc.
   block acquire(std::size_t bytes);

   // Gives the blocks that nobody uses back to the system; gives their bytes.
   std::size_t drop_idle();

   // Bytes handed out now, and the most there ever were.
   std::size_t bytes_in_use() const;
   std::size_t peak_bytes() const;

 private:
   std::shared_ptr<block::store> store_;
};

} // namespace giflab::services
