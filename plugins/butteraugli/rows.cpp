#include "rows.hpp"

#include "constants.hpp"

#include <algorithm>
#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rows.cpp"
#include <hwy/foreach_target.h> // IWYU pragma: keep
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace giflab::butteraugli::HWY_NAMESPACE {
#if HWY_HAVE_SCALABLE // vectors stand in arrays and structs here, so that the compiler must know their size

const row_kernels *table() { return nullptr; }

#else
namespace hn = hwy::HWY_NAMESPACE;

using floats = hn::CappedTag<float, most_lanes>;
using real = hn::Vec<floats>;

HWY_INLINE real every(double value) { return hn::Set(floats(), static_cast<float>(value)); }
HWY_INLINE real load(const float *from) { return hn::LoadU(floats(), from); }
HWY_INLINE void store(real value, float *to) { hn::StoreU(value, floats(), to); }
HWY_INLINE real above_zero(real value) { return hn::Max(value, hn::Zero(floats())); }
HWY_INLINE constexpr int32_t lanes() { return static_cast<int32_t>(hn::MaxLanes(floats())); }

// ---- Blur

// Of `Vectors` vectors from column x on. Several share the loads of weights and of pointers.
template <int Vectors>
HWY_INLINE void blur_block(const float *const *taps, const float *weights, int reach, int32_t x,
                           float *result) {
   const floats d;
   real sums[Vectors];
   HWY_UNROLL(8)
   for (int v = 0; v < Vectors; ++v)
      sums[v] = hn::Set(d, weights[0]) * load(taps[reach] + x + v * lanes());
   for (int i = 1; i <= reach; ++i) {
      const float *before = taps[reach - i] + x, *after = taps[reach + i] + x;
      const real weight = hn::Set(d, weights[i]);
      HWY_UNROLL(8)
      for (int v = 0; v < Vectors; ++v)
         sums[v] = hn::MulAdd(weight, load(before + v * lanes()) + load(after + v * lanes()), sums[v]);
   }
   HWY_UNROLL(8)
   for (int v = 0; v < Vectors; ++v)
      store(sums[v], result + x + v * lanes());
}

void blur(const float *const *taps, const float *weights, int reach, int32_t first, int32_t last,
          float *result) {
   int32_t x = first;
   for (; x + 7 * lanes() < last; x += 8 * lanes())
      blur_block<8>(taps, weights, reach, x, result);
   for (; x + lanes() < last; x += 2 * lanes())
      blur_block<2>(taps, weights, reach, x, result);
   if (x < last)
      blur_block<1>(taps, weights, reach, x, result);
}

void halve(const float *upper, const float *lower, int32_t count, float *result) {
   int32_t x = 0;
   for (; x + lanes() <= count; x += lanes()) {
      real upper_left, upper_right, lower_left, lower_right;
      hn::LoadInterleaved2(floats(), upper + 2 * x, upper_left, upper_right);
      hn::LoadInterleaved2(floats(), lower + 2 * x, lower_left, lower_right);
      store(((upper_left + upper_right) + (lower_left + lower_right)) * every(0.25), result + x);
   }
   for (; x < count; ++x)
      result[x] = ((upper[2 * x] + upper[2 * x + 1]) + (lower[2 * x] + lower[2 * x + 1])) * 0.25F;
}

// ---- XYB

// response_scale ln(v) + response_offset for positive v: v is 2^n (1 + t) / (1 - t) with |t| <= 1/5, and the
// series of its logarithm is done after t^9.
HWY_INLINE real response(real v) {
   const hn::RebindToSigned<floats> i32;
   const auto bits = hn::BitCast(i32, v);
   const auto exponent = hn::ShiftRight<23>(bits - hn::Set(i32, 0x3F2AAAAB)); // 2/3 and on
   const real mantissa = hn::BitCast(floats(), bits - hn::ShiftLeft<23>(exponent));
   const real t = (mantissa - every(1)) / (mantissa + every(1));
   const real square = t * t;
   real series = every(1.0 / 9);
   for (const double term : {1.0 / 7, 1.0 / 5, 1.0 / 3, 1.0})
      series = hn::MulAdd(series, square, every(term));
   constexpr double ln_2 = 0.693147180559945309417;
   return hn::MulAdd(hn::ConvertTo(floats(), exponent), every(response_scale * ln_2),
                     hn::MulAdd(t * every(2 * response_scale), series, every(response_offset)));
}

HWY_INLINE real absorbed(const cone &of, const real (&light)[3], real nits) {
   const real sum =
       hn::MulAdd(every(of.red), light[0], hn::MulAdd(every(of.green), light[1], every(of.blue) * light[2]));
   return hn::MulAdd(sum, nits, every(of.floor));
}

HWY_INLINE real seen(const cone &of, const real (&light)[3], const real (&around)[3], real nits) {
   const real adapted = hn::Max(absorbed(of, around, nits), every(of.floor));
   const real sensitivity =
       hn::Max(response(adapted + every(response_bias)) / adapted, every(least_sensitivity));
   return hn::Max(absorbed(of, light, nits) * sensitivity, every(of.floor));
}

HWY_INLINE void load_channels(const float *const (&rows)[3], int32_t x, real (&channels)[3]) {
   for (int c = 0; c < 3; ++c)
      channels[c] = load(rows[c] + x);
}

// X and Y are stored; B is returned.
HWY_INLINE real see_side(const seeing_rows &rows, int side, real nits, int32_t x) {
   real light[3], around[3];
   load_channels(rows.light[side], x, light);
   load_channels(rows.around[side], x, around);
   const real first = seen(cones[0], light, around, nits), second = seen(cones[1], light, around, nits);
   store(first - second, rows.xyb[side == 0 ? x_reference : x_distorted] + x);
   store(first + second, rows.xyb[side == 0 ? y_reference : y_distorted] + x);
   return seen(cones[2], light, around, nits);
}

void see(const seeing_rows &rows, float nits, int32_t count) {
   for (int32_t x = 0; x < count; x += lanes()) {
      const real b = see_side(rows, 0, hn::Set(floats(), nits), x);
      store(b - see_side(rows, 1, hn::Set(floats(), nits), x), rows.xyb[b_difference] + x);
   }
}

// ---- Bands

// 0 within the range, nearer to it by as much beyond.
HWY_INLINE real without_range(real value, double range) {
   return value - hn::Max(hn::Min(value, every(range)), every(-range));
}
HWY_INLINE real with_doubled_range(real value, double range) {
   return value + hn::Max(hn::Min(value, every(range)), every(-range));
}
HWY_INLINE real limited(real value, double limit) {
   return hn::MulAdd(every(limited_share), without_range(value, limit),
                     hn::Max(hn::Min(value, every(limit)), every(-limit)));
}

HWY_INLINE real add_square(double weight, real value, real total) {
   return hn::MulAdd(every(weight) * value, value, total);
}

void split_low(const low_rows &rows, int32_t count) {
   for (int32_t x = 0; x < count; x += lanes()) {
      real low[carried_count];
      for (size_t p = 0; p < carried_count; ++p) {
         low[p] = load(rows.blurred[p] + x);
         store(load(rows.xyb[p] + x) - low[p], rows.rest[p] + x);
      }
      const real y = low[y_reference] - low[y_distorted];
      const real b = hn::MulAdd(every(low_b_from_y), y, low[b_difference]);
      const real x_part = every(low_x) * (low[x_reference] - low[x_distorted]);
      real total = every(low_x_weight) * x_part * x_part;
      total = add_square(low_y_weight, every(low_y) * y, total);
      store(add_square(low_b_weight, every(low_b) * b, total), rows.difference + x);
   }
}

// How far `b` is beyond what can be made of `a`: above 0 where it lacks, below where it is too much, in a's
// sign.
HWY_INLINE real beyond(real a, real b, double least, double most) {
   const floats d;
   const real strength = hn::Abs(a), sign = hn::And(a, hn::SignBit(d)), along = hn::Xor(b, sign);
   const real lacking = above_zero(every(least) * strength - along);
   const real too_much = above_zero(along - every(most) * strength);
   return hn::Xor(lacking - too_much, sign);
}

HWY_INLINE real line_difference(real a, real b, const line_scale &by) {
   const floats d;
   const real strength = hn::MulAdd(every(0.5), hn::Abs(a) + hn::Abs(b), hn::Set(d, by.norm));
   const real difference =
       hn::MulAdd(hn::Set(d, by.one_way), beyond(a, b, too_small, too_big), hn::Set(d, by.both_ways) * (a - b));
   return difference / strength;
}

// Red against green, hidden by brightness that changes fast.
HWY_INLINE real suppressed(real x, real y) {
   const real share = every(suppression * (1 - suppression_floor)) / hn::MulAdd(y, y, every(suppression));
   return x * (share + every(suppression_floor));
}

void split_middle(const middle_rows &rows, const scales &by, int32_t count) {
   for (int32_t x = 0; x < count; x += lanes()) {
      real middle[carried_count], finer[detailed_count];
      for (size_t p = 0; p < carried_count; ++p)
         middle[p] = load(rows.blurred[p] + x);
      for (size_t p = 0; p < detailed_count; ++p)
         finer[p] = load(rows.rest[p] + x) - middle[p];
      store(suppressed(finer[x_reference], finer[y_reference]), rows.finer[x_reference] + x);
      store(suppressed(finer[x_distorted], finer[y_distorted]), rows.finer[x_distorted] + x);
      store(finer[y_reference], rows.finer[y_reference] + x);
      store(finer[y_distorted], rows.finer[y_distorted] + x);

      const real x_a = without_range(middle[x_reference], middle_x_removed);
      const real x_b = without_range(middle[x_distorted], middle_x_removed);
      const real y_a = with_doubled_range(middle[y_reference], middle_y_doubled);
      const real y_b = with_doubled_range(middle[y_distorted], middle_y_doubled);
      store(line_difference(x_a, x_b, by.middle_x), rows.lines_x + x);
      store(line_difference(y_a, y_b, by.middle_y), rows.lines_y + x);
      real total = every(middle_x_weight) * (x_a - x_b) * (x_a - x_b);
      total = add_square(middle_y_weight, y_a - y_b, total);
      store(add_square(middle_b_weight, middle[b_difference], total), rows.detail + x);
   }
}

HWY_INLINE real add_high_squares(real a, real b, const square_scale &by, real total) {
   const floats d;
   const real difference = a - b, rest = beyond(a, b, high_too_small, 1);
   total = hn::MulAdd(hn::Set(d, by.both_ways) * difference, difference, total);
   return hn::MulAdd(hn::Set(d, by.one_way) * rest, rest, total);
}

struct fine_bands {
   real high_x, high_y, ultra_x, ultra_y;
};

HWY_INLINE fine_bands fine_bands_of(real rest_x, real rest_y, real blurred_x, real blurred_y) {
   const real high_y = limited(blurred_y, high_y_limit);
   return {without_range(blurred_x, high_x_removed),
           with_doubled_range(every(high_y_gain) * high_y, high_y_doubled),
           without_range(rest_x - blurred_x, ultra_x_removed),
           every(ultra_y_gain) * limited(rest_y - high_y, ultra_y_limit)};
}

HWY_INLINE real activity_of(const fine_bands &of) {
   const real red_green = every(activity_x) * (of.ultra_x + of.high_x);
   const real light = hn::MulAdd(every(activity_ultra_y), of.ultra_y, every(activity_high_y) * of.high_y);
   const real amount = hn::Sqrt(hn::MulAdd(red_green, red_green, light * light));
   constexpr double bias = activity_scale * activity_bias;
   return hn::Sqrt(hn::MulAdd(every(activity_scale), amount, every(bias))) - every(std::sqrt(bias));
}

void split_high(const high_rows &rows, const scales &by, int32_t count) {
   for (int32_t x = 0; x < count; x += lanes()) {
      const fine_bands a =
          fine_bands_of(load(rows.rest[x_reference] + x), load(rows.rest[y_reference] + x),
                        load(rows.blurred[x_reference] + x), load(rows.blurred[y_reference] + x));
      const fine_bands b =
          fine_bands_of(load(rows.rest[x_distorted] + x), load(rows.rest[y_distorted] + x),
                        load(rows.blurred[x_distorted] + x), load(rows.blurred[y_distorted] + x));
      store(line_difference(a.high_x, b.high_x, by.high_x), rows.high_x + x);
      store(line_difference(a.high_y, b.high_y, by.high_y), rows.high_y + x);
      store(line_difference(a.ultra_x, b.ultra_x, by.ultra_x), rows.ultra_x + x);
      store(line_difference(a.ultra_y, b.ultra_y, by.ultra_y), rows.ultra_y + x);
      store(activity_of(a), rows.activity[0] + x);
      store(activity_of(b), rows.activity[1] + x);
      const real total = add_high_squares(a.high_x, b.high_x, by.high_x_squares, load(rows.detail + x));
      store(add_high_squares(a.high_y, b.high_y, by.high_y_squares, total), rows.detail + x);
   }
}

// ---- Lines

HWY_INLINE real either_side(const float *const (&rows)[2 * line_reach + 1], const offset &step, int32_t x) {
   return load(rows[line_reach + step.down] + x + step.right) +
          load(rows[line_reach - step.down] + x - step.right);
}

constexpr bool begin_alike(const line &a, const line &b) {
   return a.steps[0].down == b.steps[0].down && a.steps[0].right == b.steps[0].right;
}

struct line_sums {
   real first;       // of the middle and the first step to either side
   real once, twice; // squares of lines that count once, and twice
};

template <auto &Lines, size_t Index, size_t Step>
HWY_INLINE real rest_of_line(const float *const (&rows)[2 * line_reach + 1], int32_t x, real sum) {
   if constexpr (Step < static_cast<size_t>(Lines[Index].count))
      return rest_of_line<Lines, Index, Step + 1>(rows, x,
                                                  sum + either_side(rows, Lines[Index].steps[Step], x));
   else
      return sum;
}

template <auto &Lines, size_t Index = 0>
HWY_INLINE void add_lines_at(const float *const (&rows)[2 * line_reach + 1], int32_t x, real middle,
                             line_sums &sums) {
   if constexpr (Index < std::size(Lines)) {
      bool fresh = Index == 0;
      if constexpr (Index > 0)
         fresh = !begin_alike(Lines[Index - 1], Lines[Index]);
      if (fresh)
         sums.first = middle + either_side(rows, Lines[Index].steps[0], x);
      const real sum = rest_of_line<Lines, Index, 1>(rows, x, sums.first);
      real &total = Lines[Index].times == 1 ? sums.once : sums.twice;
      total = hn::MulAdd(sum, sum, total);
      add_lines_at<Lines, Index + 1>(rows, x, middle, sums);
   }
}

template <auto &Lines> HWY_INLINE void add_lines(const float *const *from, int32_t count, float *detail) {
   const float *rows[2 * line_reach + 1];
   std::copy_n(from, 2 * line_reach + 1, rows);
   const real zero = hn::Zero(floats());
   for (int32_t x = 0; x < count; x += lanes()) {
      line_sums sums = {zero, load(detail + x), zero};
      add_lines_at<Lines>(rows, x, load(rows[line_reach] + x), sums);
      store(hn::MulAdd(every(2), sums.twice, sums.once), detail + x);
   }
}

void add_dense_lines(const float *const *rows, int32_t count, float *detail) {
   add_lines<dense_lines>(rows, count, detail);
}
void add_sparse_lines(const float *const *rows, int32_t count, float *detail) {
   add_lines<sparse_lines>(rows, count, detail);
}

// ---- The map

void add_activity(const float *a, const float *b, int32_t count, float *detail) {
   for (int32_t x = 0; x < count; x += lanes())
      store(add_square(activity_difference_weight, load(a + x) - load(b + x), load(detail + x)), detail + x);
}

// Keeps the three smallest.
HWY_INLINE void take(real value, real (&smallest)[3]) {
   for (real &smaller : smallest) {
      const real larger = hn::Max(value, smaller);
      smaller = hn::Min(value, smaller);
      value = larger;
   }
}

HWY_INLINE real eroded(const float *const (&activity)[3], int32_t x) {
   const real here = load(activity[1] + x);
   real smallest[3] = {here, here + here, here + here};
   for (int row = 0; row < 3; ++row)
      for (int column = 0; column < 3; ++column)
         if (row != 1 || column != 1)
            take(load(activity[row] + x + (column - 1) * erosion_step), smallest);
   return hn::MulAdd(every(erosion[0]), smallest[0],
                     hn::MulAdd(every(erosion[1]), smallest[1], every(erosion[2]) * smallest[2]));
}

HWY_INLINE real weight_behind(const visibility &of, real mask) {
   const real shown = every(overall * of.gain) / hn::MulAdd(every(of.slope), mask, every(of.offset));
   return (shown + every(overall)) * (shown + every(overall));
}

void make_map(const map_rows &rows, int32_t count) {
   for (int32_t x = 0; x < count; x += lanes()) {
      const real mask = eroded(rows.activity, x);
      const real low = load(rows.low + x) * weight_behind(low_visibility, mask);
      store(hn::Sqrt(hn::MulAdd(load(rows.detail + x), weight_behind(detail_visibility, mask), low)),
            rows.map + x);
   }
}

void merge(const float *half, int32_t count, float *map) {
   for (int32_t x = 0; x < count; x += lanes()) {
      alignas(64) float twice[2 * most_lanes];
      const real value = load(half + x / 2);
      hn::StoreInterleaved2(value, value, floats(), twice);
      store(hn::MulAdd(every(halved_weight), load(twice), every(kept_weight) * load(map + x)), map + x);
   }
}

// ---- Sums

void sum_up(const float *map, int32_t count, map_sums &sums) {
   const hn::CappedTag<double, 8> d;
   const hn::Rebind<float, decltype(d)> narrow;
   const auto step = static_cast<int32_t>(hn::Lanes(d));
   auto maximum = hn::Zero(d), cubes = hn::Zero(d), sixths = hn::Zero(d), twelfths = hn::Zero(d);
   for (int32_t x = 0; x < count; x += step) {
      const auto value = hn::PromoteTo(
          d, x + step <= count
                 ? hn::LoadU(narrow, map + x)
                 : hn::MaskedLoad(hn::FirstN(narrow, static_cast<size_t>(count - x)), narrow, map + x));
      const auto cube = value * value * value, sixth = cube * cube;
      maximum = hn::Max(maximum, value);
      cubes = cubes + cube;
      sixths = sixths + sixth;
      twelfths = hn::MulAdd(sixth, sixth, twelfths);
   }
   sums.maximum = std::max(sums.maximum, hn::GetLane(hn::MaxOfLanes(d, maximum)));
   sums.cubes += hn::GetLane(hn::SumOfLanes(d, cubes));
   sums.sixths += hn::GetLane(hn::SumOfLanes(d, sixths));
   sums.twelfths += hn::GetLane(hn::SumOfLanes(d, twelfths));
}

const row_kernels *table() {
   static constexpr row_kernels kernels = {
       blur,         halve,    see,   split_low, split_middle, split_high, add_dense_lines, add_sparse_lines,
       add_activity, make_map, merge, sum_up,
   };
   return &kernels;
}

#endif
} // namespace giflab::butteraugli::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace giflab::butteraugli {

HWY_EXPORT(table);

const row_kernels *best_row_kernels() { return HWY_DYNAMIC_DISPATCH(table)(); }

} // namespace giflab::butteraugli
#endif
