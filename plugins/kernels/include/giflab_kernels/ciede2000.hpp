#pragma once
// CIE L*a*b* of sRGB bytes, and the CIEDE2000 colour difference.
// G. Sharma, W. Wu, E. N. Dalal, "The CIEDE2000 Color-Difference Formula: Implementation Notes, Supplementary
// Test Data, and Mathematical Observations", Color Research and Application 30(1), 2005; ISO/CIE 11664-6.

#include <cmath>
#include <giflab_kernels/plane.hpp>

namespace giflab::kernels {

struct lab {
   double l, a, b;
};

// Linear sRGB to XYZ, each row divided by that coordinate of the white point. The digits are scikit-image's
// rgb2lab (the matrix of IEC 61966-2-1 to six digits, D65 2 degree white 0.95047, 1, 1.08883), so that values
// can be compared with the many that come from it. Greys get a chroma of about 0.01 from these digits.
struct xyz_weights {
   double red, green, blue;
};
inline constexpr xyz_weights weights_of_x = {0.412453 / 0.95047, 0.357580 / 0.95047, 0.180423 / 0.95047};
inline constexpr xyz_weights weights_of_y = {0.212671, 0.715160, 0.072169};
inline constexpr xyz_weights weights_of_z = {0.019334 / 1.08883, 0.119193 / 1.08883, 0.950227 / 1.08883};

// Below this share of white the cube root gives way to a line.
inline constexpr double lab_knee = 0.008856;
inline constexpr double lab_slope = 7.787;
inline constexpr double lab_offset = 16.0 / 116.0;

// The inverse of the sRGB transfer function, for a byte; 0..1.
GIFLAB_PIXEL double linear_of_srgb(uint8_t value) {
   const double share = value / 255.0;
   return share > 0.04045 ? std::pow((share + 0.055) / 1.055, 2.4) : share / 12.92;
}

GIFLAB_PIXEL double lab_curve(double share) {
   return share > lab_knee ? std::cbrt(share) : lab_slope * share + lab_offset;
}

// From linear light, 0..1 each.
GIFLAB_PIXEL lab lab_of_linear(double red, double green, double blue) {
   const double x = lab_curve(weights_of_x.red * red + weights_of_x.green * green + weights_of_x.blue * blue);
   const double y = lab_curve(weights_of_y.red * red + weights_of_y.green * green + weights_of_y.blue * blue);
   const double z = lab_curve(weights_of_z.red * red + weights_of_z.green * green + weights_of_z.blue * blue);
   return {116 * y - 16, 500 * (x - y), 200 * (y - z)};
}

GIFLAB_PIXEL double seventh_power(double value) {
   const double squared = value * value;
   return squared * squared * squared * value;
}

// Hue angle in degrees, 0 <= h < 360; 0 where there is no chroma (equation 7).
GIFLAB_PIXEL double hue_of(double a, double b) {
   if (a == 0 && b == 0)
      return 0;
   const double degrees = std::atan2(b, a) * (180 / 3.14159265358979323846);
   return degrees < 0 ? degrees + 360 : degrees;
}

// Equation 10: the signed shorter way from hue 1 to hue 2, in degrees.
GIFLAB_PIXEL double hue_difference(double hue1, double hue2) {
   const double difference = hue2 - hue1;
   return difference > 180 ? difference - 360 : difference < -180 ? difference + 360 : difference;
}

// Equation 14, where both colours have chroma: the middle of that way.
GIFLAB_PIXEL double mean_hue(double hue1, double hue2) {
   const double sum = hue1 + hue2;
   if (std::fabs(hue1 - hue2) <= 180)
      return sum / 2;
   return sum < 360 ? (sum + 360) / 2 : (sum - 360) / 2;
}

GIFLAB_PIXEL double sine_of_degrees(double degrees) {
   return std::sin(degrees * (3.14159265358979323846 / 180));
}
GIFLAB_PIXEL double cosine_of_degrees(double degrees) {
   return std::cos(degrees * (3.14159265358979323846 / 180));
}

// Equations 16 to 21, the weights of the three differences and of the rotation.
struct ciede2000_weights {
   double lightness, chroma, hue, rotation;
};
GIFLAB_PIXEL ciede2000_weights ciede2000_weights_of(double lightness, double chroma, double hue) {
   const double t = 1 - 0.17 * cosine_of_degrees(hue - 30) + 0.24 * cosine_of_degrees(2 * hue) +
                    0.32 * cosine_of_degrees(3 * hue + 6) - 0.20 * cosine_of_degrees(4 * hue - 63);
   const double from_blue = (hue - 275) / 25;
   const double turn = 30 * std::exp(-from_blue * from_blue);
   const double seventh = seventh_power(chroma);
   const double from_grey = (lightness - 50) * (lightness - 50);
   const double saturation = 2 * std::sqrt(seventh / (seventh + 6103515625.0)); // 25^7
   return {1 + 0.015 * from_grey / std::sqrt(20 + from_grey), 1 + 0.045 * chroma, 1 + 0.015 * chroma * t,
           -sine_of_degrees(2 * turn) * saturation};
}

// Equations 2 to 22 with kL = kC = kH = 1.
GIFLAB_PIXEL double ciede2000(const lab &first, const lab &second) {
   const double seventh = seventh_power((std::hypot(first.a, first.b) + std::hypot(second.a, second.b)) / 2);
   const double stretch = 1.5 - 0.5 * std::sqrt(seventh / (seventh + 6103515625.0)); // 1 + G
   const double a1 = stretch * first.a, a2 = stretch * second.a;
   const double chroma1 = std::hypot(a1, first.b), chroma2 = std::hypot(a2, second.b);
   const double hue1 = hue_of(a1, first.b), hue2 = hue_of(a2, second.b);
   const bool hueless = chroma1 * chroma2 == 0;

   const double turn = hueless ? 0 : hue_difference(hue1, hue2);
   const double mean = hueless ? hue1 + hue2 : mean_hue(hue1, hue2);

   const ciede2000_weights weight =
       ciede2000_weights_of((first.l + second.l) / 2, (chroma1 + chroma2) / 2, mean);
   const double lightness = (second.l - first.l) / weight.lightness;
   const double chroma = (chroma2 - chroma1) / weight.chroma;
   const double hue = 2 * std::sqrt(chroma1 * chroma2) * sine_of_degrees(turn / 2) / weight.hue;
   const double squared = lightness * lightness + chroma * chroma + hue * hue + weight.rotation * chroma * hue;
   return std::sqrt(squared > 0 ? squared : 0);
}

// L*, a*, b* of many colours, one array each.
template <class T> struct lab_columns { T *l, *a, *b; };

// Differences of colour i of `first` and colour i of `second`, rounded to float. The vector twin takes the
// differences of L*, a* and b* in double and the rest in float: within 1e-6 relative of the scalar one, and the
// same bits for a pair wherever it stands and on every instruction set. [any thread]
void ciede2000_of_columns(const lab_columns<const double> &first, const lab_columns<const double> &second,
                          size_t count, float *differences, arithmetic choice);

} // namespace giflab::kernels
