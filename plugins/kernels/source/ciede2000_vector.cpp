#include <giflab_kernels/ciede2000.hpp>
#include <giflab_kernels/colour_differences.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <type_traits>

#include "scalar.hpp"

// This file includes itself once for each set of instructions.
#ifndef GIFLAB_CIEDE2000_TABLES
#   define GIFLAB_CIEDE2000_TABLES
namespace giflab::kernels {

constexpr size_t block = 64; // colours: what is known of two such blocks fits the first cache

// What a byte of one channel adds to X, Y and Z, as shares of white: multiples of 2^-18, whose sums are exact,
// and what is left. The fourth of each is 0.
struct xyz_row {
   alignas(32) std::array<float, 8> parts;
};
using xyz_rows = std::array<std::array<xyz_row, 256>, 3>; // of red, green and blue

// Numbers as sums of two floats, in columns: X, Y and Z of colours, and what lab_curve() makes of them.
struct float_pairs {
   alignas(64) std::array<std::array<float, block>, 3> large, small;
};

} // namespace giflab::kernels
#endif

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ciede2000_vector.cpp"
#include <hwy/foreach_target.h> // IWYU pragma: keep
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace giflab::kernels::HWY_NAMESPACE {
#if HWY_TARGET == HWY_SCALAR // nothing to gain

void ciede2000_of_block(const xyz_rows &, const uint32_t *first, const uint32_t *second, float *differences) {
   scalar::ciede2000_of_colours(first, second, block, differences);
}
void ciede2000_of_lab_block(const lab_columns<const double> &first, const lab_columns<const double> &second,
                            float *differences) {
   scalar::ciede2000_of_columns(first, second, block, differences);
}

#else
namespace hn = hwy::HWY_NAMESPACE;

// Floats fill a vector, or sixteen lanes of it; doubles are half as many. No fused multiply-add: every
// instruction set gives the same bits.
using floats = hn::CappedTag<float, 16>;
using integers = hn::RebindToSigned<floats>;
using single = hn::Vec<floats>;

HWY_INLINE single constant(double value) { return hn::Set(floats(), static_cast<float>(value)); }

// a[0] + a[1] x + a[2] x^2 ..., by halves, which wait for each other less than Horner's steps do.
template <size_t Size> HWY_INLINE single polynomial(const double (&a)[Size], const single &x) {
   static_assert(Size >= 4 && Size <= 6);
   const single squared = x * x;
   const single low = constant(a[0]) + constant(a[1]) * x, middle = constant(a[2]) + constant(a[3]) * x;
   if constexpr (Size == 4)
      return low + middle * squared;
   else if constexpr (Size == 5)
      return low + (middle + constant(a[4]) * squared) * squared;
   else
      return low + (middle + (constant(a[4]) + constant(a[5]) * x) * squared) * squared;
}

// ---- X, Y and Z

// Of four colours, from `to` on in each column.
HWY_INLINE void look_up(const xyz_rows &rows, const uint32_t *colours, float_pairs &columns, size_t to) {
   const hn::CappedTag<float, 8> d; // the whole row or half of it
   constexpr size_t lanes = hn::MaxLanes(d);
   for (size_t part = 0; part < 8; part += lanes) {
      const auto sum = [&](size_t i) HWY_ATTR {
         const uint32_t colour = colours[i];
         const auto of = [&](const xyz_row &row) HWY_ATTR { return hn::Load(d, row.parts.data() + part); };
         return of(rows[0][colour & 0xFF]) + of(rows[1][colour >> 8 & 0xFF]) + of(rows[2][colour >> 16 & 0xFF]);
      };
      const auto row0 = sum(0), row1 = sum(1), row2 = sum(2), row3 = sum(3);
      const auto xy02 = hn::InterleaveLower(d, row0, row2), xy13 = hn::InterleaveLower(d, row1, row3);
      const auto z02 = hn::InterleaveUpper(d, row0, row2), z13 = hn::InterleaveUpper(d, row1, row3);
      const auto store = [&](const auto &column, size_t which) HWY_ATTR {
         const hn::FixedTag<float, 4> four;
         if constexpr (lanes == 8) {
            hn::Store(hn::LowerHalf(four, column), four, columns.large[which].data() + to);
            hn::Store(hn::UpperHalf(four, column), four, columns.small[which].data() + to);
         } else
            hn::Store(column, four, (part == 0 ? columns.large : columns.small)[which].data() + to);
      };
      store(hn::InterleaveLower(d, xy02, xy13), 0);
      store(hn::InterleaveUpper(d, xy02, xy13), 1);
      store(hn::InterleaveLower(d, z02, z13), 2);
   }
}

// ---- L*a*b*

// x^(-1/3) to 3e-7 for x from the knee to 1: a third of the exponent by integer arithmetic on the bits, then
// one step of high order. The start is that of L. Moroz, V. Samotyy, C. J. Walczyk, J. L. Cieslinski, "Fast
// Calculation of Cube and Inverse Cube Roots Using a Magic Constant and Its Implementation on
// Microcontrollers", Energies 14(4), 2021; the two halves of the bits are divided apart, which changes it
// little.
HWY_INLINE single inverse_cube_root(const single &x) {
   const hn::Repartition<uint16_t, floats> d16;
   const auto third = hn::MulHigh(hn::BitCast(d16, x), hn::Set(d16, 21846));
   const single start = hn::BitCast(floats(), hn::Set(integers(), 0x54a18000) - hn::BitCast(integers(), third));
   const single left = constant(1) - (x * start) * (start * start); // -0.106 to 0.107
   // (1 - left)^(-1/3)
   return start * polynomial({1.000000013681756, 0.333328100667116, 0.22220704967675897, 0.1746525088479735,
                              0.1466467538968556},
                             left);
}

// A vector of sums of two floats.
struct pair_of {
   single large, small;
};

// The nearest number of twelve bits, or thirteen, of which the last is 0.
HWY_INLINE single leading(const single &x) {
   const auto rounded = hn::BitCast(integers(), x) + hn::Set(integers(), 0x800);
   return hn::BitCast(floats(), hn::And(rounded, hn::Set(integers(), ~0xFFF)));
}

// The cube root to 1e-10 of it, from its inverse. Its large part has twelve bits, so that the large part's cube
// can be subtracted from x in two exact products. What that leaves, r = 3 f^2 e - 3 f e^2 + e^3 for the root f
// and its small part e, is solved for e.
HWY_INLINE pair_of cube_root(const pair_of &x, const single &sum, const single &inverse) {
   const single inverse2 = inverse * inverse;
   const single large = leading(sum * inverse2), squared = large * large, most = leading(squared);
   const single left = ((x.large - most * large) - (squared - most) * large) + x.small;
   const single slope = left * (inverse2 * constant(1.0 / 3));
   return {large, slope + (slope * slope) * inverse};
}

// lab_slope x + lab_offset, for x below the knee: the large part is exact for multiples of 2^-18.
HWY_INLINE pair_of line(const pair_of &x) {
   constexpr double slope = 1993.0 / 256, offset = 9256395.0 / (1 << 26); // bits that the sum has room for
   static_assert(lab_slope - slope < 1.0 / 256 && lab_slope >= slope);
   static_assert(lab_offset - offset < 1.0 / (1 << 26) && lab_offset >= offset);
   return {x.large * constant(slope) + constant(offset),
           (x.large * constant(lab_slope - slope) + x.small * constant(lab_slope)) +
               constant(lab_offset - offset)};
}

// lab_curve() of a column, in place. Most blocks have nothing below the knee.
HWY_INLINE void curve(float *large, float *small) {
   const floats d;
   const size_t step = hn::Lanes(d);
   alignas(64) std::array<float, block> inverse;
   single least = constant(1);
   for (size_t i = 0; i < block; i += step) {
      const single sum = hn::Load(d, large + i) + hn::Load(d, small + i);
      least = hn::Min(least, sum);
      hn::Store(inverse_cube_root(sum), d, inverse.data() + i);
   }
   const auto finish = [&](auto dark) HWY_ATTR {
      for (size_t i = 0; i < block; i += step) {
         const pair_of x = {hn::Load(d, large + i), hn::Load(d, small + i)};
         const single sum = x.large + x.small;
         pair_of made = cube_root(x, sum, hn::Load(d, inverse.data() + i));
         if constexpr (dark) {
            const pair_of below = line(x);
            const auto above_knee = sum > constant(lab_knee);
            made = {hn::IfThenElse(above_knee, made.large, below.large),
                    hn::IfThenElse(above_knee, made.small, below.small)};
         }
         hn::Store(made.large, d, large + i);
         hn::Store(made.small, d, small + i);
      }
   };
   if (hn::AllTrue(d, least > constant(lab_knee)))
      finish(std::false_type());
   else
      finish(std::true_type());
}

// ---- Differences
//
// The hues of the formula appear only through sines, cosines and one bell curve. All of them follow from the
// colours' vectors (a', b') by algebra, so that no angle is computed. Differences are taken before anything is
// rounded to one float; they decide the result's relative error. Everything else only weighs them.

// Two colours, and the second less the first.
struct two_colours {
   single lightness, mean_lightness; // the difference, and the mean
   single a1, b1, a2, b2;
   single across, down; // a2 - a1, b2 - b1
};

// Vectors of a block, one column each.
template <size_t Columns> struct vectors {
   alignas(64) std::array<std::array<float, block>, Columns> columns;

   HWY_INLINE single operator()(size_t column, size_t i) const {
      return hn::Load(floats(), columns[column].data() + i);
   }
   HWY_INLINE void store(size_t column, size_t i, const single &value) {
      hn::Store(value, floats(), columns[column].data() + i);
   }
};

HWY_INLINE single length(const single &a, const single &b) { return hn::Sqrt(a * a + b * b); }

// sqrt(c^7 / (c^7 + 25^7)) of half the sum of two chromas.
HWY_INLINE single saturation(const single &sum) {
   const single squared = sum * sum;
   const single seventh = squared * squared * squared * sum;
   return hn::Sqrt(seventh / (seventh + constant(781250000000.0)));
}

// 2^-x for x in 0..26.
HWY_INLINE single falling_power(const single &x) {
   const integers d32;
   const single halvings = hn::Round(x);
   const single sum = polynomial({1.0000000716461173, 0.6931469669955695, 0.24022119748381682,
                                  0.05550713436071379, 0.009675540685315398, 0.0013276408136879692},
                                 halvings - x);
   return hn::BitCast(floats(), hn::BitCast(d32, sum) - hn::ShiftLeft<23>(hn::ConvertTo(d32, halvings)));
}

// sin(2 * 30 deg * exp(-((h - 275) / 25)^2)) for the hue with this cosine and sine.
HWY_INLINE single blue_turn(const single &cosine, const single &sine) {
   // Half the squared chord to the direction of 275 degrees, 1 - cos of the angle between. The square of that
   // angle, over 25 degrees squared, is a polynomial of it: fitted so that the exponential is right to 1e-8.
   // The bell is 2e-8 where it is cut off, at 105 degrees.
   const single across = cosine - constant(0.087155742747658174);
   const single down = sine + constant(0.99619469809174553);
   const single chord = hn::Min((across * across + down * down) * constant(0.5), constant(1.26));
   const single exponent = polynomial({15.155480545771596, 2.5260330330795204, 0.6717893037493788,
                                       0.22781853881049943, 0.04432976149673367, 0.06894042172633817},
                                      chord) *
                           chord; // of 2
   // The formula counts hues from 0 to 360 and does not go round: 10 degrees are far from 275.
   const auto first_quarter = hn::And(cosine > hn::Zero(floats()), sine >= hn::Zero(floats()));
   const single bell = hn::IfThenZeroElse(first_quarter, falling_power(exponent));
   // sin(60 deg * bell)
   return polynomial({1.0471974082702467, -0.1913948595936756, 0.010487605140707122, -0.0002647658766301726},
                     bell * bell) *
          bell;
}

// The factor T of equation 15 from the mean hue's cosine and sine: sums of angles and multiples of the hue, as
// a polynomial of the cosine and the sine times another.
HWY_INLINE single hue_factor(const single &cosine, const single &sine) {
   return polynomial(
              {0.6692019000520907, -1.101965338196897, 1.206384799583275, 1.27298802607139, -0.726384799583275},
              cosine) +
          polynomial({-0.05155089175435088, 0.7128052193506943, -0.13379643298259644, -1.4256104387013886},
                     cosine) *
              sine;
}

struct chroma_and_hue {
   single sum;          // of the two chromas C'
   single chroma;       // C'2 - C'1
   single hue;          // delta H' of equation 11
   single cosine, sine; // of the mean hue
};

// cos and sin of half the turn follow from the scalar and the vector product. Beyond a right angle the sum of
// the two directions loses digits, so their difference is taken, a quarter turn on.
HWY_INLINE chroma_and_hue polar(const two_colours &c) {
   const floats d;
   const single zero = hn::Zero(d), least = constant(1e-10); // far below what a colour that is not grey has
   const single length1 = hn::Max(length(c.a1, c.b1), least), length2 = hn::Max(length(c.a2, c.b2), least);
   const single sum = length1 + length2;
   // Black has no hue to turn from.
   const auto hueless = hn::Min(length1, length2) == least;
   const single along = c.a1 * c.a2 + c.b1 * c.b2;
   const single turn = hn::IfThenZeroElse(hueless, c.a1 * c.down - c.b1 * c.across);
   const auto obtuse = along < zero;
   // Opposite hues: the formula goes from the hue below 180 degrees to the other. Which way is shorter is a
   // matter of the colours' own digits: the error of a difference is large beside the chroma of a grey.
   const single upper = hn::IfThenElse(c.b1 == zero, c.a1, c.b1);
   const single crossed = c.a1 * c.b2 - c.b1 * c.a2;
   const single sign = hn::And(hn::IfThenElse(crossed == zero, upper, crossed), hn::SignBit(d));

   const single product = length1 * length2, nearer = product + hn::Abs(along);
   const single a1 = c.a1 * length2, b1 = c.b1 * length2, a2 = c.a2 * length1, b2 = c.b2 * length1;
   const single x = hn::IfThenElse(obtuse, hn::Xor(b2 - b1, sign), a1 + a2);
   const single y = hn::IfThenElse(obtuse, hn::Xor(a1 - a2, sign), b1 + b2);
   const single chord = hn::IfThenElse(obtuse, hn::Xor(nearer, sign), turn);

   // One division for three.
   const single root1 = hn::Sqrt(hn::Max(x * x + y * y, constant(1e-30))), root2 = hn::Sqrt(nearer);
   const single roots = root1 * root2, inverse = constant(1) / (roots * sum);
   const single of_roots = inverse * sum, scale = of_roots * root2;
   // C2 - C1 as (C2^2 - C1^2) / (C2 + C1), in terms of the differences.
   return {.sum = sum,
           .chroma = (c.across * (c.a1 + c.a2) + c.down * (c.b1 + c.b2)) * (inverse * roots),
           .hue = constant(1.4142135623730951) * chord * (of_roots * root1),
           .cosine = x * scale,
           .sine = y * scale};
}

// Equations 15 to 21, as far as the mean hue has a say.
struct hue_weights {
   single hue, rotation;
};
HWY_INLINE hue_weights hue_weights_of(const chroma_and_hue &p) {
   return {.hue = constant(1) + constant(0.015 / 2) * p.sum * hue_factor(p.cosine, p.sine),
           .rotation = constant(2) * saturation(p.sum) * blue_turn(p.cosine, p.sine)};
}

// Equation 22.
HWY_INLINE single weigh(const two_colours &pair, const chroma_and_hue &p, const hue_weights &weights) {
   const single from_grey = (pair.mean_lightness - constant(50)) * (pair.mean_lightness - constant(50));
   const single root = hn::Sqrt(constant(20) + from_grey);
   const single l_weight = root + constant(0.015) * from_grey; // times the root
   const single c_weight = constant(1) + constant(0.045 / 2) * p.sum;

   // One division for three.
   const single ch_weight = c_weight * weights.hue, inverse = constant(1) / (l_weight * ch_weight);
   const single l = pair.lightness * root * (inverse * ch_weight);
   const single inverse_ch = inverse * l_weight;
   const single c = p.chroma * (inverse_ch * weights.hue), h = p.hue * (inverse_ch * c_weight);
   return hn::Sqrt(hn::Max(l * l + c * c + h * h - weights.rotation * c * h, hn::Zero(floats())));
}

// a' of both.
HWY_INLINE void stretch(two_colours &pair) {
   const single mean = length(pair.a1, pair.b1) + length(pair.a2, pair.b2);
   const single factor = constant(1.5) - constant(0.5) * saturation(mean); // 1 + G
   pair.a1 = pair.a1 * factor;
   pair.a2 = pair.a2 * factor;
   pair.across = pair.across * factor;
}

HWY_INLINE single sum_of(const pair_of &a) { return a.large + a.small; }
HWY_INLINE pair_of operator-(const pair_of &a, const pair_of &b) {
   return {a.large - b.large, a.small - b.small};
}

// From the curves of X, Y and Z of two blocks of colours.
class curved_colours {
 public:
   curved_colours(const float_pairs &first, const float_pairs &second) : first_(first), second_(second) {}

   HWY_INLINE void lightness(size_t i, two_colours &to) const {
      const pair_of y1 = of(first_, 1, i), y2 = of(second_, 1, i);
      to.lightness = constant(116) * sum_of(y2 - y1);
      to.mean_lightness = constant(116 / 2.0) * (sum_of(y1) + sum_of(y2)) - constant(16);
   }
   HWY_INLINE void chroma(size_t i, two_colours &to) const {
      const pair_of x1 = of(first_, 0, i), y1 = of(first_, 1, i), z1 = of(first_, 2, i);
      const pair_of x2 = of(second_, 0, i), y2 = of(second_, 1, i), z2 = of(second_, 2, i);
      const single x = sum_of(x2 - x1), y = sum_of(y2 - y1), z = sum_of(z2 - z1);
      const single a = constant(500), b = constant(200);
      to.a1 = a * sum_of(x1 - y1);
      to.b1 = b * sum_of(y1 - z1);
      to.a2 = a * sum_of(x2 - y2);
      to.b2 = b * sum_of(y2 - z2);
      to.across = a * (x - y);
      to.down = b * (y - z);
   }

 private:
   static HWY_INLINE pair_of of(const float_pairs &colours, size_t which, size_t i) {
      return {hn::Load(floats(), colours.large[which].data() + i),
              hn::Load(floats(), colours.small[which].data() + i)};
   }

   const float_pairs &first_, &second_;
};

template <class Colours> HWY_INLINE void differences_of(const Colours &colours, float *differences) {
   const size_t step = hn::Lanes(floats());
   vectors<6> stretched;
   vectors<5> turned;
   for (size_t i = 0; i < block; i += step) {
      two_colours pair;
      colours.chroma(i, pair);
      stretch(pair);
      const single columns[] = {pair.a1, pair.b1, pair.a2, pair.b2, pair.across, pair.down};
      for (size_t column = 0; column < 6; ++column)
         stretched.store(column, i, columns[column]);
   }
   for (size_t i = 0; i < block; i += step) {
      two_colours pair;
      pair.a1 = stretched(0, i), pair.b1 = stretched(1, i), pair.a2 = stretched(2, i),
      pair.b2 = stretched(3, i);
      pair.across = stretched(4, i), pair.down = stretched(5, i);
      const chroma_and_hue made = polar(pair);
      const single columns[] = {made.sum, made.chroma, made.hue, made.cosine, made.sine};
      for (size_t column = 0; column < 5; ++column)
         turned.store(column, i, columns[column]);
   }
   const auto turned_at = [&](size_t i) HWY_ATTR {
      return chroma_and_hue{turned(0, i), turned(1, i), turned(2, i), turned(3, i), turned(4, i)};
   };
   vectors<2> weights;
   for (size_t i = 0; i < block; i += step) {
      const hue_weights made = hue_weights_of(turned_at(i));
      weights.store(0, i, made.hue);
      weights.store(1, i, made.rotation);
   }
   for (size_t i = 0; i < block; i += step) {
      two_colours pair;
      colours.lightness(i, pair);
      hn::StoreU(weigh(pair, turned_at(i), {weights(0, i), weights(1, i)}), floats(), differences + i);
   }
}

// Each step over the whole block: its short chains of operations overlap from one vector to the next.
void ciede2000_of_block(const xyz_rows &rows, const uint32_t *first, const uint32_t *second,
                        float *differences) {
   float_pairs columns[2];
   for (size_t i = 0; i < block; i += 4) {
      look_up(rows, first + i, columns[0], i);
      look_up(rows, second + i, columns[1], i);
   }
   for (float_pairs &column : columns)
      for (size_t which = 0; which < 3; ++which)
         curve(column.large[which].data(), column.small[which].data());
   differences_of(curved_colours(columns[0], columns[1]), differences);
}

// ---- Of L*a*b* in double

using narrow_floats = hn::Half<floats>; // as many as doubles
using doubles = hn::Rebind<double, narrow_floats>;
using real = hn::Vec<doubles>;

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

class lab_colours {
 public:
   lab_colours(const lab_columns<const double> &first, const lab_columns<const double> &second)
       : first_(first), second_(second) {}

   HWY_INLINE void lightness(size_t i, two_colours &to) const {
      const reals l1 = reals::load(first_.l + i), l2 = reals::load(second_.l + i);
      to.lightness = (l2 - l1).rounded();
      to.mean_lightness = (l1.rounded() + l2.rounded()) * constant(0.5);
   }
   HWY_INLINE void chroma(size_t i, two_colours &to) const {
      const reals a1 = reals::load(first_.a + i), b1 = reals::load(first_.b + i);
      const reals a2 = reals::load(second_.a + i), b2 = reals::load(second_.b + i);
      to.a1 = a1.rounded();
      to.b1 = b1.rounded();
      to.a2 = a2.rounded();
      to.b2 = b2.rounded();
      to.across = (a2 - a1).rounded();
      to.down = (b2 - b1).rounded();
   }

 private:
   lab_columns<const double> first_, second_;
};

void ciede2000_of_lab_block(const lab_columns<const double> &first, const lab_columns<const double> &second,
                            float *differences) {
   differences_of(lab_colours(first, second), differences);
}

#endif
} // namespace giflab::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace giflab::kernels {
namespace {

HWY_EXPORT(ciede2000_of_block);
HWY_EXPORT(ciede2000_of_lab_block);

void split(double value, float &whole, float &rest) {
   constexpr double unit = 1.0 / (1 << 18);
   whole = static_cast<float>(std::round(value / unit) * unit);
   rest = static_cast<float>(value - double{whole});
}

xyz_rows make_xyz_rows() {
   xyz_rows rows = {};
   for (size_t byte = 0; byte < 256; ++byte) {
      const double linear = linear_of_srgb(static_cast<uint8_t>(byte));
      const xyz_weights of[3] = {weights_of_x, weights_of_y, weights_of_z};
      for (size_t i = 0; i < 3; ++i) {
         const double shares[3] = {of[i].red * linear, of[i].green * linear, of[i].blue * linear};
         for (size_t channel = 0; channel < 3; ++channel) {
            std::array<float, 8> &parts = rows[channel][byte].parts;
            split(shares[channel], parts[i], parts[4 + i]);
         }
      }
   }
   return rows;
}

// A run of columns as one whole block; zeros where there is no more.
struct lab_block {
   std::array<std::array<double, block>, 3> columns = {};

