#pragma once
// ciede2000.hpp for one pair of pixels in single precision: what a device computes. Differences are formed
// before they lose digits (of linear light as integers, of cube roots as a quotient), so that near colours keep
// their relative error: within 2e-5 of the judge in double. As in the vector twin no angle is computed: hues
// appear only in sines and cosines, which follow from the colours' vectors (a', b') by algebra.

#include <cmath>
#include <giflab_kernels/ciede2000.hpp>

namespace giflab::kernels::single {

// ---- Linear light of bytes

// White in integer units: nearly 2^31, so that any difference fits 32 bits with its sign.
inline constexpr uint32_t white = 2147483520;

struct linear_table {
   uint32_t of[256];
};

// By Newton's iteration, from above; value in 0.001..1.
constexpr double fifth_root(double value) {
   double root = 1;
   for (int i = 0; i < 24; ++i)
      root = (4 * root + value / (root * root * root * root)) / 5;
   return root;
}

// linear_of_srgb() of all bytes, at compile time: y^2.4 is y^2 times its fifth root.
constexpr linear_table make_linear_table() {
   linear_table table = {};
   for (int i = 0; i < 256; ++i) {
      const double share = i / 255.0;
      const double squared = (share + 0.055) / 1.055 * ((share + 0.055) / 1.055);
      const double linear = share > 0.04045 ? squared * fifth_root(squared) : share / 12.92;
      table.of[i] = static_cast<uint32_t>(linear * white + 0.5);
   }
   return table;
}

struct linear_rgb {
   uint32_t red, green, blue; // 0..white
};

// ---- Functions that devices have instructions for
//
// The formulas take them as a type, so that a test can give them worse ones. Arguments are positive and not
// subnormal, but for what is said.
struct fast_functions {
#ifdef __CUDA_ARCH__ // 22 bits and more; PTX ISA, "Floating Point Instructions"
#   define GIFLAB_ONE_INSTRUCTION(ptx)                                                                         \
      float result;                                                                                            \
      asm(ptx " %0, %1;" : "=f"(result) : "f"(x));                                                             \
      return result
   static GIFLAB_BOTH float inverse(float x) { GIFLAB_ONE_INSTRUCTION("rcp.approx.ftz.f32"); }
   static GIFLAB_BOTH float root(float x) { GIFLAB_ONE_INSTRUCTION("sqrt.approx.ftz.f32"); }
   static GIFLAB_BOTH float inverse_root(float x) { GIFLAB_ONE_INSTRUCTION("rsqrt.approx.ftz.f32"); }
   static GIFLAB_BOTH float binary_logarithm(float x) { GIFLAB_ONE_INSTRUCTION("lg2.approx.ftz.f32"); }
   static GIFLAB_BOTH float power_of_two(float x) { GIFLAB_ONE_INSTRUCTION("ex2.approx.ftz.f32"); }
   static GIFLAB_BOTH float sine(float x) { GIFLAB_ONE_INSTRUCTION("sin.approx.ftz.f32"); }
#   undef GIFLAB_ONE_INSTRUCTION
#else
   static GIFLAB_BOTH float inverse(float x) { return 1 / x; }
   static GIFLAB_BOTH float root(float x) { return std::sqrt(x); } // of 0 too
   static GIFLAB_BOTH float inverse_root(float x) { return 1 / std::sqrt(x); }
   static GIFLAB_BOTH float binary_logarithm(float x) { return std::log2(x); }
   static GIFLAB_BOTH float power_of_two(float x) { return std::exp2(x); } // of 0 and less
   static GIFLAB_BOTH float sine(float x) { return std::sin(x); }          // of 0..pi/3
#endif
};

// ---- L*a*b*

// Two colours, and their difference, the second less the first, with more digits than they have themselves.
struct lab_pair {
   float mean_l, a1, b1, a2, b2;
   float l_change, a_change, b_change;
};

struct curve_pair {
   float sum, change; // of lab_curve
};

inline constexpr auto knee = static_cast<float>(lab_knee);
inline constexpr auto slope = static_cast<float>(lab_slope);
// Where the line meets the cube root: not at the knee, for the constants are rounded, so that the curve has a
// step of 3e-7 there.
inline constexpr auto meeting = static_cast<float>(0.00882309537191296);

// lab_curve of two shares of which `change` is the difference with all its digits. A share above the knee is u,
// one below is u + v with the meeting point as u; the curve is cbrt(u) + slope * v, and of two roots
// root2 - root1 = (u2 - u1) / (root1^2 + root1 root2 + root2^2).
template <class Functions> GIFLAB_PIXEL curve_pair curve_of(float first, float second, float change) {
   const float u1 = first > knee ? first : meeting, u2 = second > knee ? second : meeting;
   const float v1 = first - u1, v2 = second - u2;
   const float root1 = Functions::power_of_two(Functions::binary_logarithm(u1) * (1.0f / 3));
   const float root2 = Functions::power_of_two(Functions::binary_logarithm(u2) * (1.0f / 3));
   const float roots = root1 + root2;
   const float steepness = Functions::inverse(root2 * root2 + root1 * roots);
   // Where both are above, v_change is 0 and u_change has all digits; where both are below, the steepness is
   // the slope, and what u_change keeps of roundings comes back.
   const float v_change = v2 - v1, u_change = change - v_change;
   return {roots + slope * (v1 + v2), slope * v_change + u_change * steepness};
}

// One coordinate of both colours and its curve; the weights are those of a unit of linear light.
template <class Functions>
GIFLAB_PIXEL curve_pair curve_of(const xyz_weights &weights, const float (&first)[3],
                                 const float (&change)[3]) {
   const auto red = static_cast<float>(weights.red / white);
   const auto green = static_cast<float>(weights.green / white);
   const auto blue = static_cast<float>(weights.blue / white);
   const float share = red * first[0] + green * first[1] + blue * first[2];
   const float share_change = red * change[0] + green * change[1] + blue * change[2];
   return curve_of<Functions>(share, share + share_change, share_change);
}

GIFLAB_PIXEL float change_of(uint32_t first, uint32_t second) {
   return static_cast<float>(static_cast<int32_t>(second - first));
}

template <class Functions> GIFLAB_PIXEL lab_pair lab_of(const linear_rgb &first, const linear_rgb &second) {
   const float from[3] = {static_cast<float>(first.red), static_cast<float>(first.green),
                          static_cast<float>(first.blue)};
   const float change[3] = {change_of(first.red, second.red), change_of(first.green, second.green),
                            change_of(first.blue, second.blue)};
   constexpr xyz_weights of_x = weights_of_x, of_y = weights_of_y, of_z = weights_of_z;
   const curve_pair x = curve_of<Functions>(of_x, from, change);
   const curve_pair y = curve_of<Functions>(of_y, from, change);
   const curve_pair z = curve_of<Functions>(of_z, from, change);
   const float a = 250 * (x.sum - y.sum), b = 100 * (y.sum - z.sum);
   const float a_half = 250 * (x.change - y.change), b_half = 100 * (y.change - z.change);
   return {58 * y.sum - 16, a - a_half,     b - b_half, a + a_half,
           b + b_half,      116 * y.change, 2 * a_half, 2 * b_half};
}

struct chroma_vector {
   float a, b;
};

// a* and b* of a colour near grey, to a few digits however small they are: as differences between the three
// curves, taken like those between two colours.
template <class Functions> GIFLAB_PIXEL chroma_vector chroma_near_grey(const linear_rgb &colour) {
   constexpr auto sum = [](const xyz_weights &weights) { return weights.red + weights.green + weights.blue; };
   const auto green = static_cast<float>(colour.green);
   const float red = change_of(colour.green, colour.red), blue = change_of(colour.green, colour.blue);
   // Their sum for grey is what the digits of the weights leave.
   const auto weighted = [&](double red_weight, double sum_of_weights, double blue_weight) {
      return static_cast<float>(red_weight / white) * red + static_cast<float>(blue_weight / white) * blue +
             static_cast<float>(sum_of_weights / white) * green;
   };
   constexpr xyz_weights x = weights_of_x, y = weights_of_y, z = weights_of_z;
   const float x_share = weighted(x.red, sum(x), x.blue);
   const float y_share = weighted(y.red, sum(y), y.blue);
   const float z_share = weighted(z.red, sum(z), z.blue);
   const float x_above_y = weighted(x.red - y.red, sum(x) - sum(y), x.blue - y.blue);
   const float y_above_z = weighted(y.red - z.red, sum(y) - sum(z), y.blue - z.blue);
   return {500 * curve_of<Functions>(y_share, x_share, x_above_y).change,
           200 * curve_of<Functions>(z_share, y_share, y_above_z).change};
}

// Next to a colour, the hue of a grey counts, though greys have a chroma of a hundredth only.
template <class Functions>
GIFLAB_PIXEL void refine_grey(const linear_rgb &first, const linear_rgb &second, lab_pair &pair) {
   constexpr float grey = 4; // squared chroma
   const bool grey1 = pair.a1 * pair.a1 + pair.b1 * pair.b1 < grey;
   const bool grey2 = pair.a2 * pair.a2 + pair.b2 * pair.b2 < grey;
   if (grey1 == grey2)
      return;
   const chroma_vector exact = chroma_near_grey<Functions>(grey1 ? first : second);
   pair.a1 = grey1 ? exact.a : exact.a - pair.a_change;
   pair.b1 = grey1 ? exact.b : exact.b - pair.b_change;
   pair.a2 = grey1 ? exact.a + pair.a_change : exact.a;
   pair.b2 = grey1 ? exact.b + pair.b_change : exact.b;
}

// ---- The difference

GIFLAB_PIXEL float not_zero(float value) { return fmaxf(value, 1e-30f); }

// sqrt(c^7 / (c^7 + 25^7))
template <class Functions> GIFLAB_PIXEL float saturation(float chroma) {
   const float squared = chroma * chroma;
   const float seventh = not_zero(squared * squared * squared * chroma);
   return seventh * Functions::inverse_root(seventh * (seventh + 6103515625.0f));
}

// The factor T of equation 15 from the mean hue's cosine and sine: the real part of a polynomial of
// cosine + i sine, by Horner's rule.
GIFLAB_PIXEL float hue_factor(float cosine, float sine) {
   constexpr float cosine30 = 0.86602540378443865f, sine30 = 0.5f;
   constexpr float cosine6 = 0.99452189536827333f, sine6 = 0.10452846326765347f;
   constexpr float cosine63 = 0.45399049973954675f, sine63 = 0.89100652418836786f;
   float real = -0.20f * cosine63, imaginary = 0.20f * sine63;
   const auto add = [&](float real_part, float imaginary_part) {
      const float turned = (real_part + real * cosine) - imaginary * sine;
      imaginary = (imaginary_part + real * sine) + imaginary * cosine;
      real = turned;
   };
   add(0.32f * cosine6, 0.32f * sine6);
   add(0.24f, 0);
   add(-0.17f * cosine30, 0.17f * sine30);
   return (1 + real * cosine) - imaginary * sine;
}

// The rotation of equation 21, which only hues about 275 degrees have.
template <class Functions> GIFLAB_PIXEL float rotation_of(float chroma, float cosine, float sine) {
   // 1 - cos of the angle to 275 degrees. The square of that angle, over 25 degrees squared, is a polynomial of
   // it: fitted so that the exponential is right to 1e-8. The bell is 2e-8 where it is cut off, at 105 degrees.
   const float from_blue = (1 - cosine * 0.087155742747658174f) + sine * 0.99619469809174553f;
   // The formula counts hues from 0 to 360 and does not go round: 10 degrees are far from 275.
   if (from_blue > 1.26f || (cosine > 0 && sine >= 0))
      return 0;
   float squared = 4.704432057e-02f;
   squared = squared * from_blue + 3.189672429e-02f;
   squared = squared * from_blue + 1.572627985e-01f;
   squared = squared * from_blue + 4.658033193e-01f;
   squared = squared * from_blue + 1.750897472e+00f;
   squared = squared * from_blue + 1.050497908e+01f;
   const float bell = Functions::power_of_two(fminf(squared * from_blue * -1.44269504f, 0.0f));
   return -2 * saturation<Functions>(chroma) * Functions::sine(1.0471975511965976f * bell);
}

struct hues {
   float change;       // delta H' of equation 11
   float cosine, sine; // of the mean hue
};

// Two colours' (a', b') and lengths, and their difference.
struct chroma_pair {
   float a1, b1, length1;
   float a2, b2, length2;
   float a_change, b_change;
};

// cos and sin of half the turn follow from the scalar and the vector product. Beyond a right angle the sum of
// the two directions loses digits, so their difference is taken, a quarter turn on.
template <class Functions> GIFLAB_PIXEL hues hues_of(const chroma_pair &c) {
   const float along = c.a1 * c.a2 + c.b1 * c.b2, turn = c.a1 * c.b_change - c.b1 * c.a_change;
   const float square = not_zero(c.length1 * c.length2 + fabsf(along));
   const float inverse = 1.4142135623730951f * Functions::inverse_root(square);
   float x, y, change; // without chroma there is no hue, and no difference of it to weigh
   if (along >= 0) {
      x = c.a1 * c.length2 + c.a2 * c.length1;
      y = c.b1 * c.length2 + c.b2 * c.length1;
      change = turn * inverse;
   } else {
      // Opposite hues: the formula goes from the hue below 180 degrees to the other.
      const bool upper = c.b1 > 0 || (c.b1 == 0 && c.a1 > 0);
      const float sign = turn > 0 || (turn == 0 && upper) ? 1.0f : -1.0f;
      x = sign * (c.b2 * c.length1 - c.b1 * c.length2);
      y = sign * (c.a1 * c.length2 - c.a2 * c.length1);
      change = sign * square * inverse;
   }
   const float scale = Functions::inverse_root(not_zero(x * x + y * y));
   return {change, x * scale, y * scale};
}

// Of 0..120, for colours that differ.
template <class Functions> GIFLAB_PIXEL float difference_of(const lab_pair &pair) {
   const auto length = [](float a, float b) { return Functions::root(a * a + b * b); };
   chroma_pair c;
   c.b1 = pair.b1;
   c.b2 = pair.b2;
   c.b_change = pair.b_change;
   const float stretch =
       1.5f - 0.5f * saturation<Functions>(0.5f * (length(pair.a1, c.b1) + length(pair.a2, c.b2))); // 1 + G
   c.a1 = pair.a1 * stretch;
   c.a2 = pair.a2 * stretch;
   c.a_change = pair.a_change * stretch;
   c.length1 = length(c.a1, c.b1);
   c.length2 = length(c.a2, c.b2);
   const hues hue = hues_of<Functions>(c);

   const float sum = c.length1 + c.length2, chroma = 0.5f * sum;
   const float from_grey = (pair.mean_l - 50) * (pair.mean_l - 50);
   const float l_weight = 1 + 0.015f * from_grey * Functions::inverse_root(20 + from_grey);
   const float c_weight = 1 + 0.045f * chroma;
   const float h_weight = 1 + 0.015f * chroma * hue_factor(hue.cosine, hue.sine);

   // C2 - C1 as (C2^2 - C1^2) / (C2 + C1), in terms of the changes.
   const float product = c.a_change * (c.a1 + c.a2) + c.b_change * (c.b1 + c.b2);
   // The three quotients by one division.
   const float chroma_divisor = not_zero(sum) * c_weight, two = l_weight * chroma_divisor;
   const float inverse = Functions::inverse(two * h_weight), rest = h_weight * inverse;
   const float l = pair.l_change * (chroma_divisor * rest);
   const float along = product * (l_weight * rest);
   const float around = hue.change * (two * inverse);
   const float turn = rotation_of<Functions>(chroma, hue.cosine, hue.sine);
   const float squared = l * l + along * along + around * (around + turn * along);
   return Functions::root(fmaxf(squared, 0.0f));
}

// 0..120; within 2e-5 of the judge in double, relatively, but where the formula itself jumps: at opposite hues.
template <class Functions = fast_functions>
GIFLAB_PIXEL float ciede2000(const linear_rgb &first, const linear_rgb &second) {
   lab_pair pair = lab_of<Functions>(first, second);
   refine_grey<Functions>(first, second, pair);
   return difference_of<Functions>(pair);
}

} // namespace giflab::kernels::single
