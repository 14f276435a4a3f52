#include "gif_lzw.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <giflab/plugin.hpp>

namespace giflab::classic {

lzw_expansion::lzw_expansion(int minimum_code_size, uint8_t *pixels, size_t size)
    : pixels_(pixels), size_(size), clear_code_(1u << minimum_code_size), end_code_(clear_code_ + 1),
      first_width_(static_cast<uint32_t>(minimum_code_size) + 1) {
   clear(at_);
}

inline void lzw_expansion::clear(progress &at) const {
   at.next_code = end_code_ + 1;
   at.width = first_width_;
   at.last.length = 0;
}

// Source and target may overlap where a string repeats itself: byte by byte is then what is meant.
inline void lzw_expansion::copy(progress &at, string from) const {
   const uint8_t *source = pixels_ + from.start;
   uint8_t *target = pixels_ + at.written;
   const size_t length = std::min<size_t>(from.length, size_ - at.written);
   if (target - source >= 16)
      for (size_t i = 0; i < length; i += 16)
         std::memcpy(target + i, source + i, 16);
   else
      for (size_t i = 0; i < length; ++i)
         target[i] = source[i];
   at.written += length;
}

inline bool lzw_expansion::take(progress &at, uint32_t code) {
   if (code == clear_code_) {
      clear(at);
      return false;
   }
   if (code == end_code_)
      return true;
   if (code > at.next_code || (code == at.next_code && at.last.length == 0) || (code >= 4096))
      throw failure(GIFLAB_IO, "the GIF holds a code that cannot be");
   const string grown{at.last.start, at.last.length + 1};
   const auto start = static_cast<uint32_t>(at.written);
   if (code < clear_code_)
      pixels_[at.written++] = static_cast<uint8_t>(code);
   else
      copy(at, code == at.next_code ? grown : strings_[code]);
   if (at.last.length != 0 && at.next_code < 4096) {
      strings_[at.next_code++] = grown;
      if (at.next_code == 1u << at.width && at.width < 12)
         ++at.width;
   }
   at.last = {start, static_cast<uint32_t>(at.written - start)};
   return at.written == size_;
}

// As many whole bytes as there is room for.
inline size_t lzw_expansion::refill(progress &at, std::span<const uint8_t> bytes) {
   const size_t room = (63 - at.bit_count) / 8;
   if (bytes.size() >= sizeof at.bits) {
      uint64_t next;
      std::memcpy(&next, bytes.data(), sizeof next);
      if constexpr (std::endian::native == std::endian::big)
         next = __builtin_bswap64(next);
      at.bits |= next << at.bit_count; // those that come again next time, as what they are already
      at.bit_count += static_cast<uint32_t>(8 * room);
      return room;
   }
   const size_t count = std::min(room, bytes.size());
   for (size_t i = 0; i < count; ++i, at.bit_count += 8)
      at.bits |= static_cast<uint64_t>(bytes[i]) << at.bit_count;
   return count;
}

bool lzw_expansion::feed(std::span<const uint8_t> block) {
   progress at = at_;
   bool complete = false;
   while (!complete) {
      block = block.subspan(refill(at, block));
      if (at.bit_count < at.width)
         break;
      while (at.bit_count >= at.width && !complete) {
         const auto code = static_cast<uint32_t>(at.bits) & ((1u << at.width) - 1);
         at.bits >>= at.width;
         at.bit_count -= at.width;
         complete = take(at, code);
      }
   }
   at_ = at;
   return complete;
}

} // namespace giflab::classic
