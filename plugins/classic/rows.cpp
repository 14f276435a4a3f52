#include "rows.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numbers>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rows.cpp"
#include <hwy/foreach_target.h> // IWYU pragma: keep
#include <hwy/highway.h>

#include "vectors-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace giflab::classic::HWY_NAMESPACE {

// What the 3x3 kernels make of a pixel's neighbourhood: of whole numbers, or of vectors of them.
template <class Number> struct slopes { Number across, down, prewitt_across, prewitt_down, laplacian; };

template <class Number, class Load>
HWY_INLINE slopes<Number> slopes_at(byte_rows rows, ptrdiff_t x, Load &&load) {
   const Number a = load(rows.above + x - 1), b = load(rows.above + x), c = load(rows.above + x + 1);
   const Number d = load(rows.middle + x - 1), e = load(rows.middle + x), f = load(rows.middle + x + 1);
   const Number g = load(rows.below + x - 1), h = load(rows.below + x), i = load(rows.below + x + 1);
   const Number top = c - a, middle = f - d, bottom = i - g, left = g - a, centre = h - b, right = i - c;
   const Number e2 = e + e;
   slopes<Number> found;
   found.prewitt_across = top + middle + bottom;
   found.prewitt_down = left + centre + right;
   found.across = found.prewitt_across + middle;
   found.down = found.prewitt_down + centre;
   found.laplacian = b + d + f + h - e2 - e2;
   return found;
}

HWY_INLINE slopes<int32_t> slopes_of_one(byte_rows rows, size_t x) {
   return slopes_at<int32_t>(rows, static_cast<ptrdiff_t>(x), [](const uint8_t *at) { return int32_t{*at}; });
}
#if HWY_TARGET != HWY_SCALAR
HWY_INLINE slopes<vector16> slopes_of_several(byte_rows rows, size_t x) {
   return slopes_at<vector16>(rows, static_cast<ptrdiff_t>(x),
                              [](const uint8_t *at) HWY_ATTR { return load16(at); });
}
#endif

// ---- Canny

void sobel_row(byte_rows rows, int16_t *across, int16_t *down, int16_t *magnitude, size_t count) {
   size_t x = 0;
#if HWY_TARGET != HWY_SCALAR
   const whole16 d;
   const auto store = [&](size_t at) HWY_ATTR {
      const auto found = slopes_of_several(rows, at);
      hn::StoreU(found.across, d, across + at);
      hn::StoreU(found.down, d, down + at);
      hn::StoreU(hn::Add(hn::Abs(found.across), hn::Abs(found.down)), d, magnitude + at);
   };
   for (; x + hn::Lanes(d) <= count; x += hn::Lanes(d))
      store(x);
   if (x < count && count >= hn::Lanes(d)) { // some of them again
      store(count - hn::Lanes(d));
      x = count;
   }
#endif
   for (; x < count; ++x) {
      const auto found = slopes_of_one(rows, x);
      across[x] = static_cast<int16_t>(found.across);
      down[x] = static_cast<int16_t>(found.down);
      magnitude[x] = static_cast<int16_t>(std::abs(found.across) + std::abs(found.down));
   }
}

void add_lengths(const int16_t *across, const int16_t *down, float *work, size_t count, length_sums &sums) {
   float *const lengths = work, *const squares = work + count;
   size_t x = 0;
#if HWY_TARGET != HWY_SCALAR
   const whole32 d;
   const hn::RebindToFloat<whole32> real;
   const hn::Rebind<int16_t, whole32> d16;
   for (; x + hn::Lanes(d) <= count; x += hn::Lanes(d)) {
      const vector32 dx = hn::PromoteTo(d, hn::LoadU(d16, across + x));
      const vector32 dy = hn::PromoteTo(d, hn::LoadU(d16, down + x));
      const auto square = hn::ConvertTo(real, hn::Add(hn::Mul(dx, dx), hn::Mul(dy, dy)));
      hn::StoreU(square, real, squares + x);
      hn::StoreU(hn::Sqrt(square), real, lengths + x);
   }
#endif
   for (; x < count; ++x) {
      squares[x] = static_cast<float>(across[x] * across[x] + down[x] * down[x]);
      lengths[x] = std::sqrt(squares[x]);
   }
   sums.lengths += sum_of(lengths, count);
   sums.squares += sum_of(squares, count);
}

constexpr int32_t tangent_22 = 13573; // tan(22.5 degrees) * 2^15

