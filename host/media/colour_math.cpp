#include "media/colour_math.hpp"

#include <cmath>
#include <cstddef>

namespace giflab::media {

namespace {

double without_transfer(double value) {
   return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
}

} // namespace

const std::array<double, 256> &exact_linear_values() {
   static const std::array<double, 256> values = [] {
      std::array<double, 256> made{};
      for (std::size_t i = 0; i < made.size(); ++i)
         made[i] = without_transfer(static_cast<double>(i) / 255.0);
      return made;
   }();
   return values;
}

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

namespace {

linear_colour linear(const colour_bytes &rgb) {
   const auto &values = exact_linear_values();
   return {values[rgb[0]], values[rgb[1]], values[rgb[2]]};
}

colour_floats as_array(const three_floats &values) { return {values.at[0], values.at[1], values.at[2]}; }

} // namespace

colour_floats xyb(const colour_bytes &rgb) {
   static const volatile double given_bias = xyb_bias; // so that its cube root is the library's
   const double bias = given_bias;
   return as_array(xyb_of(linear(rgb), bias, std::cbrt(bias)));
}

colour_floats lab(const colour_bytes &rgb) { return as_array(lab_of(linear(rgb))); }

} // namespace giflab::media
