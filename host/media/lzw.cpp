#include "media/lzw.hpp"

#include <algorithm>
#include <cstring>

namespace giflab::media {

lzw_decoder::lzw_decoder(int minimum_code_size, std::span<uint8_t> pixels)
    : pixels_(pixels.first(pixels.size() - slack)), clear_code_(1u << minimum_code_size),
      end_code_(clear_code_ + 1), first_width_(static_cast<uint32_t>(minimum_code_size) + 1) {
   clear(now_);
}

inline void lzw_decoder::clear(progress &now) const {
   now.next_code = clear_code_ + 2;
   now.width = first_width_;
   now.last_length = 0;
}

// Works on a copy of the progress: pixels are bytes, and after each the compiler would have to assume that
// it changed a member.
lzw_decoder::state lzw_decoder::feed(std::span<const uint8_t> block) {
   progress now = now_;
   for (const uint8_t byte : block) {
      now.past_pixels = now.written == pixels_.size();
      now.bits |= uint64_t{byte} << now.bit_count;
      now.bit_count += 8;
      while (now.bit_count >= now.width) {
         const auto code = static_cast<uint32_t>(now.bits & ((uint64_t{1} << now.width) - 1));
         now.bits >>= now.width;
         now.bit_count -= now.width;
         const state reached = take(code, now);
         if (reached != state::hungry) {
            now_ = now;
            return reached;
         }
      }
   }
   now_ = now;
   return now.written == pixels_.size() ? state::full : state::hungry;
}

inline lzw_decoder::state lzw_decoder::take(uint32_t code, progress &now) {
   if (code == clear_code_) {
      clear(now);
      return state::hungry;
   }
   if (code == end_code_)
      return state::ended;
   if (now.written == pixels_.size()) // bits that only fill up a byte are no codes
      return now.past_pixels ? state::surplus : state::hungry;
   if (now.last_length != 0 && now.next_code < code_limit) {
      // The string before plus its follower, which is about to be written right behind it.
      strings_[now.next_code] = {static_cast<uint32_t>(now.written) - now.last_length, now.last_length + 1};
      ++now.next_code;
   }
   // Not only after an addition: with a minimum of 1 the first free code is too long from the start.
   if (now.next_code == 1u << now.width && now.next_code < code_limit)
      ++now.width;
   if (code < clear_code_) {
      pixels_[now.written++] = static_cast<uint8_t>(code);
      used_[code] = true;
      now.last_length = 1;
      return state::hungry;
   }
   return code < now.next_code ? write(strings_[code], now) : state::broken;
}

inline lzw_decoder::state lzw_decoder::write(string text, progress &now) {
   uint8_t *to = pixels_.data() + now.written;
   const uint8_t *from = pixels_.data() + text.start;
   const auto room = static_cast<uint32_t>(pixels_.size() - now.written);
   const uint32_t length = std::min(text.length, room);
   if (length <= slack && from + slack <= to)
      std::memcpy(to, from, slack);
   else
      for (uint32_t i = 0; i < length; ++i) // byte by byte: the string may end in its own first pixel
         to[i] = from[i];
   now.written += length;
   now.last_length = length;
   return length < text.length ? state::surplus : state::hungry;
}

} // namespace giflab::media