HWY_INLINE uint8_t mark_of(const gradient_rows &rows, int16_t low, int16_t high, ptrdiff_t x) {
   const int32_t dx = rows.across[x], dy = rows.down[x], m = rows.here[x];
   if (m <= low)
      return no_edge;
   const int32_t steep = std::abs(dy) << 15, flat = std::abs(dx) * tangent_22;
   const auto longer = [&](int32_t before, int32_t behind) { return m > before && m > behind; };
   bool ridge;
   if (steep < flat)
      ridge = m > rows.here[x - 1] && m >= rows.here[x + 1];
   else if (steep > flat + (std::abs(dx) << 16))
      ridge = m > rows.above[x] && m >= rows.below[x];
   else
      ridge = (dx ^ dy) < 0 ? longer(rows.above[x + 1], rows.below[x - 1])
                            : longer(rows.above[x - 1], rows.below[x + 1]);
   return ridge ? m > high ? edge : perhaps : no_edge;
}

#if HWY_TARGET != HWY_SCALAR
// The same in 16 bits: |dy| * 2^15 < |dx| * tan exactly if |dy| <= the whole part of |dx| * tan / 2^15, unless
// both are 0, where the length is not above `low`; and likewise for the other bound.
HWY_INLINE vector16 ridges_at(const gradient_rows &rows, vector16 m, ptrdiff_t x) {
   const whole16 d;
   const hn::RebindToUnsigned<whole16> unsigned16;
   const auto at = [&](const int16_t *row, ptrdiff_t place) HWY_ATTR { return hn::LoadU(d, row + place); };
   const auto longer = [&](vector16 before, vector16 behind) HWY_ATTR {
      return hn::And(hn::VecFromMask(d, hn::Gt(m, before)), hn::VecFromMask(d, hn::Gt(m, behind)));
   };
   const auto longer_or_equal_behind = [&](vector16 before, vector16 behind) HWY_ATTR {
      return hn::AndNot(hn::VecFromMask(d, hn::Gt(behind, m)), hn::VecFromMask(d, hn::Gt(m, before)));
   };
   const vector16 dx = at(rows.across, x), dy = at(rows.down, x);
   const vector16 flat = hn::Abs(dx), steep = hn::Abs(dy), twice = hn::Add(flat, flat);
   const vector16 bound =
       hn::BitCast(d, hn::MulHigh(hn::BitCast(unsigned16, twice), hn::Set(unsigned16, tangent_22)));
   const vector16 sideways = longer_or_equal_behind(at(rows.here, x - 1), at(rows.here, x + 1));
   const vector16 upright = longer_or_equal_behind(at(rows.above, x), at(rows.below, x));
   const vector16 falling = longer(at(rows.above, x - 1), at(rows.below, x + 1));
   const vector16 rising = longer(at(rows.above, x + 1), at(rows.below, x - 1));
   const vector16 slanted = hn::IfVecThenElse(hn::BroadcastSignBit(hn::Xor(dx, dy)), rising, falling);
   const vector16 standing = hn::IfThenElse(hn::Gt(hn::Sub(steep, twice), bound), upright, slanted);
   return hn::IfThenElse(hn::Gt(steep, bound), standing, sideways);
}
#endif

uint8_t mark_ridges(const gradient_rows &rows, int16_t low, int16_t high, uint8_t *marks, size_t count) {
   uint8_t all = 0;
   size_t i = 0;
#if HWY_TARGET != HWY_SCALAR
   const whole16 d;
   const vector16 one = hn::Set(d, 1), lowest = hn::Set(d, low), highest = hn::Set(d, high);
   vector16 found = hn::Zero(d);
   const auto store = [&](size_t at) HWY_ATTR {
      const vector16 m = hn::LoadU(d, rows.here + at);
      const auto long_enough = hn::Gt(m, lowest);
      vector16 mark = hn::Zero(d);
      if (!hn::AllFalse(d, long_enough)) { // level ground is what there is most of
         static_assert(edge == 1 && perhaps == 2);
         const vector16 kind = hn::Add(one, hn::IfThenZeroElse(hn::Gt(m, highest), one));
         mark = hn::IfThenElseZero(long_enough, hn::And(ridges_at(rows, m, static_cast<ptrdiff_t>(at)), kind));
         found = hn::Or(found, mark);
      }
      hn::StoreU(hn::DemoteTo(half8(), mark), half8(), marks + at);
   };
   for (; i + hn::Lanes(d) <= count; i += hn::Lanes(d))
      store(i);
   if (i < count && count >= hn::Lanes(d)) { // some of them again
      store(count - hn::Lanes(d));
      i = count;
   }
   int16_t lanes[hn::MaxLanes(whole16())];
   hn::StoreU(found, d, lanes);
   for (const int16_t lane : lanes)
      all |= static_cast<uint8_t>(lane);
#endif
   for (; i < count; ++i)
      all |= marks[i] = mark_of(rows, low, high, static_cast<ptrdiff_t>(i));
   return all;
}

