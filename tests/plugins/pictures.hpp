#pragma once
// Pictures from formulas: the same everywhere, and easy to make again in another language.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

namespace giflab::test {

// The top byte of splitmix64 of (seed << 32) + index.
inline int noise(uint64_t seed, int64_t index) {
   uint64_t z = ((seed << 32) + static_cast<uint64_t>(index) + 1) * 0x9E3779B97F4A7C15;
   z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
   z = (z ^ z >> 27) * 0x94D049BB133111EB;
   return static_cast<int>((z ^ z >> 31) >> 56);
}

// R, G, B bytes, rows without padding, and alpha bytes unless the picture is opaque.
struct picture {
   int32_t width, height;
   std::vector<uint8_t> rgb, alpha;

   picture(int32_t w, int32_t h)
       : width(w), height(h), rgb(static_cast<size_t>(w) * static_cast<size_t>(h) * 3) {}
   size_t at(int32_t x, int32_t y, int32_t channel = 0) const {
      return (static_cast<size_t>(y) * static_cast<size_t>(width) + static_cast<size_t>(x)) * 3 +
             static_cast<size_t>(channel);
   }
};

inline uint8_t alpha_at(const picture &source, int32_t x, int32_t y) {
   return source.alpha.empty() ? 255 : source.alpha[source.at(x, y) / 3];
}

// The same picture composited over white, as the host does it by default.
inline picture over_white(const picture &source) {
   picture opaque(source.width, source.height);
   for (size_t i = 0; i < source.rgb.size(); ++i) {
      const uint32_t alpha = source.alpha.empty() ? 255 : source.alpha[i / 3];
      opaque.rgb[i] = static_cast<uint8_t>((alpha * source.rgb[i] + (255 - alpha) * 255 + 127) / 255);
   }
   return opaque;
}

// floor(0.299 R + 0.587 G + 0.114 B + 0.5)
inline uint8_t luma_at(const picture &source, int32_t x, int32_t y) {
   const uint8_t *rgb = source.rgb.data() + source.at(x, y);
   return static_cast<uint8_t>(std::floor(0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2] + 0.5));
}

struct picture_pair {
   std::string name;
   picture reference, distorted;
};

// A slope with light blocks and a little noise; its left quarter flat. The distorted one has noise of -10..10
// below the top quarter, and in the left eighth only that of the top quarter is left: a step of 0 or 1.
inline picture_pair natural_pair(int32_t width, int32_t height) {
   picture_pair pair = {"natural", picture(width, height), picture(width, height)};
   for (int32_t y = 0; y < height; ++y)
      for (int32_t x = 0; x < width; ++x)
         for (int32_t c = 0; c < 3; ++c) {
            const auto i = static_cast<int64_t>(pair.reference.at(x, y, c));
            const int block = (x / 16 + y / 16) % 3 == 0 ? 100 : 0;
            const int slope = std::clamp((2 * x + 3 * y + 60 * c) / 4 + block + noise(1, i) % 9, 0, 255);
            const int a = x < width / 4 ? 240 : slope;
            int b = y < height / 4 ? a : std::clamp(a + noise(2, i) % 21 - 10, 0, 255);
            if (x < width / 8)
               b = std::min(255, a + noise(3, i) % 2);
            pair.reference.rgb[static_cast<size_t>(i)] = static_cast<uint8_t>(a);
            pair.distorted.rgb[static_cast<size_t>(i)] = static_cast<uint8_t>(b);
         }
   return pair;
}

// Both pictures filled by formulas of (x, y, channel).
template <class First, class Second>
picture_pair pair_of(const char *name, int32_t width, int32_t height, First &&first, Second &&second) {
   picture_pair pair = {name, picture(width, height), picture(width, height)};
   for (int32_t y = 0; y < height; ++y)
      for (int32_t x = 0; x < width; ++x)
         for (int32_t c = 0; c < 3; ++c) {
            pair.reference.rgb[pair.reference.at(x, y, c)] = static_cast<uint8_t>(first(x, y, c));
            pair.distorted.rgb[pair.distorted.at(x, y, c)] = static_cast<uint8_t>(second(x, y, c));
         }
   return pair;
}

// What is hard on metrics: flat areas at either end, steps of one level, full contrast, no likeness at all.
inline std::vector<picture_pair> hard_pairs(int32_t width, int32_t height) {
   const auto flat = [](int value) { return [value](int32_t, int32_t, int32_t) { return value; }; };
   const auto ripple = [=](int value, uint64_t seed) {
      return [=](int32_t x, int32_t y, int32_t c) {
         return value - noise(seed, (static_cast<int64_t>(y) * width + x) * 3 + c) % 2;
      };
   };
   const auto board = [](int32_t x, int32_t y, int32_t) { return (x / 3 + y / 3) % 2 ? 255 : 0; };
   const auto random = [=](uint64_t seed) {
      return [=](int32_t x, int32_t y, int32_t c) {
         return noise(seed, (static_cast<int64_t>(y) * width + x) * 3 + c);
      };
   };
   std::vector<picture_pair> pairs;
   pairs.push_back(natural_pair(width, height));
   pairs.push_back(pair_of("white and nearly white", width, height, flat(255), ripple(255, 4)));
   pairs.push_back(pair_of("ripples near white", width, height, ripple(255, 5), ripple(255, 6)));
   pairs.push_back(pair_of("black and white", width, height, flat(0), flat(255)));
   pairs.push_back(pair_of("board and its middle", width, height, board, flat(128)));
   pairs.push_back(pair_of("noise and noise", width, height, random(7), random(8)));
   return pairs;
}

// Areas of one colour each, as drawings have them: of other colours on the other side, and of similar ones.
inline std::vector<picture_pair> pairs_of_areas(int32_t width, int32_t height) {
   const auto areas = [](uint64_t seed) {
      return [=](int32_t x, int32_t y, int32_t c) { return noise(seed, (y / 40 * 1000 + x / 40) * 3 + c); };
   };
   const auto nearby = [=](int32_t x, int32_t y, int32_t c) {
      return areas(9)(x, y, c) * 7 / 8 + areas(10)(x, y, c) / 8;
   };
   return {pair_of("areas of other colours", width, height, areas(9), areas(10)),
           pair_of("areas of similar colours", width, height, areas(9), nearby)};
}

struct size {
   int32_t width, height;
};
inline const std::vector<size> odd_sizes = {{1, 1},   {1, 37},   {37, 1},   {2, 2},   {7, 5},
                                            {11, 11}, {12, 11},  {31, 33},  {58, 14}, {64, 64},
                                            {65, 29}, {107, 23}, {177, 179}};

} // namespace giflab::test
