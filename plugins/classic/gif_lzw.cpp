#include "gif_lzw.hpp"

#include <algorithm>
#include <cstring>
#include <giflab/plugin.hpp>

namespace giflab::classic {

lzw_expansion::lzw_expansion(int minimum_code_size, uint8_t *pixels, size_t size)
    : pixels_(pixels), size_(size), clear_code_(1u << minimum_code_size), end_code_(clear_code_ + 1),
      first_width_(minimum_code_size + 1) {
   clear();
}

void lzw_expansion::clear() {
   next_code_ = end_code_ + 1;
   width_ = static_cast<uint32_t>(first_width_);
   last_.length = 0;
}

// Source and target may overlap where a string repeats itself: byte by byte is then what is meant.
void lzw_expansion::copy(string from) {
   const uint8_t *source = pixels_ + from.start;
   uint8_t *target = pixels_ + written_;
   const size_t length = std::min<size_t>(from.length, size_ - written_);
   if (target - source >= 16)
      for (size_t i = 0; i < length; i += 16)
         std::memcpy(target + i, source + i, 16);
   else
      for (size_t i = 0; i < length; ++i)
         target[i] = source[i];
   written_ += length;
}

bool lzw_expansion::take(uint32_t code) {
   if (code == clear_code_) {
      clear();
      return false;
   }
   if (code == end_code_)
      return true;
   if (code > next_code_ || (code == next_code_ && last_.length == 0) || (code >= 4096))
      throw failure(GIFLAB_IO, "the GIF holds a code that cannot be");
   const string grown{last_.start, last_.length + 1};
   const auto start = static_cast<uint32_t>(written_);
   if (code < clear_code_) {
      pixels_[written_++] = static_cast<uint8_t>(code);
   } else {
      copy(code == next_code_ ? grown : strings_[code]);
   }
   if (last_.length != 0 && next_code_ < 4096) {
      strings_[next_code_++] = grown;
      if (next_code_ == 1u << width_ && width_ < 12)
         ++width_;
   }
   last_ = {start, static_cast<uint32_t>(written_ - start)};
   return written_ == size_;
}

bool lzw_expansion::feed(std::span<const uint8_t> block) {
   for (const uint8_t byte : block) {
      bits_ |= static_cast<uint64_t>(byte) << bit_count_;
      bit_count_ += 8;
      while (bit_count_ >= width_) {
         const auto code = static_cast<uint32_t>(bits_) & ((1u << width_) - 1);
         bits_ >>= width_;
         bit_count_ -= width_;
         if (take(code))
            return true;
      }
   }
   return false;
}

} // namespace giflab::classic
