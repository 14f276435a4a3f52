#include "media/lzw.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace giflab::media {

namespace {

// Bytes of a block for which it pays to go back from single codes to many.
constexpr std::ptrdiff_t worth_running = 16;

} // namespace

lzw_decoder::lzw_decoder(int minimum_code_size, std::span<uint8_t> pixels)
    : pixels_(pixels.first(pixels.size() - slack)), clear_code_(1u << minimum_code_size),
      end_code_(clear_code_ + 1), first_width_(static_cast<uint32_t>(minimum_code_size) + 1) {
   lay_single_pixels(pixels_.data() + pixels_.size() + step);
   clear(now_);
}

// So that strings of one pixel are copied as all others: which come next nobody can foresee.
void lzw_decoder::lay_single_pixels(uint8_t *behind) {
   for (uint32_t code = 0; code < clear_code_; ++code) {
      behind[code] = static_cast<uint8_t>(code);
      strings_[code] = {static_cast<uint32_t>(pixels_.size() + step) + code, 1};
   }
}

std::array<bool, 256> lzw_decoder::used() const {
   std::array<bool, 256> found{};
   std::copy_n(met_.begin(), clear_code_, found.begin());
   return found;
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
   const uint8_t *at = run(block.data(), block.data() + block.size(), now);
   state reached = take_whole_codes(now);
   for (const uint8_t *const end = block.data() + block.size(); reached == state::hungry && at != end;) {
      now.past_pixels = now.written == pixels_.size();
      now.bits |= uint64_t{*at++} << now.bit_count;
      now.bit_count += 8;
      reached = take_whole_codes(now);
      if (reached == state::hungry && end - at > worth_running) {
         at = run(at, end, now);
         reached = take_whole_codes(now);
      }
   }
   now_ = now;
   return reached == state::hungry && now.written == pixels_.size() ? state::full : reached;
}

inline lzw_decoder::state lzw_decoder::take_whole_codes(progress &now) {
   while (now.bit_count >= now.width) {
      const auto code = static_cast<uint32_t>(now.bits & ((uint64_t{1} << now.width) - 1));
      now.bits >>= now.width;
      now.bit_count -= now.width;
      if (const state reached = take(code, now); reached != state::hungry)
         return reached;
   }
   return state::hungry;
}

// The bulk of a block; gives where it stopped. Stops before a code that is no string, before the string that
// fills the frame, and before the block's last bytes: those take() takes one by one. No whole code may be left
// unread.
const uint8_t *lzw_decoder::run(const uint8_t *at, const uint8_t *end, progress &given) {
   constexpr std::ptrdiff_t eight_bytes = 8;
   constexpr uint32_t codes_at_once = 4; // 48 bits, and there are 56
   if (std::endian::native != std::endian::little)
      return at;
   const uint8_t *const begin = at;
   progress now = given;
   for (bool goes_on = true; goes_on && end - at >= eight_bytes;) {
      uint64_t next = 0;
      std::memcpy(&next, at, sizeof next);
      now.bits |= next << now.bit_count;
      at += (63 - now.bit_count) / 8;
      now.bit_count |= 56;
      for (uint32_t i = 0; i < codes_at_once && goes_on; ++i)
         goes_on = run_code(now);
   }
   // Whole bytes are given back.
   const auto unread = std::min<std::ptrdiff_t>(now.bit_count / 8, at - begin);
   now.bit_count -= static_cast<uint32_t>(8 * unread);
   now.bits &= (uint64_t{1} << now.bit_count) - 1;
   given = now;
   return at - unread;
}

// False, and nothing taken, where run() has to stop.
inline bool lzw_decoder::run_code(progress &now) {
   const auto code = static_cast<uint32_t>(now.bits) & ((1u << now.width) - 1);
   // The string before plus its follower, which is about to be written right behind it.
   strings_[now.next_code] = {static_cast<uint32_t>(now.written) - now.last_length, now.last_length + 1};
   const uint32_t next_code = now.next_code + (now.last_length != 0 && now.next_code < code_limit);
   const string text = strings_[code];
   if (code - clear_code_ < 2 || code >= next_code || text.length >= pixels_.size() - now.written)
      return false;
   uint8_t *const to = pixels_.data() + now.written;
   const uint8_t *const from = pixels_.data() + text.start;
   std::memcpy(to, from, step);
   for (uint32_t copied = step; copied < text.length; copied += step)
      std::memcpy(to + copied, from + copied, step);
   if (code == now.next_code) // ends in its own first pixel, which was not there yet
      to[text.length - 1] = from[0];
   met_[code] = true;
   now.written += text.length;
   now.last_length = text.length;
   now.next_code = next_code;
   now.bits >>= now.width;
   now.bit_count -= now.width;
   now.width += next_code == 1u << now.width && next_code < code_limit;
   return true;
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
      strings_[now.next_code] = {static_cast<uint32_t>(now.written) - now.last_length, now.last_length + 1};
      ++now.next_code;
   }
   // Not only after an addition: with a minimum of 1 the first free code is too long from the start.
   if (now.next_code == 1u << now.width && now.next_code < code_limit)
      ++now.width;
   if (code >= now.next_code)
      return state::broken;
   met_[code] = true;
   return write(strings_[code], now);
}

inline lzw_decoder::state lzw_decoder::write(const string &text, progress &now) {
   uint8_t *to = pixels_.data() + now.written;
   const uint8_t *from = pixels_.data() + text.start;
   const auto room = static_cast<uint32_t>(pixels_.size() - now.written);
   const uint32_t length = std::min(text.length, room);
   for (uint32_t i = 0; i < length; ++i) // byte by byte: the string may end in its own first pixel
      to[i] = from[i];
   now.written += length;
   now.last_length = length;
   return length < text.length ? state::surplus : state::hungry;
}

} // namespace giflab::media