// ---- Gradient metrics

HWY_INLINE float likeness(float p, float q) {
   constexpr float constant = 1e-3f;
   return (2 * p * q + constant) / (p * p + q * q + constant);
}
HWY_INLINE float length(int32_t across, int32_t down) {
   return std::sqrt(static_cast<float>(across * across + down * down));
}

#if HWY_TARGET != HWY_SCALAR
using floats = hn::Rebind<float, whole32>;
using float_vector = hn::Vec<floats>;

HWY_INLINE float_vector likeness(float_vector p, float_vector q) {
   const floats d;
   const auto constant = hn::Set(d, 1e-3f);
   const auto above = hn::Add(hn::Mul(hn::Add(p, p), q), constant);
   return hn::Div(above, hn::Add(hn::Add(hn::Mul(p, p), hn::Mul(q, q)), constant));
}

// To the bit: every sum of squares up to 2 * 765^2 was tried.
HWY_INLINE float_vector third(float_vector v) {
   const floats d;
#   if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX2 // additions fused with multiplications
   const auto share = hn::Set(d, 1.0f / 3), near = hn::Mul(v, share);
   return hn::MulAdd(hn::NegMulAdd(hn::Set(d, 3), near, v), share, near);
#   else
   return hn::Div(v, hn::Set(d, 3));
#   endif
}

// Vectors of 16 bits in two halves, each in the order of InterleaveLower and InterleaveUpper.
struct float_halves {
   float_vector lower, upper;
};

HWY_INLINE float_halves lengths(vector16 across, vector16 down) {
   const whole16 d;
   const auto half = [](vector16 both)
                         HWY_ATTR { return hn::Sqrt(hn::ConvertTo(floats(), sums_of_products(both, both))); };
   return {half(hn::InterleaveLower(d, across, down)), half(hn::InterleaveUpper(d, across, down))};
}

HWY_INLINE float_halves magnitudes(vector16 values) {
   const whole16 d;
   const vector16 size = hn::Abs(values), none = hn::Zero(d);
   const auto half = [](vector16 wide)
                         HWY_ATTR { return hn::ConvertTo(floats(), hn::BitCast(whole32(), wide)); };
   return {half(hn::InterleaveLower(d, size, none)), half(hn::InterleaveUpper(d, size, none))};
}

// In the order of pixels.
HWY_INLINE void store_halves(float_vector lower, float_vector upper, float *to) {
   const floats d;
   if constexpr (hn::MaxLanes(floats()) == 8) {
      hn::StoreU(hn::ConcatLowerLower(d, upper, lower), d, to);
      hn::StoreU(hn::ConcatUpperUpper(d, upper, lower), d, to + 8);
   } else {
      hn::StoreU(lower, d, to);
      hn::StoreU(upper, d, to + hn::Lanes(d));
   }
}

HWY_INLINE bool same(const slopes<vector16> &p, const slopes<vector16> &q) {
   const auto across = hn::Or(hn::Xor(p.across, q.across), hn::Xor(p.prewitt_across, q.prewitt_across));
   const auto down = hn::Or(hn::Xor(p.down, q.down), hn::Xor(p.prewitt_down, q.prewitt_down));
   const auto all = hn::Or(hn::Or(across, down), hn::Xor(p.laplacian, q.laplacian));
   return hn::AllTrue(whole16(), hn::Eq(all, hn::Zero(whole16())));
}

