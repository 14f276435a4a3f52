#pragma once
// The bytes of a file, a window at a time. Not mapped: a mapped file that somebody shortens kills the process.

#include "error.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace giflab::media {

class byte_source {
 public:
   // Bytes in memory.
   explicit byte_source(std::vector<uint8_t> bytes);

   // A regular file that is not empty and not larger than `max_bytes`. Errors name the file, the reason and
   // what to do.
   static result<byte_source> opened(const std::string &path, int64_t max_bytes);

   ~byte_source();
   byte_source(byte_source &&other) noexcept;
   byte_source &operator=(byte_source &&) = delete;

   // Copies the next bytes; fewer than asked for only at the end, or where reading fails.
   std::size_t read(std::span<uint8_t> to);
   void rewind();

   std::size_t size() const { return size_; }
   std::size_t position() const { return position_; }
   uint8_t last() const { return last_; } // the byte that was read last

   // Why reading ended before the end of the file: the machine's words; empty if it did not.
   const std::string &trouble() const { return trouble_; }

   // All bytes, whatever was read before.
   std::vector<uint8_t> all();

 private:
   byte_source(int descriptor, std::size_t size);
   bool refill();

   int descriptor_ = -1; // -1: the window is everything
   std::vector<uint8_t> window_;
   std::size_t window_start_ = 0; // place of the window in the file
   std::size_t size_ = 0, position_ = 0;
   uint8_t last_ = 0;
   std::string trouble_;
};

} // namespace giflab::media
