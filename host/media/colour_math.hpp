#pragma once
// One colour from one form to another, in double precision. Every way of converting pictures ends here, so
// that all give the same bits.

#include <array>
#include <cstdint>

namespace giflab::media {

using colour_bytes = std::array<uint8_t, 3>; // R, G, B
using colour_floats = std::array<float, 3>;

// One channel of straight alpha over an opaque background, rounded to nearest.
inline uint8_t over(uint32_t value, uint32_t alpha, uint32_t background) {
   return static_cast<uint8_t>((alpha * value + (255 - alpha) * background + 127) / 255);
}

inline double weighted(const colour_bytes &rgb) { return 0.299 * rgb[0] + 0.587 * rgb[1] + 0.114 * rgb[2]; }

// floor(0.299 R + 0.587 G + 0.114 B + 0.5): in whole thousandths, which are exact; only where their sum ends
// in a half does the formula's own rounding decide.
inline uint8_t luma8(const colour_bytes &rgb) {
   const uint32_t thousandths = 299u * rgb[0] + 587u * rgb[1] + 114u * rgb[2] + 500u;
   const uint32_t whole = thousandths / 1000u;
   return static_cast<uint8_t>(whole * 1000u != thousandths ? whole
                                                            : static_cast<uint32_t>(weighted(rgb) + 0.5));
}

// (0.299 R + 0.587 G + 0.114 B) / 255
inline float luma(const colour_bytes &rgb) { return static_cast<float>(weighted(rgb) / 255.0); }

// By byte: divided by 255; and that with the sRGB transfer function removed (IEC 61966-2-1).
const std::array<float, 256> &scaled_values();
const std::array<float, 256> &linear_values();

// JPEG XL opsin (ISO/IEC 18181-1), unscaled: X = (L - M) / 2, Y = (L + M) / 2, B = S.
colour_floats xyb(const colour_bytes &rgb);

// CIE L*a*b* of the 2 degree observer under D65: white 0.95047, 1, 1.08883; sRGB to XYZ by
//    0.412453 0.357580 0.180423
//    0.212671 0.715160 0.072169
//    0.019334 0.119193 0.950227
// which are the digits of ITU-R BT.709 that scikit-image and OpenCV use, so that scores agree with theirs.
colour_floats lab(const colour_bytes &rgb);

} // namespace giflab::media
