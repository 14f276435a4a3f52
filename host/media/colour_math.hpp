#pragma once
// One colour from one form to another, in double precision. Every way of converting pictures ends here, so
// that all give the same bits.

#include "media/colour_formulas.hpp"

#include <array>
#include <cstdint>

namespace giflab::media {

using colour_bytes = std::array<uint8_t, 3>; // R, G, B
using colour_floats = std::array<float, 3>;

inline double weighted(const colour_bytes &rgb) { return weighted(rgb[0], rgb[1], rgb[2]); }
inline uint8_t luma8(const colour_bytes &rgb) { return luma8(rgb[0], rgb[1], rgb[2]); }
inline float luma(const colour_bytes &rgb) { return luma(rgb[0], rgb[1], rgb[2]); }

// By byte: divided by 255; and that with the sRGB transfer function removed (IEC 61966-2-1).
const std::array<float, 256> &scaled_values();
const std::array<float, 256> &linear_values();
// The latter before it was rounded.
const std::array<double, 256> &exact_linear_values();

// The same table for each channel.
struct by_channel {
   const std::array<float, 256> &values;

   colour_floats operator()(const colour_bytes &rgb) const {
      return {values[rgb[0]], values[rgb[1]], values[rgb[2]]};
   }
};

// JPEG XL opsin (ISO/IEC 18181-1), unscaled: X = (L - M) / 2, Y = (L + M) / 2, B = S.
colour_floats xyb(const colour_bytes &rgb);

// CIE L*a*b* of the 2 degree observer under D65: white 0.95047, 1, 1.08883; sRGB to XYZ by
//    0.412453 0.357580 0.180423
//    0.212671 0.715160 0.072169
//    0.019334 0.119193 0.950227
// which are the digits of ITU-R BT.709 that scikit-image and OpenCV use, so that scores agree with theirs.
colour_floats lab(const colour_bytes &rgb);

} // namespace giflab::media
