#pragma once
// Writes GIF files byte by byte, right or wrong as a test wants them. Shares nothing with the code under test.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace giflab::tests {

using bytes = std::vector<uint8_t>;
using palette = std::vector<std::array<uint8_t, 3>>; // a power of two of colours, 2 to 256

// Nearly black, red, green and blue, for pictures that need no others.
inline const palette four_colours{{1, 2, 3}, {200, 0, 0}, {0, 200, 0}, {0, 0, 200}};

struct written_frame {
   int x = 0, y = 0, width = 1, height = 1;
   bytes indices{}; // in reading order, whether interlaced or not
   int delay_hundredths = 10, disposal = 0, transparent = -1;
   bool interlaced = false, with_control = true;
   palette local{}; // none if empty
   int code_size = 2;
};

// Packs LZW codes, lowest bit first.
class code_stream {
 public:
   explicit code_stream(int first_width) : width(first_width) {}

   int width;

   void put(int code) {
      bits_ |= static_cast<uint64_t>(code) << count_;
      count_ += width;
      for (; count_ >= 8; count_ -= 8, bits_ >>= 8)
         packed_.push_back(static_cast<uint8_t>(bits_));
   }
   bytes finished() {
      if (count_ > 0)
         packed_.push_back(static_cast<uint8_t>(bits_));
      return std::move(packed_);
   }

 private:
   uint64_t bits_ = 0;
   int count_ = 0;
   bytes packed_;
};

// The textbook's compressor.
inline bytes lzw_packed(const bytes &indices, int code_size) {
   const int clear = 1 << code_size, end = clear + 1;
   std::map<std::pair<int, uint8_t>, int> table;
   code_stream codes(code_size + 1);
   int next = end + 1, prefix = -1;
   codes.put(clear);
   for (const uint8_t index : indices) {
      if (prefix < 0) {
         prefix = index;
         continue;
      }
      if (const auto found = table.find({prefix, index}); found != table.end()) {
         prefix = found->second;
         continue;
      }
      codes.put(prefix);
      if (next < 4096) {
         table[{prefix, index}] = next++;
         if (next - 1 == 1 << codes.width && codes.width < 12)
            ++codes.width;
      } else {
         codes.put(clear);
         table.clear();
         next = end + 1;
         codes.width = code_size + 1;
      }
      prefix = index;
   }
   if (prefix >= 0)
      codes.put(prefix);
   // The reader adds an entry for the last string, too, and may widen its codes for the end.
   if (prefix >= 0 && next == 1 << codes.width && codes.width < 12)
      ++codes.width;
   codes.put(end);
   return codes.finished();
}

class gif_writer {
 public:
   gif_writer(int width, int height, const palette &global = {{0, 0, 0}, {255, 255, 255}},
              const std::string &signature = "GIF89a") {
      file.insert(file.end(), signature.begin(), signature.end());
      word(width);
      word(height);
      file.push_back(global.empty() ? 0 : static_cast<uint8_t>(0x80 | size_field(global)));
      file.push_back(0); // background colour
      file.push_back(0); // pixel aspect
      colours(global);
   }

   gif_writer &loop(int repeats) {
      const std::string name = "NETSCAPE2.0";
      file.insert(file.end(), {0x21, 0xFF, 11});
      file.insert(file.end(), name.begin(), name.end());
      file.insert(file.end(), {3, 1});
      word(repeats);
      file.push_back(0);
      return *this;
   }

   // Everything of a frame but its pixel data.
   gif_writer &head(const written_frame &frame) {
      if (frame.with_control) {
         file.insert(file.end(), {0x21, 0xF9, 4});
         file.push_back(static_cast<uint8_t>(frame.disposal << 2 | (frame.transparent >= 0 ? 1 : 0)));
         word(frame.delay_hundredths);
         file.push_back(static_cast<uint8_t>(frame.transparent >= 0 ? frame.transparent : 0));
         file.push_back(0);
      }
      file.push_back(0x2C);
      word(frame.x);
      word(frame.y);
      word(frame.width);
      word(frame.height);
      file.push_back(static_cast<uint8_t>((frame.local.empty() ? 0 : 0x80 | size_field(frame.local)) |
                                          (frame.interlaced ? 0x40 : 0)));
      colours(frame.local);
      file.push_back(static_cast<uint8_t>(frame.code_size));
      return *this;
   }

   // Pixel data as they are given, in blocks.
   gif_writer &data(const bytes &packed) {
      for (std::size_t at = 0; at < packed.size(); at += 255) {
         const std::size_t count = std::min<std::size_t>(255, packed.size() - at);
         file.push_back(static_cast<uint8_t>(count));
         file.insert(file.end(), packed.begin() + static_cast<std::ptrdiff_t>(at),
                     packed.begin() + static_cast<std::ptrdiff_t>(at + count));
      }
      file.push_back(0);
      return *this;
   }

   gif_writer &frame(const written_frame &frame) {
      head(frame);
      return data(lzw_packed(frame.interlaced ? by_passes(frame) : frame.indices, frame.code_size));
   }

   gif_writer &trailer() {
      file.push_back(0x3B);
      return *this;
   }

   bytes file;

 private:
   static bytes by_passes(const written_frame &frame) {
      bytes rows;
      const int starts[] = {0, 4, 2, 1}, steps[] = {8, 8, 4, 2};
      for (int pass = 0; pass < 4; ++pass)
         for (int y = starts[pass]; y < frame.height; y += steps[pass])
            rows.insert(rows.end(), frame.indices.begin() + y * frame.width,
                        frame.indices.begin() + (y + 1) * frame.width);
      return rows;
   }
   static int size_field(const palette &of) {
      int field = 0;
      while (std::size_t{2} << field < of.size())
         ++field;
      return field;
   }
   void word(int value) {
      file.push_back(static_cast<uint8_t>(value));
      file.push_back(static_cast<uint8_t>(value >> 8));
   }
   void colours(const palette &of) {
      for (const auto &each : of)
         file.insert(file.end(), each.begin(), each.end());
   }
};

} // namespace giflab::tests
