#include "media/colour_math.hpp"

#include <cmath>
#include <cstddef>

namespace giflab::media {

namespace {

using byte_values = std::array<double, 256>; // by byte

double without_transfer(double value) {
   return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
}

const byte_values &exact_linear_values() {
   static const byte_values values = [] {
      byte_values made{};
      for (std::size_t i = 0; i < made.size(); ++i)
         made[i] = without_transfer(static_cast<double>(i) / 255.0);
      return made;
   }();
   return values;
}

// The curve of CIE L*a*b*: a cube root with a straight foot.
double lab_curve(double value) { return value > 0.008856 ? std::cbrt(value) : 7.787 * value + 16.0 / 116.0; }

} // namespace

const std::array<float, 256> &scaled_values() {
   static const std::array<float, 256> values = [] {
      std::array<float, 256> made{};
      for (std::size_t i = 0; i < made.size(); ++i)
         made[i] = static_cast<float>(static_cast<double>(i) / 255.0);
      return made;
   }();
   return values;
}

const std::array<float, 256> &linear_values() {
   static const std::array<float, 256> values = [] {
      std::array<float, 256> made{};
      for (std::size_t i = 0; i < made.size(); ++i)
         made[i] = static_cast<float>(exact_linear_values()[i]);
      return made;
   }();
   return values;
}

colour_floats xyb(const colour_bytes &rgb) {
   // Volatile, because the compiler's cube root of a constant may differ from the library's in the last bit,
   // and then black is not quite 0.
   static const volatile double given_bias = 0.0037930732552754493;
   const double bias = given_bias;
   constexpr double short_red = 0.24342268924547819, short_green = 0.20476744424496821;
   const double root_of_bias = std::cbrt(bias);
   const auto &values = exact_linear_values();
   const double red = values[rgb[0]], green = values[rgb[1]], blue = values[rgb[2]];
   const auto response = [&](double of_red, double of_green, double of_blue) {
      return std::cbrt(of_red * red + of_green * green + of_blue * blue + bias) - root_of_bias;
   };
   const double l = response(0.30, 1 - 0.078 - 0.30, 0.078);
   const double m = response(0.23, 1 - 0.078 - 0.23, 0.078);
   const double s = response(short_red, short_green, 1 - short_red - short_green);
   return {static_cast<float>((l - m) / 2), static_cast<float>((l + m) / 2), static_cast<float>(s)};
}

colour_floats lab(const colour_bytes &rgb) {
   const auto &values = exact_linear_values();
   const double red = values[rgb[0]], green = values[rgb[1]], blue = values[rgb[2]];
   const double x = lab_curve((0.412453 * red + 0.357580 * green + 0.180423 * blue) / 0.95047);
   const double y = lab_curve(0.212671 * red + 0.715160 * green + 0.072169 * blue);
   const double z = lab_curve((0.019334 * red + 0.119193 * green + 0.950227 * blue) / 1.08883);
   return {static_cast<float>(116 * y - 16), static_cast<float>(500 * (x - y)),
           static_cast<float>(200 * (y - z))};
}

} // namespace giflab::media