HWY_INLINE void compare_slopes(const slopes<vector16> &p, const slopes<vector16> &q, float *fsim,
                               float *unlike) {
   const floats d;
   const auto one = hn::Set(d, 1);
   if (same(p, q)) { // then both likenesses are 1 to the bit
      store_halves(one, one, fsim);
      store_halves(hn::Zero(d), hn::Zero(d), unlike);
      return;
   }
   const float_halves sobel_p = lengths(p.across, p.down), sobel_q = lengths(q.across, q.down);
   const float_halves curve_p = magnitudes(p.laplacian), curve_q = magnitudes(q.laplacian);
   store_halves(hn::Mul(likeness(sobel_p.lower, sobel_q.lower), likeness(curve_p.lower, curve_q.lower)),
                hn::Mul(likeness(sobel_p.upper, sobel_q.upper), likeness(curve_p.upper, curve_q.upper)), fsim);
   const float_halves prewitt_p = lengths(p.prewitt_across, p.prewitt_down),
                      prewitt_q = lengths(q.prewitt_across, q.prewitt_down);
   store_halves(hn::Sub(one, likeness(third(prewitt_p.lower), third(prewitt_q.lower))),
                hn::Sub(one, likeness(third(prewitt_p.upper), third(prewitt_q.upper))), unlike);
}

// Sums of the Laplacian and of its squares.
class curvature_sums {
 public:
   HWY_INLINE curvature_sums() : plain_(hn::Zero(whole32())), squared_(hn::Zero(whole32())) {}
   HWY_INLINE void add(vector16 curvature) {
      plain_ = hn::Add(plain_, sums_of_products(curvature, hn::Set(whole16(), 1)));
      squared_ = hn::Add(squared_, sums_of_products(curvature, curvature));
   }
   // 2 * 1020^2 a vector: after 1024 vectors at the latest.
   HWY_INLINE void move_to(int64_t &plain, int64_t &squared) {
      plain += total(plain_);
      squared += total(squared_);
      plain_ = squared_ = hn::Zero(whole32());
   }

 private:
   static HWY_INLINE int64_t total(vector32 sums) {
      int32_t lanes[hn::MaxLanes(whole32())];
      hn::StoreU(sums, whole32(), lanes);
      int64_t sum = 0;
      for (const int32_t lane : lanes)
         sum += lane;
      return sum;
   }
   vector32 plain_, squared_;
};
#endif

// The likenesses of each pixel; adds to the sums of Laplacians.
HWY_INLINE void find_likenesses(byte_rows a, byte_rows b, float *fsim, float *unlike, size_t count,
                                gradient_sums &sums) {
   size_t x = 0;
#if HWY_TARGET != HWY_SCALAR
   const size_t step = hn::Lanes(whole16());
   while (x + step <= count) {
      curvature_sums curvature_a, curvature_b;
      for (const size_t end = std::min(count, x + 1000 * step); x + step <= end; x += step) {
         const auto p = slopes_of_several(a, x), q = slopes_of_several(b, x);
         compare_slopes(p, q, fsim + x, unlike + x);
         curvature_a.add(p.laplacian);
         curvature_b.add(q.laplacian);
      }
      curvature_a.move_to(sums.laplacian[0], sums.laplacian_squared[0]);
      curvature_b.move_to(sums.laplacian[1], sums.laplacian_squared[1]);
   }
#endif
   for (; x < count; ++x) {
      const auto p = slopes_of_one(a, x), q = slopes_of_one(b, x);
      fsim[x] = likeness(length(p.across, p.down), length(q.across, q.down)) *
                likeness(static_cast<float>(std::abs(p.laplacian)), static_cast<float>(std::abs(q.laplacian)));
      unlike[x] = 1 - likeness(length(p.prewitt_across, p.prewitt_down) / 3,
                               length(q.prewitt_across, q.prewitt_down) / 3);
      sums.laplacian[0] += p.laplacian;
      sums.laplacian[1] += q.laplacian;
      sums.laplacian_squared[0] += p.laplacian * p.laplacian;
      sums.laplacian_squared[1] += q.laplacian * q.laplacian;
   }
}

void add_gradient_row(byte_rows a, byte_rows b, float *work, size_t count, gradient_sums &sums) {
   float *fsim = work, *unlike = work + count, *HWY_RESTRICT squared = work + 2 * count;
   find_likenesses(a, b, fsim, unlike, count, sums);
   for (size_t x = 0; x < count; ++x)
      squared[x] = unlike[x] * unlike[x];
   sums.fsim += sum_of(fsim, count);
   sums.gms += sum_of(unlike, count);
   sums.gms_squared += sum_of(squared, count);
}

// ---- Halves