   lab_block(const lab_columns<const double> &from, size_t first, size_t count) {
      const double *const sources[3] = {from.l, from.a, from.b};
      for (size_t i = 0; i < 3; ++i)
         std::copy_n(sources[i] + first, count, columns[i].begin());
   }
   lab_columns<const double> read() const { return {columns[0].data(), columns[1].data(), columns[2].data()}; }
};

} // namespace

void ciede2000_of_columns(const lab_columns<const double> &first, const lab_columns<const double> &second,
                          size_t count, float *differences, arithmetic choice) {
   if (choice == arithmetic::scalar) {
      scalar::ciede2000_of_columns(first, second, count, differences);
      return;
   }
   for (size_t i = 0; i < count; i += block) {
      const size_t here = std::min(block, count - i);
      const lab_block a(first, i, here), b(second, i, here);
      std::array<float, block> made;
      HWY_DYNAMIC_DISPATCH(ciede2000_of_lab_block)(a.read(), b.read(), made.data());
      std::copy_n(made.begin(), here, differences + i);
   }
}

void ciede2000_of_colours(const uint32_t *first, const uint32_t *second, size_t count, float *differences,
                          arithmetic choice) {
   if (choice == arithmetic::scalar) {
      scalar::ciede2000_of_colours(first, second, count, differences);
      return;
   }
   static const xyz_rows rows = make_xyz_rows();
   const size_t whole = count / block * block, left = count - whole;
   for (size_t i = 0; i < whole; i += block)
      HWY_DYNAMIC_DISPATCH(ciede2000_of_block)(rows, first + i, second + i, differences + i);
   if (left == 0)
      return;
   std::array<uint32_t, block> rest[2] = {};
   std::array<float, block> rest_differences;
   std::copy_n(first + whole, left, rest[0].begin());
   std::copy_n(second + whole, left, rest[1].begin());
   HWY_DYNAMIC_DISPATCH(ciede2000_of_block)(rows, rest[0].data(), rest[1].data(), rest_differences.data());
   std::copy_n(rest_differences.begin(), left, differences + whole);
}

} // namespace giflab::kernels
#endif
