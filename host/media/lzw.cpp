#include "media/lzw.hpp"

#include <algorithm>
#include <cstring>

namespace giflab::media {

lzw_decoder::lzw_decoder(int minimum_code_size, std::span<uint8_t> pixels)
    : pixels_(pixels.first(pixels.size() - slack)), clear_code_(1u << minimum_code_size),
      end_code_(clear_code_ + 1), first_width_(static_cast<uint32_t>(minimum_code_size) + 1) {
   clear();
}

void lzw_decoder::clear() {
   next_code_ = clear_code_ + 2;
   width_ = first_width_;
   last_length_ = 0;
}

lzw_decoder::state lzw_decoder::feed(std::span<const uint8_t> block) {
   for (const uint8_t byte : block) {
      bits_ |= uint64_t{byte} << bit_count_;
      bit_count_ += 8;
      while (bit_count_ >= width_) {
         const auto code = static_cast<uint32_t>(bits_ & ((uint64_t{1} << width_) - 1));
         bits_ >>= width_;
         bit_count_ -= width_;
         const state now = take(code);
         if (now != state::hungry && now != state::full)
            return now;
      }
   }
   return written_ == pixels_.size() ? state::full : state::hungry;
}

lzw_decoder::state lzw_decoder::take(uint32_t code) {
   if (code == clear_code_) {
      clear();
      return state::hungry;
   }
   if (code == end_code_)
      return state::ended;
   if (written_ == pixels_.size())
      return state::surplus;
   if (last_length_ != 0 && next_code_ < code_limit) {
      // The string before plus its follower, which is about to be written right behind it.
      strings_[next_code_] = {static_cast<uint32_t>(written_) - last_length_, last_length_ + 1};
      ++next_code_;
      if (next_code_ == 1u << width_ && next_code_ < code_limit)
         ++width_;
   }
   if (code < clear_code_) {
      pixels_[written_++] = static_cast<uint8_t>(code);
      last_length_ = 1;
      return state::hungry;
   }
   if (code >= next_code_)
      return state::broken;
   return write(strings_[code]);
}

lzw_decoder::state lzw_decoder::write(string text) {
   uint8_t *to = pixels_.data() + written_;
   const uint8_t *from = pixels_.data() + text.start;
   const auto room = static_cast<uint32_t>(pixels_.size() - written_);
   const uint32_t length = std::min(text.length, room);
   if (length <= slack && from + slack <= to)
      std::memcpy(to, from, slack);
   else
      for (uint32_t i = 0; i < length; ++i) // byte by byte: the string may end in its own first pixel
         to[i] = from[i];
   written_ += length;
   last_length_ = length;
   return length < text.length ? state::surplus : state::hungry;
}

} // namespace giflab::media
