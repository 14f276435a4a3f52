#include "colour_difference.hpp"

#include <algorithm>
#include <cmath>

namespace giflab::classic {

namespace {

constexpr uint32_t no_colour = 0xFFFFFFFF;
constexpr uint64_t no_pair = 0xFFFFFFFFFFFFFFFF;
constexpr size_t colour_places = 1 << 11, pair_places = 1 << 13;

size_t scattered(uint64_t key, size_t places) {
   return static_cast<size_t>((key * 0x9E3779B97F4A7C15u) >> 40) & (places - 1);
}

double linear_light(uint32_t level) {
   static const std::array<double, 256> table = [] {
      std::array<double, 256> values;
      for (size_t i = 0; i < values.size(); ++i) {
         const double x = static_cast<double>(i) / 255;
         values[i] = x > 0.04045 ? std::pow((x + 0.055) / 1.055, 2.4) : x / 12.92;
      }
      return values;
   }();
   return table[level & 255];
}

double response(double t) { return t > 0.008856 ? std::cbrt(t) : 7.787 * t + 16.0 / 116; }

} // namespace

colour_differences::colour_differences()
    : colours_(colour_places, {no_colour, {}}), pairs_(pair_places, {no_pair, 0}) {}

const colour_differences::lab &colour_differences::lab_of(uint32_t key) {
   known_colour &known = colours_[scattered(key, colour_places)];
   if (known.key == key)
      return known.value;
   const double r = linear_light(key >> 16), g = linear_light(key >> 8), b = linear_light(key);
   const double x = response((0.412453 * r + 0.357580 * g + 0.180423 * b) / 0.95047);
   const double y = response(0.212671 * r + 0.715160 * g + 0.072169 * b);
   const double z = response((0.019334 * r + 0.119193 * g + 0.950227 * b) / 1.08883);
   lab value{116 * y - 16, 500 * (x - y), 200 * (y - z), 0};
   value.chroma = std::sqrt(value.a * value.a + value.b * value.b);
   known = {key, value};
   return known.value;
}

double colour_differences::difference(const lab &p, const lab &q) {
   const double lightness = (p.l + q.l) / 2 - 50, squared = lightness * lightness;
   const double chroma = (p.chroma + q.chroma) / 2;
   const double dl = p.l - q.l, dc = p.chroma - q.chroma, da = p.a - q.a, db = p.b - q.b;
   const double hue_squared = std::max(0.0, da * da + db * db - dc * dc);
   const double sl = 1 + 0.015 * squared / std::sqrt(20 + squared);
   const double sc = 1 + 0.045 * chroma, sh = 1 + 0.015 * chroma;
   return std::sqrt(dl / sl * (dl / sl) + dc / sc * (dc / sc) + hue_squared / (sh * sh));
}

double colour_differences::between(uint32_t a, uint32_t b) {
   if (a == b)
      return 0;
   const uint64_t key = uint64_t{a} << 24 | b;
   known_pair &known = pairs_[scattered(key, pair_places)];
   if (known.key != key) {
      const lab first = lab_of(a); // by value: the second may take its place
      known = {key, difference(first, lab_of(b))};
   }
   return known.difference;
}

} // namespace giflab::classic
