#pragma once
// GIF's LZW codes to palette indices.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace giflab::classic {

class lzw_expansion {
 public:
   // `minimum_code_size` is 1 to 8. 32 bytes behind `size` may be written too.
   lzw_expansion(int minimum_code_size, uint8_t *pixels, size_t size);

   // Takes the next data block; true once all pixels are there or the end code came. Throws failure(GIFLAB_IO)
   // at a code that cannot be.
   bool feed(std::span<const uint8_t> block);
   size_t written() const { return written_; }

 private:
   // What a code stands for was written before: so many pixels from there.
   struct string {
      uint32_t start, length;
   };
   void clear();
   bool take(uint32_t code);
   void copy(string from);

   uint8_t *pixels_;
   size_t size_, written_ = 0;
   uint32_t clear_code_, end_code_, next_code_ = 0, width_ = 0;
   int first_width_;
   uint64_t bits_ = 0;
   uint32_t bit_count_ = 0;
   string last_{}; // length 0 after a clear code
   std::array<string, 4096> strings_;
};

} // namespace giflab::classic
