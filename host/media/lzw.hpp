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

   // Bytes that must be writable behind the last pixel: strings are copied in steps of `step`, and the strings
   // of one pixel lie there.
   static constexpr std::size_t step = 32, slack = step + 256 + step;

   // `minimum_code_size` is 1 to 8. `pixels` is the frame's size plus `slack`, together less than 4 GiB.
   lzw_decoder(int minimum_code_size, std::span<uint8_t> pixels);

   // Takes the next block. Call it no more once the state is not `hungry` or `full`.
   state feed(std::span<const uint8_t> block);

   std::size_t pixels_written() const { return now_.written; }

   // Which palette indices the pixels so far hold: all that were ever coded by themselves.
   std::array<bool, 256> used() const;

 private:
   static constexpr uint32_t code_limit = 4096;

   // Every string was written before: the pixels of an earlier string and the one that followed it, or a single
   // pixel behind the frame.
   struct string {
      uint32_t start, length;
   };
   struct progress {
      std::size_t written = 0;
      uint64_t bits = 0; // read, but not used up: the lowest come first
      uint32_t bit_count = 0;
      uint32_t next_code = 0, width = 0;
      uint32_t last_length = 0; // of the string written last; 0 after a clear code
      bool past_pixels = false; // in a byte behind the one that ended the last pixel's code
   };
   void clear(progress &now) const;
   void lay_single_pixels(uint8_t *behind);
   const uint8_t *run(const uint8_t *at, const uint8_t *end, progress &given);
   bool run_code(progress &now);
   state take_whole_codes(progress &now);
   state take(uint32_t code, progress &now);
   state write(const string &text, progress &now);

   std::span<uint8_t> pixels_; // without the slack
   uint32_t clear_code_, end_code_, first_width_;
   progress now_;
   // Below clear_code_, and from clear_code_ + 2 to next_code; what is at next_code is not yet one.
   std::array<string, code_limit + 1> strings_;
   std::array<bool, code_limit> met_{}; // codes of strings that were written
};

} // namespace giflab::media
