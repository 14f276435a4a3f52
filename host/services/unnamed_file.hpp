#pragma once
// Bytes that are put on the disk, to be mapped again when they are wanted: memory that the kernel can take
// back.

#include "error.hpp"
#include "services/block_pool.hpp"
#include "services/descriptor.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <span>

namespace giflab::services {

// A file that has no name any more: nobody else opens or shortens it, and it is gone with this object and with
// what was mapped of it, however the process ends. Made by a sandbox, whose quota it counts against. One thread
// puts; any thread maps.
class unnamed_file {
 public:
   // `file` is empty. `spent`: by all files like this one of a sandbox, which may hold `quota` together.
   unnamed_file(descriptor file, std::shared_ptr<std::atomic<uint64_t>> spent, uint64_t quota);
   ~unnamed_file();
   unnamed_file(const unnamed_file &) = delete;
   unnamed_file &operator=(const unnamed_file &) = delete;

   // Writes behind what is there, and gives the place. An error if the quota is spent, the disk is full, or
   // less would be left free on it than this file takes.
   result<uint64_t> put(std::span<const std::byte> bytes);

   // What was put at `place`, or the first `size` of it; not to be written to. Empty, with errno, if it cannot
   // be mapped.
   block map(uint64_t place, std::size_t size) const;

   uint64_t size() const { return size_; }

 private:
   result<void> take_room(uint64_t bytes);

   descriptor file_;
   std::shared_ptr<std::atomic<uint64_t>> spent_;
   const uint64_t quota_;
   uint64_t size_ = 0; // whole pages
};

} // namespace giflab::services
