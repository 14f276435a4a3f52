#pragma once
// A file's bytes in memory, read-only, for as long as this lives.

#include <cstddef>
#include <cstdint>
#include <span>

namespace giflab::services {

// Whoever shortens the file in place meanwhile crashes who reads behind its new end.
class mapped_file {
 public:
   mapped_file() = default;

   // `size` bytes (more than 0) of an open file from `first` on, which is whole pages. Empty, with errno, if
   // that fails.
   static mapped_file of(int descriptor, std::size_t size, uint64_t first = 0);

   mapped_file(mapped_file &&other) noexcept;
   mapped_file &operator=(mapped_file &&other) noexcept;
   ~mapped_file();

   std::span<const std::byte> bytes() const { return bytes_; }
   explicit operator bool() const { return !bytes_.empty(); }

 private:
   std::span<const std::byte> bytes_;
};

} // namespace giflab::services
