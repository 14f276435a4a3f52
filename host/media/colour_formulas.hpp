#pragma once
// One colour from one form to another, written once for the processor and for the device. In double precision
// and plain operations, so that bytes have the same bits on both and floats differ in the last place at most,
// where a cube root does.

#include <cmath>
#include <cstdint>

#ifdef __CUDACC__
#   define GIFLAB_ON_BOTH __host__ __device__
#else
#   define GIFLAB_ON_BOTH
#endif

namespace giflab::media {

// One channel of straight alpha over an opaque background, rounded to nearest.
GIFLAB_ON_BOTH inline uint8_t over(uint32_t value, uint32_t alpha, uint32_t background) {
   return static_cast<uint8_t>((alpha * value + (255 - alpha) * background + 127) / 255);
}

GIFLAB_ON_BOTH inline double weighted(uint8_t red, uint8_t green, uint8_t blue) {
   return 0.299 * red + 0.587 * green + 0.114 * blue;
}

// floor(0.299 R + 0.587 G + 0.114 B + 0.5): in whole thousandths, which are exact; only where their sum ends
// in a half does the formula's own rounding decide.
GIFLAB_ON_BOTH inline uint8_t luma8(uint8_t red, uint8_t green, uint8_t blue) {
   const uint32_t thousandths = 299u * red + 587u * green + 114u * blue + 500u;
   const uint32_t whole = thousandths / 1000u;
   return static_cast<uint8_t>(
       whole * 1000u != thousandths ? whole : static_cast<uint32_t>(floor(weighted(red, green, blue) + 0.5)));
}

// (0.299 R + 0.587 G + 0.114 B) / 255
GIFLAB_ON_BOTH inline float luma(uint8_t red, uint8_t green, uint8_t blue) {
   return static_cast<float>(weighted(red, green, blue) / 255.0);
}

// A colour without its transfer function, 0 to 1.
struct linear_colour {
   double red, green, blue;
};

struct three_floats {
   float at[3];
};

// What is added before the cube roots of XYB. Takes no part in constant folding where it arrives at run time,
// as it must: a compiler's cube root may differ from the library's in the last bit, and then black is not 0.
inline constexpr double xyb_bias = 0.0037930732552754493;

// JPEG XL opsin (ISO/IEC 18181-1), unscaled: X = (L - M) / 2, Y = (L + M) / 2, B = S. `root_of_bias` is the
// cube root of `bias` by the same library.
GIFLAB_ON_BOTH inline three_floats xyb_of(const linear_colour &from, double bias, double root_of_bias) {
   constexpr double short_red = 0.24342268924547819, short_green = 0.20476744424496821;
   const auto response = [&](double of_red, double of_green, double of_blue) {
      return cbrt(of_red * from.red + of_green * from.green + of_blue * from.blue + bias) - root_of_bias;
   };
   const double l = response(0.30, 1 - 0.078 - 0.30, 0.078);
   const double m = response(0.23, 1 - 0.078 - 0.23, 0.078);
   const double s = response(short_red, short_green, 1 - short_red - short_green);
   return {{static_cast<float>((l - m) / 2), static_cast<float>((l + m) / 2), static_cast<float>(s)}};
}

// The curve of CIE L*a*b*: a cube root with a straight foot.
GIFLAB_ON_BOTH inline double lab_curve(double value) {
   return value > 0.008856 ? cbrt(value) : 7.787 * value + 16.0 / 116.0;
}

// CIE L*a*b* as colour_math.hpp says.
GIFLAB_ON_BOTH inline three_floats lab_of(const linear_colour &from) {
   const double x = lab_curve((0.412453 * from.red + 0.357580 * from.green + 0.180423 * from.blue) / 0.95047);
   const double y = lab_curve(0.212671 * from.red + 0.715160 * from.green + 0.072169 * from.blue);
   const double z = lab_curve((0.019334 * from.red + 0.119193 * from.green + 0.950227 * from.blue) / 1.08883);
   return {{static_cast<float>(116 * y - 16), static_cast<float>(500 * (x - y)),
            static_cast<float>(200 * (y - z))}};
}

} // namespace giflab::media