void halve_bytes(const uint8_t *first, const uint8_t *second, float *means, size_t count) {
   size_t x = 0;
#if HWY_TARGET != HWY_SCALAR
   const half8 d8;
   const hn::Repartition<int16_t, half8> d16; // a pair of bytes each
   const floats d;
   for (; x + hn::Lanes(d) <= count; x += hn::Lanes(d)) {
      const auto pairs = [&](const uint8_t *row) HWY_ATTR {
         const auto both = hn::BitCast(d16, hn::LoadU(d8, row + 2 * x));
         const auto odd =
             hn::BitCast(d16, hn::ShiftRight<8>(hn::BitCast(hn::RebindToUnsigned<decltype(d16)>(), both)));
         return hn::Add(hn::And(both, hn::Set(d16, 255)), odd);
      };
      const auto sum = hn::PromoteTo(whole32(), hn::Add(pairs(first), pairs(second)));
      hn::StoreU(hn::Mul(hn::ConvertTo(d, sum), hn::Set(d, 0.25f)), d, means + x);
   }
#endif
   for (; x < count; ++x)
      means[x] =
          static_cast<float>(first[2 * x] + first[2 * x + 1] + second[2 * x] + second[2 * x + 1]) * 0.25f;
}

void halve_floats(const float *first, const float *second, float *means, size_t count) {
   size_t x = 0;
#if HWY_TARGET != HWY_SCALAR
   const floats d;
   for (; x + hn::Lanes(d) <= count; x += hn::Lanes(d)) {
      const auto at = [&](const float *row, size_t half)
                          HWY_ATTR { return hn::LoadU(d, row + 2 * x + half * hn::Lanes(d)); };
      const auto a = at(first, 0), b = at(first, 1), p = at(second, 0), q = at(second, 1);
      auto sum = hn::Add(hn::ConcatEven(d, b, a), hn::ConcatOdd(d, b, a));
      sum = hn::Add(hn::Add(sum, hn::ConcatEven(d, q, p)), hn::ConcatOdd(d, q, p));
      hn::StoreU(hn::Mul(sum, hn::Set(d, 0.25f)), d, means + x);
   }
#endif
   for (; x < count; ++x)
      means[x] = (first[2 * x] + first[2 * x + 1] + second[2 * x] + second[2 * x + 1]) * 0.25f;
}

// ---- Nearly halves

template <class Sample>
HWY_INLINE float sum_of_area(const Sample *samples, const three_weights &weights, size_t x) {
   float sum = 0;
   sum += static_cast<float>(samples[2 * x]) * weights.first[x];
   sum += static_cast<float>(samples[2 * x + 1]) * weights.second[x];
   if (weights.third[x] != 0)
      sum += static_cast<float>(samples[2 * x + 2]) * weights.third[x];
   return sum;
}

#if HWY_TARGET != HWY_SCALAR
// Samples 2x and 2x + 1 from there on.
struct float_pairs {
   float_vector even, odd;
};
HWY_INLINE float_pairs load_pairs(const float *from) {
   const floats d;
   const auto low = hn::LoadU(d, from), high = hn::LoadU(d, from + hn::Lanes(d));
   return {hn::ConcatEven(d, high, low), hn::ConcatOdd(d, high, low)};
}
HWY_INLINE float_pairs load_pairs(const uint8_t *from) {
   const floats d;
   const hn::Repartition<uint16_t, half8> pairs_tag;
   const auto pairs = hn::BitCast(pairs_tag, hn::LoadU(half8(), from));
   const auto wide = [&](auto v) HWY_ATTR { return hn::ConvertTo(d, hn::PromoteTo(whole32(), v)); };
   return {wide(hn::And(pairs, hn::Set(pairs_tag, 255))), wide(hn::ShiftRight<8>(pairs))};
}
#endif

// The last targets one by one: behind them there may be nothing to load.
template <class Sample>
HWY_INLINE void halve_by_areas(const Sample *samples, const three_weights &weights, float *sums, size_t count) {
   size_t x = 0;
#if HWY_TARGET != HWY_SCALAR
   const floats d;
   for (; x + hn::Lanes(d) + 1 <= count; x += hn::Lanes(d)) {
      const auto here = load_pairs(samples + 2 * x), next = load_pairs(samples + 2 * x + 2);
      auto sum = hn::Mul(here.even, hn::LoadU(d, weights.first + x));
      sum = hn::Add(sum, hn::Mul(here.odd, hn::LoadU(d, weights.second + x)));
      sum = hn::Add(sum, hn::Mul(next.even, hn::LoadU(d, weights.third + x)));
      hn::StoreU(sum, d, sums + x);
   }
#endif
   for (; x < count; ++x)
      sums[x] = sum_of_area(samples, weights, x);
}
void halve_bytes_by_areas(const uint8_t *samples, const three_weights &weights, float *sums, size_t count) {
   halve_by_areas(samples, weights, sums, count);
}
void halve_floats_by_areas(const float *samples, const three_weights &weights, float *sums, size_t count) {
   halve_by_areas(samples, weights, sums, count);
}

