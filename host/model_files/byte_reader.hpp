#pragma once
// Bytes from a file, taken one after another.

#include "model_files/refusal.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace giflab::model_files {

class byte_reader {
 public:
   explicit byte_reader(std::span<const std::byte> bytes) : bytes_(bytes) {}

   // Each throws refusal where the bytes end before.
   std::span<const std::byte> bytes(uint64_t count) {
      if (count > bytes_.size() - at_)
         throw refusal("it ends early: it is cut short or damaged");
      at_ += static_cast<std::size_t>(count);
      return bytes_.subspan(at_ - static_cast<std::size_t>(count), static_cast<std::size_t>(count));
   }
   std::string_view text(uint64_t count) {
      const auto taken = bytes(count);
      return {reinterpret_cast<const char *>(taken.data()), taken.size()};
   }
   // Little-endian, of `size` (1 to 8) bytes.
   uint64_t number(std::size_t size) {
      uint64_t value = 0;
      const auto taken = bytes(size);
      for (std::size_t i = size; i-- > 0;)
         value = value << 8 | std::to_integer<uint64_t>(taken[i]);
      return value;
   }
   // What stands before the next line feed, which is passed over; at most `most` bytes.
   std::string_view line(std::size_t most) {
      const std::string_view rest(reinterpret_cast<const char *>(bytes_.data()) + at_, bytes_.size() - at_);
      const std::size_t end = rest.substr(0, most + 1).find('\n');
      if (end == std::string_view::npos)
         throw refusal("a name in it is too long, or cut short");
      at_ += end + 1;
      return rest.substr(0, end);
   }
   void skip(uint64_t count) { (void)bytes(count); }

   std::size_t position() const { return at_; }
   std::size_t left() const { return bytes_.size() - at_; }

 private:
   std::span<const std::byte> bytes_;
   std::size_t at_ = 0;
};

} // namespace giflab::model_files
