#include "texture.hpp"

#include <bit>

namespace giflab::structure {

using namespace kernels;

namespace {

constexpr std::array<uint8_t, 256> codes = [] {
   std::array<uint8_t, 256> made{};
   for (unsigned pattern = 0; pattern < made.size(); ++pattern) {
      const auto bits = static_cast<uint8_t>(pattern);
      const int changes = std::popcount(static_cast<uint8_t>(bits ^ std::rotl(bits, 1)));
      made[pattern] = static_cast<uint8_t>(changes <= 2 ? std::popcount(bits) : texture_codes - 1);
   }
   return made;
}();

constexpr int32_t at_a_time = 256;

// Whether the picture, at 1/sqrt(2) of the way along both axes, is at least as light as here. With a =
// 1/sqrt(2), the interpolated difference a(1-a)(along + across) + a^2 corner has the sign of (along + across) +
// (1 + sqrt(2)) corner. 2378/985 is near enough to 1 + sqrt(2) to decide every case of differences of bytes:
// the smallest sum that is not 0 is 0.0013, and 255 times the error is 0.0001.
bool lighter_between(int along, int across, int corner) { return 985 * (along + across) + 2378 * corner >= 0; }

// Bit i is the neighbour at i eighths of a turn.
uint8_t pattern_at(const uint8_t *above, const uint8_t *here, const uint8_t *below, int32_t x) {
   const int centre = here[x];
   const int right = here[x + 1] - centre, upper = above[x] - centre;
   const int left = here[x - 1] - centre, lower = below[x] - centre;
   unsigned bits = 0;
   bits |= static_cast<unsigned>(right >= 0) << 0;
   bits |= static_cast<unsigned>(lighter_between(right, upper, above[x + 1] - centre)) << 1;
   bits |= static_cast<unsigned>(upper >= 0) << 2;
   bits |= static_cast<unsigned>(lighter_between(left, upper, above[x - 1] - centre)) << 3;
   bits |= static_cast<unsigned>(left >= 0) << 4;
   bits |= static_cast<unsigned>(lighter_between(left, lower, below[x - 1] - centre)) << 5;
   bits |= static_cast<unsigned>(lower >= 0) << 6;
   bits |= static_cast<unsigned>(lighter_between(right, lower, below[x + 1] - centre)) << 7;
   return static_cast<uint8_t>(bits);
}

} // namespace

texture_histogram textures_of(const giflab_call &call, const luma_picture &picture) {
   std::array<uint64_t, 256> patterns = {};
   for_each_row(call, picture.width, 1, picture.height - 1, [&](int32_t y) {
      const uint8_t *above = picture.row(y - 1), *here = picture.row(y), *below = picture.row(y + 1);
      // Patterns are found some at a time, which compilers turn into vectors, and then counted.
      for (int32_t first = 1; first < picture.width - 1; first += at_a_time) {
         std::array<uint8_t, at_a_time> found;
         const int32_t count = std::min(at_a_time, picture.width - 1 - first);
         for (int32_t i = 0; i < count; ++i)
            found[static_cast<size_t>(i)] = pattern_at(above, here, below, first + i);
         for (int32_t i = 0; i < count; ++i)
            ++patterns[found[static_cast<size_t>(i)]];
      }
   });
   texture_histogram counts = {};
   for (size_t pattern = 0; pattern < patterns.size(); ++pattern)
      counts[codes[pattern]] += patterns[pattern];
   return counts;
}

} // namespace giflab::structure
