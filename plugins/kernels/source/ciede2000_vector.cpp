#include <giflab_kernels/ciede2000.hpp>

#include <algorithm>
#include <array>

#include "scalar.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ciede2000_vector.cpp"
#include <hwy/foreach_target.h> // IWYU pragma: keep
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace giflab::kernels::HWY_NAMESPACE {
#if HWY_TARGET == HWY_SCALAR // nothing to gain

void lab_of_linear_block(const double *red, const double *green, const double *blue, size_t count,
                         const lab_columns<double> &result) {
   for (size_t i = 0; i < count; ++i) {
      const lab colour = lab_of_linear(red[i], green[i], blue[i]);
      result.l[i] = colour.l;
      result.a[i] = colour.a;
      result.b[i] = colour.b;
   }
}
void ciede2000_of_columns(const lab_columns<const double> &first, const lab_columns<const double> &second,
                          size_t count, float *differences) {
   scalar::ciede2000_of_columns(first, second, count, differences);
}

#else
namespace hn = hwy::HWY_NAMESPACE;

// Floats fill a vector, or sixteen lanes of it; doubles are half as many. No fused multiply-add: every
// instruction set gives the same bits.
using floats = hn::CappedTag<float, 16>;
using narrow_floats = hn::Half<floats>; // as many as doubles
using doubles = hn::Rebind<double, narrow_floats>;
using integers = hn::RebindToSigned<floats>;
using real = hn::Vec<doubles>;
using single = hn::Vec<floats>;

HWY_INLINE single constant(double value) { return hn::Set(floats(), static_cast<float>(value)); }
HWY_INLINE real exact(double value) { return hn::Set(doubles(), value); }

// Doubles for one vector of floats.
struct reals {
   real lower, upper;

   static HWY_INLINE reals load(const double *values) {
      return {hn::LoadU(doubles(), values), hn::LoadU(doubles(), values + hn::Lanes(doubles()))};
   }
   friend HWY_INLINE reals operator-(const reals &a, const reals &b) {
      return {a.lower - b.lower, a.upper - b.upper};
   }
   HWY_INLINE single rounded() const {
      return hn::Combine(floats(), hn::DemoteTo(narrow_floats(), upper), hn::DemoteTo(narrow_floats(), lower));
   }
};
HWY_INLINE reals middle_of(const reals &a, const reals &b) {
   return {(a.lower + b.lower) * exact(0.5), (a.upper + b.upper) * exact(0.5)};
}

// ---- L*a*b*

// A first guess of x^(-1/3) to 2e-6: a third of the exponent by integer arithmetic on the bits, then two steps
// of Newton's kind. L. Moroz, V. Samotyy, C. J. Walczyk, J. L. Cieslinski, "Fast Calculation of Cube and
// Inverse Cube Roots Using a Magic Constant and Its Implementation on Microcontrollers", Energies 14(4), 2021.
HWY_INLINE single inverse_cube_root_guess(const single &x) {
   const integers d32;
   const auto third = hn::ConvertTo(d32, hn::ConvertTo(floats(), hn::BitCast(d32, x)) * constant(1.0 / 3));
   single root = hn::BitCast(floats(), hn::Set(d32, 0x548c2b4b) - third);
   single cube = x * root * root * root;
   root = root * (constant(1.752319676) - cube * (constant(1.2509524245) - constant(0.5093818292) * cube));
   cube = x * root * root * root;
   return root + root * (constant(1) - cube) * constant(1.0 / 3);
}

// Another step, which cubes what error is left.
HWY_INLINE real cube_root(const real &x, const real &guess) {
   const real left = exact(1) - x * guess * guess * guess;
   const real root = guess + guess * left * (exact(1.0 / 3) + exact(2.0 / 9) * left);
   return x * root * root;
}

// lab_curve in lanes.
HWY_INLINE reals curve(const reals &share) {
   const single guess = inverse_cube_root_guess(share.rounded());
   const auto half = [](const real &of, const hn::Vec<narrow_floats> &guessed) HWY_ATTR {
      const real line = exact(lab_slope) * of + exact(lab_offset);
      return hn::IfThenElse(of > exact(lab_knee), cube_root(of, hn::PromoteTo(doubles(), guessed)), line);
   };
   return {half(share.lower, hn::LowerHalf(narrow_floats(), guess)),
           half(share.upper, hn::UpperHalf(narrow_floats(), guess))};
}

HWY_INLINE reals weighted(const xyz_weights &weights, const reals &red, const reals &green, const reals &blue) {
   const auto half = [&](const real &r, const real &g, const real &b) HWY_ATTR {
      return exact(weights.red) * r + exact(weights.green) * g + exact(weights.blue) * b;
   };
   return {half(red.lower, green.lower, blue.lower), half(red.upper, green.upper, blue.upper)};
}

HWY_INLINE void store(const reals &values, double factor, double summand, double *result) {
   const doubles d;
   hn::StoreU(exact(factor) * values.lower - exact(summand), d, result);
   hn::StoreU(exact(factor) * values.upper - exact(summand), d, result + hn::Lanes(d));
}

// lab_of_linear in lanes; all arrays reach to the next whole vector.
void lab_of_linear_block(const double *red, const double *green, const double *blue, size_t count,
                         const lab_columns<double> &result) {
   for (size_t i = 0; i < count; i += hn::Lanes(floats())) {
      const reals r = reals::load(red + i), g = reals::load(green + i), b = reals::load(blue + i);
      const reals x = curve(weighted(weights_of_x, r, g, b));
      const reals y = curve(weighted(weights_of_y, r, g, b));
      const reals z = curve(weighted(weights_of_z, r, g, b));
      store(y, 116, 16, result.l + i);
      store(x - y, 500, 0, result.a + i);
      store(y - z, 200, 0, result.b + i);
   }
}

// ---- Differences
//
// The hues of the formula appear only through sines, cosines and one bell curve. All of them follow from the
// colours' vectors (a', b') by algebra, so that no angle is computed. Differences are subtracted in double;
// they decide the result's relative error. Everything else only weighs them.

HWY_INLINE single not_zero(const single &value) { return hn::Max(value, constant(1e-30)); }

HWY_INLINE single length(const single &a, const single &b) { return hn::Sqrt(a * a + b * b); }

// sqrt(c^7 / (c^7 + 25^7))
HWY_INLINE single saturation(const single &chroma) {
   const single squared = chroma * chroma;
   const single seventh = squared * squared * squared * chroma;
   return hn::Sqrt(seventh / (seventh + constant(6103515625.0)));
}

// exp(-x) for x in 0..18.
HWY_INLINE single falling_exponential(const single &x) {
   const integers d32;
   const single halvings = hn::Round(x * constant(1.44269504088896341));
   // ln 2 in two parts, the first so short that its product is exact.
   const single rest = (halvings * constant(0.693359375) - x) + halvings * constant(-2.12194440054690583e-4);
   single sum = constant(1.0 / 5040);
   for (const double coefficient : {1.0 / 720, 1.0 / 120, 1.0 / 24, 1.0 / 6, 0.5, 1.0, 1.0})
      sum = sum * rest + constant(coefficient);
   const auto exponent = hn::Set(d32, 127) - hn::ConvertTo(d32, halvings);
   return sum * hn::BitCast(floats(), hn::ShiftLeft<23>(exponent));
}

// sin(x) for x in 0..pi/3, by its series.
HWY_INLINE single small_sine(const single &x) {
   const single squared = x * x;
   single sum = constant(1.0 / 362880);
   for (const double coefficient : {-1.0 / 5040, 1.0 / 120, -1.0 / 6, 1.0})
      sum = sum * squared + constant(coefficient);
   return sum * x;
}

// sin(2 * 30 deg * exp(-((h - 275) / 25)^2)) for the hue with this cosine and sine.
HWY_INLINE single blue_turn(const single &cosine, const single &sine) {
   // Half the squared chord to the direction of 275 degrees, 1 - cos of the angle between. The square of that
   // angle, over 25 degrees squared, is a polynomial of it: fitted so that the exponential is right to 1e-8.
   // The bell is 2e-8 where it is cut off, at 105 degrees.
   const single across = cosine - constant(0.087155742747658174);
   const single down = sine + constant(0.99619469809174553);
   const single chord = hn::Min((across * across + down * down) * constant(0.5), constant(1.26));
   single squared = constant(4.704432057e-02);
   for (const double coefficient :
        {3.189672429e-02, 1.572627985e-01, 4.658033193e-01, 1.750897472e+00, 1.050497908e+01})
      squared = squared * chord + constant(coefficient);
   const single bell = falling_exponential(squared * chord);
   // The formula counts hues from 0 to 360 and does not go round: 10 degrees are far from 275.
   const auto first_quarter = hn::And(cosine > hn::Zero(floats()), sine >= hn::Zero(floats()));
   return small_sine(constant(1.0471975511965976) * hn::IfThenZeroElse(first_quarter, bell));
}

// The factor T of equation 15 from the mean hue's cosine and sine, by the sums of angles.
HWY_INLINE single hue_factor(const single &cosine, const single &sine) {
   const single cosine2 = cosine * cosine - sine * sine, sine2 = constant(2) * sine * cosine;
   const single cosine3 = cosine * cosine2 - sine * sine2, sine3 = sine * cosine2 + cosine * sine2;
   const single cosine4 = cosine2 * cosine2 - sine2 * sine2, sine4 = constant(2) * sine2 * cosine2;
   return constant(1) - constant(0.17 * 0.86602540378443865) * cosine - constant(0.17 * 0.5) * sine +
          constant(0.24) * cosine2 + constant(0.32 * 0.99452189536827333) * cosine3 -
          constant(0.32 * 0.10452846326765347) * sine3 - constant(0.20 * 0.45399049973954675) * cosine4 -
          constant(0.20 * 0.89100652418836786) * sine4;
}

// Two colours' (a', b') and lengths, and their difference.
struct chromas {
   single a1, b1, length1;
   single a2, b2, length2;
   single across, down; // a2 - a1, b2 - b1, rounded once
};

struct hues {
   single difference;   // delta H' of equation 11
   single cosine, sine; // of the mean hue
};

// cos and sin of half the turn follow from the scalar and the vector product. Beyond a right angle the sum of
// the two directions loses digits, so their difference is taken, a quarter turn on.
HWY_INLINE hues hues_of(const chromas &c) {
   const floats d;
   const single zero = hn::Zero(d);
   const single along = c.a1 * c.a2 + c.b1 * c.b2, turn = c.a1 * c.down - c.b1 * c.across;
   const auto obtuse = along < zero;
   // Opposite hues: the formula goes from the hue below 180 degrees to the other.
   const auto upper = hn::Or(c.b1 > zero, hn::And(c.b1 == zero, c.a1 > zero));
   const auto left = hn::Or(turn > zero, hn::And(turn == zero, upper));
   const single sign = hn::IfThenElse(left, constant(1), constant(-1));
   const single root = hn::Sqrt(not_zero(c.length1 * c.length2 + hn::Abs(along)));

   const single share1 = hn::IfThenElse(c.length1 == zero, constant(1), c.length1);
   const single share2 = hn::IfThenElse(c.length2 == zero, constant(1), c.length2);
   const single a1 = c.a1 * share2, b1 = c.b1 * share2, a2 = c.a2 * share1, b2 = c.b2 * share1;
   const single x = hn::IfThenElse(obtuse, sign * (b2 - b1), a1 + a2);
   const single y = hn::IfThenElse(obtuse, sign * (a1 - a2), b1 + b2);
   const single scale = constant(1) / hn::Sqrt(not_zero(x * x + y * y));
   return {constant(1.4142135623730951) * hn::IfThenElse(obtuse, sign * root, turn / root), x * scale,
           y * scale};
}

HWY_INLINE single weigh(const single &lightness, const single &mean_lightness, const single &chroma,
                        const single &mean_chroma, const hues &hue) {
   const single from_grey = (mean_lightness - constant(50)) * (mean_lightness - constant(50));
   const single l_weight = constant(1) + constant(0.015) * from_grey / hn::Sqrt(constant(20) + from_grey);
   const single c_weight = constant(1) + constant(0.045) * mean_chroma;
   const single h_weight = constant(1) + constant(0.015) * mean_chroma * hue_factor(hue.cosine, hue.sine);
   const single rotation = constant(2) * saturation(mean_chroma) * blue_turn(hue.cosine, hue.sine);
   const single l = lightness / l_weight, c = chroma / c_weight, h = hue.difference / h_weight;
   return hn::Sqrt(hn::Max(l * l + c * c + h * h - rotation * c * h, hn::Zero(floats())));
}

HWY_INLINE single difference_of(const reals &l1, const reals &a1, const reals &b1, const reals &l2,
                                const reals &a2, const reals &b2) {
   const single first_a = a1.rounded(), second_a = a2.rounded();
   chromas c;
   c.b1 = b1.rounded();
   c.b2 = b2.rounded();

   const single mean = (length(first_a, c.b1) + length(second_a, c.b2)) * constant(0.5);
   const single stretch = constant(1.5) - constant(0.5) * saturation(mean); // 1 + G
   c.a1 = first_a * stretch;
   c.a2 = second_a * stretch;
   c.across = (a2 - a1).rounded() * stretch;
   c.down = (b2 - b1).rounded();
   c.length1 = length(c.a1, c.b1);
   c.length2 = length(c.a2, c.b2);

   // C2 - C1 as (C2^2 - C1^2) / (C2 + C1), in terms of the differences.
   const single sum = c.length1 + c.length2;
   const single chroma = (c.across * (c.a1 + c.a2) + c.down * (c.b1 + c.b2)) / not_zero(sum);
   return weigh((l2 - l1).rounded(), middle_of(l1, l2).rounded(), chroma, sum * constant(0.5), hues_of(c));
}

HWY_INLINE void store_differences(const double *const (&columns)[6], size_t i, float *differences) {
   const auto of = [&](int column) HWY_ATTR { return reals::load(columns[column] + i); };
   hn::StoreU(difference_of(of(0), of(1), of(2), of(3), of(4), of(5)), floats(), differences);
}

void ciede2000_of_columns(const lab_columns<const double> &first, const lab_columns<const double> &second,
                          size_t count, float *differences) {
   const size_t step = hn::Lanes(floats()), whole = count / step * step;
   const double *const columns[6] = {first.l, first.a, first.b, second.l, second.a, second.b};
   for (size_t i = 0; i < whole; i += step)
      store_differences(columns, i, differences + i);
   if (whole == count)
      return;
   std::array<double, 16> rest[6] = {};
   std::array<float, 16> rest_differences;
   const double *rest_columns[6];
   for (size_t i = 0; i < 6; ++i) {
      std::copy(columns[i] + whole, columns[i] + count, rest[i].begin());
      rest_columns[i] = rest[i].data();
   }
   store_differences(rest_columns, 0, rest_differences.data());
   std::copy_n(rest_differences.begin(), count - whole, differences + whole);
}

#endif
} // namespace giflab::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace giflab::kernels {
namespace {

HWY_EXPORT(lab_of_linear_block);
HWY_EXPORT(ciede2000_of_columns);

std::array<double, 256> linear_table() {
   std::array<double, 256> table;
   for (size_t i = 0; i < table.size(); ++i)
      table[i] = linear_of_srgb(static_cast<uint8_t>(i));
   return table;
}

// A block of colours through a table of linear light, in arrays of whole vectors.
void lab_of_few_colours(const uint32_t *colours, size_t count, const lab_columns<double> &result) {
   static const std::array<double, 256> linear = linear_table();
   constexpr size_t most = 64;
   alignas(64) std::array<double, most> red, green, blue, l, a, b;
   for (size_t i = 0; i < most; ++i) {
      const uint32_t colour = i < count ? colours[i] : 0;
      red[i] = linear[colour & 0xFF];
      green[i] = linear[colour >> 8 & 0xFF];
      blue[i] = linear[colour >> 16 & 0xFF];
   }
   HWY_DYNAMIC_DISPATCH(lab_of_linear_block)
   (red.data(), green.data(), blue.data(), count, {l.data(), a.data(), b.data()});
   std::copy_n(l.begin(), count, result.l);
   std::copy_n(a.begin(), count, result.a);
   std::copy_n(b.begin(), count, result.b);
}

} // namespace

void lab_of_colours(const uint32_t *colours, size_t count, const lab_columns<double> &result,
                    arithmetic choice) {
   if (choice == arithmetic::scalar) {
      scalar::lab_of_colours(colours, count, result);
      return;
   }
   for (size_t i = 0; i < count; i += 64)
      lab_of_few_colours(colours + i, std::min<size_t>(64, count - i),
                         {result.l + i, result.a + i, result.b + i});
}

void ciede2000_of_columns(const lab_columns<const double> &first, const lab_columns<const double> &second,
                          size_t count, float *differences, arithmetic choice) {
   if (choice == arithmetic::scalar)
      scalar::ciede2000_of_columns(first, second, count, differences);
   else
      HWY_DYNAMIC_DISPATCH(ciede2000_of_columns)(first, second, count, differences);
}

} // namespace giflab::kernels
#endif
