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
   size_t written() const { return at_.written; }

 private:
   // What a code stands for was written before: so many pixels from there.
   struct string {
      uint32_t start, length;
   };
   // What changes from code to code. `feed` works on a copy: pixels may alias members, as the compiler sees it.
   struct progress {
      size_t written = 0;
      uint32_t next_code = 0, width = 0, bit_count = 0;
      uint64_t bits = 0;
      string last = {}; // length 0 after a clear code
   };
   static size_t refill(progress &at, std::span<const uint8_t> bytes);
   void clear(progress &at) const;
   bool take(progress &at, uint32_t code);
   void copy(progress &at, string from) const;

   uint8_t *pixels_;
   size_t size_;
   uint32_t clear_code_, end_code_, first_width_;
   progress at_;
   std::array<string, 4096> strings_;
};

} // namespace giflab::classic