// Decimation in frequency by two, in place; then rows into the order of frequencies.
void transform_columns(double (*HWY_RESTRICT real)[64], double (*HWY_RESTRICT imaginary)[64],
                       const double *cosines, const double *sines) {
   for (size_t half = 32; half >= 1; half /= 2)
      for (size_t first = 0; first < 64; first += 2 * half)
         for (size_t k = 0; k < half; ++k) {
            const double c = cosines[k * (32 / half)], s = sines[k * (32 / half)];
            double *HWY_RESTRICT pr = real[first + k], *HWY_RESTRICT pi = imaginary[first + k];
            double *HWY_RESTRICT qr = real[first + k + half], *HWY_RESTRICT qi = imaginary[first + k + half];
            for (size_t x = 0; x < 64; ++x) {
               const double dr = pr[x] - qr[x], di = pi[x] - qi[x];
               pr[x] += qr[x];
               pi[x] += qi[x];
               qr[x] = dr * c + di * s;
               qi[x] = di * c - dr * s;
            }
         }
}

} // namespace giflab::classic::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace giflab::classic {

HWY_EXPORT(sobel_row);
HWY_EXPORT(add_lengths);
HWY_EXPORT(mark_ridges);
HWY_EXPORT(add_gradient_row);
HWY_EXPORT(halve_bytes);
HWY_EXPORT(halve_floats);
HWY_EXPORT(halve_bytes_by_areas);
HWY_EXPORT(halve_floats_by_areas);
HWY_EXPORT(transform_columns);

void sobel_row(byte_rows rows, int16_t *across, int16_t *down, int16_t *magnitude, size_t count) {
   HWY_DYNAMIC_DISPATCH(sobel_row)(rows, across, down, magnitude, count);
}
void add_lengths(const int16_t *across, const int16_t *down, float *work, size_t count, length_sums &sums) {
   HWY_DYNAMIC_DISPATCH(add_lengths)(across, down, work, count, sums);
}
uint8_t mark_ridges(const gradient_rows &rows, int16_t low, int16_t high, uint8_t *marks, size_t count) {
   return HWY_DYNAMIC_DISPATCH(mark_ridges)(rows, low, high, marks, count);
}
void add_gradient_row(byte_rows a, byte_rows b, float *work, size_t count, gradient_sums &sums) {
   HWY_DYNAMIC_DISPATCH(add_gradient_row)(a, b, work, count, sums);
}
void halve_row(const uint8_t *first, const uint8_t *second, float *means, size_t count) {
   HWY_DYNAMIC_DISPATCH(halve_bytes)(first, second, means, count);
}
void halve_row(const float *first, const float *second, float *means, size_t count) {
   HWY_DYNAMIC_DISPATCH(halve_floats)(first, second, means, count);
}
void halve_row_by_areas(const uint8_t *samples, const three_weights &weights, float *sums, size_t count) {
   HWY_DYNAMIC_DISPATCH(halve_bytes_by_areas)(samples, weights, sums, count);
}
void halve_row_by_areas(const float *samples, const three_weights &weights, float *sums, size_t count) {
   HWY_DYNAMIC_DISPATCH(halve_floats_by_areas)(samples, weights, sums, count);
}

namespace {

struct unit_roots {
   double cosines[32], sines[32];

   unit_roots() {
      for (size_t k = 0; k < 32; ++k) {
         const double angle = static_cast<double>(k) * std::numbers::pi / 32;
         cosines[k] = std::cos(angle);
         sines[k] = std::sin(angle);
      }
      cosines[16] = 0;
   }
};

} // namespace

void transform_columns(double (*real)[64], double (*imaginary)[64]) {
   static const unit_roots roots;
   HWY_DYNAMIC_DISPATCH(transform_columns)(real, imaginary, roots.cosines, roots.sines);
}

} // namespace giflab::classic
#endif
