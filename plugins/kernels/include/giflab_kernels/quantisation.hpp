#pragma once
// Few colours for many: counting the colours of a picture, choosing a palette, and finding a colour's place in
// it.

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace giflab::kernels {

struct rgb {
   uint8_t red = 0, green = 0, blue = 0;

   bool operator==(const rgb &) const = default;
};

// Red in the lowest byte, as in the first three bytes of an RGBA8 pixel on a little-endian machine.
inline uint32_t packed(rgb colour) {
   return static_cast<uint32_t>(colour.red) | static_cast<uint32_t>(colour.green) << 8 |
          static_cast<uint32_t>(colour.blue) << 16;
}
inline rgb unpacked(uint32_t colour) {
   return {static_cast<uint8_t>(colour), static_cast<uint8_t>(colour >> 8), static_cast<uint8_t>(colour >> 16)};
}

// Between two colours, in squared levels: 2 for red, 4 for green, 3 for blue, about as the eye weighs them in
// sRGB.
inline int32_t squared_distance(rgb a, rgb b) {
   const int32_t red = a.red - b.red, green = a.green - b.green, blue = a.blue - b.blue;
   return 2 * red * red + 4 * green * green + 3 * blue * blue;
}

// How often each colour was seen. Where there are more than `most`, neighbours are counted together: channels
// lose their lowest bit, and then the next. What comes out depends on what was added, not on the order.
class colour_histogram {
 public:
   struct entry {
      double red = 0, green = 0, blue = 0; // mean, in levels
      double count = 0;
   };

   explicit colour_histogram(std::size_t most = std::size_t{1} << 15);

   void add(rgb colour, uint32_t count = 1);

   // How many colours there are; exactly, as long as none had to share.
   std::size_t size() const { return used_; }
   bool exact() const { return dropped_bits_ == 0; }

   // Sorted by colour.
   std::vector<entry> entries() const;

 private:
   struct slot {
      uint32_t key = 0;
      uint64_t count = 0, red = 0, green = 0, blue = 0;
   };
   slot &slot_of(uint32_t key);
   void add(uint32_t key, const slot &sums);
   void rebuild(std::size_t capacity);

   std::size_t most_, used_ = 0;
   uint32_t dropped_bits_ = 0;
   std::vector<slot> slots_; // open addressing; count 0: free
};

// Called now and then; may throw to end the work.
using interruption = std::function<void()>;

// At most `size` colours (1 or more) for what a histogram holds, none twice, sorted. Boxes are split where the
// squared error falls most (a median cut by variance: Wan, Wong, Prusinkiewicz 1988), then moved to the means
// of what is nearest to them (k-means, a few rounds). Empty for an empty histogram.
std::vector<rgb> palette_for(const colour_histogram &histogram, std::size_t size, const interruption &poll);

// Finds the nearest entry of a palette; of equally near ones the first.
class palette_lookup {
 public:
   // `memory`: how many answers to remember, a power of two.
   palette_lookup(std::span<const rgb> palette, std::size_t memory);

   uint8_t nearest(rgb colour);
   const std::vector<rgb> &palette() const { return palette_; }

 private:
   uint8_t search(rgb colour) const;

   std::vector<rgb> palette_;
   std::vector<uint32_t> answers_; // colour | entry << 24
   std::vector<bool> known_;
};

} // namespace giflab::kernels
