#pragma once
// OpenCV's conversion of RGB bytes to L*a*b* bytes (L * 255/100, a + 128, b + 128), to the bit.

#include <array>
#include <cmath>
#include <cstdint>
#include <vector>

namespace giflab::classic {

struct lab8 {
   int32_t l, a, b;
};

// Fixed-point tables: linear light in 1/2040, and the function of CIELAB in 2^-15.
struct lab8_tables {
   std::array<int32_t, 256> linear;
   std::array<int32_t, 3072> cube_root;
   std::array<std::array<int32_t, 3>, 3> matrix;

   lab8_tables() {
      for (size_t i = 0; i < linear.size(); ++i) {
         const double x = static_cast<double>(i) / 255;
         const double light = x <= 0.04045 ? x / 12.92 : std::pow((x + 0.055) / 1.055, 2.4);
         linear[i] = static_cast<int32_t>(std::lrint(2040 * light));
      }
      for (size_t i = 0; i < cube_root.size(); ++i) {
         const double x = static_cast<double>(i) / 2040;
         const double f = x < 0.008856 ? x * 7.787 + 0.13793103448275862 : std::cbrt(x);
         cube_root[i] = static_cast<int32_t>(std::lrint(32768 * f));
      }
      constexpr double to_xyz[3][3] = {
          {0.412453, 0.357580, 0.180423}, {0.212671, 0.715160, 0.072169}, {0.019334, 0.119193, 0.950227}};
      constexpr double white[3] = {0.950456, 1, 1.088754};
      for (size_t row = 0; row < 3; ++row)
         for (size_t column = 0; column < 3; ++column)
            matrix[row][column] = static_cast<int32_t>(std::lrint(4096 * to_xyz[row][column] / white[row]));
   }
};

inline lab8 lab8_of(uint8_t red, uint8_t green, uint8_t blue) {
   static const lab8_tables tables;
   const int32_t r = tables.linear[red], g = tables.linear[green], b = tables.linear[blue];
   int32_t f[3];
   for (size_t row = 0; row < 3; ++row) {
      const auto &m = tables.matrix[row];
      f[row] = tables.cube_root[static_cast<size_t>((r * m[0] + g * m[1] + b * m[2] + 2048) >> 12)];
   }
   constexpr int32_t half = 1 << 14, middle = 128 << 15;
   constexpr int32_t l_scale = (116 * 255 + 50) / 100, l_shift = -((16 * 255 * (1 << 15) + 50) / 100);
   return {(l_scale * f[1] + l_shift + half) >> 15, (500 * (f[0] - f[1]) + middle + half) >> 15,
           (200 * (f[1] - f[2]) + middle + half) >> 15};
}

// Remembers colours that it met: pictures of a palette repeat them.
class lab8_memory {
 public:
   lab8_memory() : known_(places, {none, 0, 0, 0, 0}) {}
   // Of an rgb_key.
   lab8 of(uint32_t key) {
      auto &entry = known_[key * 0x9E3779B1u >> 20];
      if (entry.key != key)
         entry = remembered(key);
      return {entry.l, entry.a, entry.b};
   }

 private:
   static constexpr size_t places = 1 << 12;
   static constexpr uint32_t none = 0xFFFFFFFF;
   struct colour {
      uint32_t key;
      uint8_t l, a, b, unused; // so that all of them fit the nearest cache
   };
   static colour remembered(uint32_t key) {
      const lab8 value =
          lab8_of(static_cast<uint8_t>(key >> 16), static_cast<uint8_t>(key >> 8), static_cast<uint8_t>(key));
      return {key, static_cast<uint8_t>(value.l), static_cast<uint8_t>(value.a), static_cast<uint8_t>(value.b),
              0};
   }
   std::vector<colour> known_;
};

} // namespace giflab::classic
