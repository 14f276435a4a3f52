#pragma once
// GIF's LZW. giflib has one, but it makes pixels up where a code cannot be, and says nothing.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace giflab::media {

// Expands the codes of one GIF frame into palette indices. Fed with the data blocks of the frame as they
// come; allocates nothing.
class lzw_decoder {
 public:
   enum class state {
      hungry,  // every byte is used up and pixels are missing
      ended,   // the end code came
      full,    // every pixel is there
      surplus, // every pixel is there, and more were coded
      broken,  // a code that cannot be
   };

   // Bytes that must be writable behind the last pixel: short strings are copied in one go.
   static constexpr std::size_t slack = 16;

   // `minimum_code_size` is 1 to 8. `pixels` is the frame's size plus `slack`.
   lzw_decoder(int minimum_code_size, std::span<uint8_t> pixels);

   // Takes the next block. Call it no more once the state is not `hungry` or `full`.
   state feed(std::span<const uint8_t> block);

   std::size_t pixels_written() const { return written_; }

 private:
   static constexpr uint32_t code_limit = 4096;

   // Every string but a single pixel was written before: the pixels of an earlier string and the one that
   // followed it.
   struct string {
      uint32_t start, length;
   };
   state take(uint32_t code);
   state write(string text);
   void clear();

   std::span<uint8_t> pixels_; // without the slack
   std::size_t written_ = 0;
   uint32_t clear_code_, end_code_, next_code_ = 0;
   uint32_t width_ = 0, first_width_;
   uint32_t last_length_ = 0; // of the string written last; 0 after a clear code
   uint64_t bits_ = 0;
   uint32_t bit_count_ = 0;
   std::array<string, code_limit> strings_; // from clear_code_ + 2 to next_code_
};

} // namespace giflab::media
