#include <giflab_kernels/ssimulacra2.hpp>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "ssimulacra2_vector.cpp"
#include <hwy/foreach_target.h> // IWYU pragma: keep
#include <hwy/highway.h>

#include <numeric>
#include <utility>

#include "ssimulacra2_scalar.hpp"
#include "ssimulacra2_walk.hpp"

HWY_BEFORE_NAMESPACE();
namespace giflab::kernels::HWY_NAMESPACE {

// Rows are gathered into blocks of one vector, whose length must be known. Without fused multiply-add the
// tool's digits cannot be had in vectors.
#if HWY_TARGET == HWY_SCALAR || HWY_TARGET == HWY_EMU128 || HWY_HAVE_SCALABLE
#   define GIFLAB_PLAIN_ONLY 1
#else
#   define GIFLAB_PLAIN_ONLY 0
#endif

#if !GIFLAB_PLAIN_ONLY
namespace hn = hwy::HWY_NAMESPACE;
using namespace ssimulacra2;

using floats = hn::CappedTag<float, 16>;
using real = hn::Vec<floats>;
constexpr int lanes = static_cast<int>(hn::MaxLanes(floats()));

HWY_INLINE real every(float value) { return hn::Set(floats(), value); }

// ---- Colour

HWY_INLINE real light_of(real v) {
   real above = every(light_above[4]), below = every(light_below[4]);
   for (int i = 3; i >= 0; --i) {
      above = hn::MulAdd(above, v, every(light_above[i]));
      below = hn::MulAdd(below, v, every(light_below[i]));
   }
   return hn::IfThenElse(v > every(linear_threshold), above / below, v * every(1.0F / linear_slope));
}

using bytes = hn::Rebind<uint8_t, floats>;

HWY_INLINE real unit_of_byte(hn::Vec<bytes> byte) {
   return hn::ConvertTo(floats(), hn::PromoteTo(hn::RebindToSigned<floats>(), byte)) * every(1.0F / 255);
}

// Byte `channel` of each pixel as a whole number, pixels being R, G, B: block by block of 16 bytes, whose first
// twelve are four pixels.
constexpr int block_bytes = 12;
using spread_bytes = hn::Repartition<uint8_t, floats>;

template <int count> HWY_INLINE hn::Vec<hn::FixedTag<uint8_t, 16 * count>> load_blocks(const uint8_t *pixels) {
   if constexpr (count == 1)
      return hn::LoadU(hn::FixedTag<uint8_t, 16>(), pixels);
   else
      return hn::Combine(hn::FixedTag<uint8_t, 16 * count>(),
                         load_blocks<count / 2>(pixels + block_bytes * (count / 2)),
                         load_blocks<count / 2>(pixels));
}

HWY_INLINE real unit_of_channel(hn::Vec<spread_bytes> pixels, uint32_t channel) {
   const hn::RebindToSigned<floats> i32;
   const auto first = hn::Set(i32, static_cast<int32_t>(0x80808000u + channel)); // 0x80: no byte, but 0
   const auto places = first + hn::And(hn::Iota(i32, 0), hn::Set(i32, 3)) * hn::Set(i32, 3);
   const auto found = hn::TableLookupBytesOr0(pixels, hn::BitCast(spread_bytes(), places));
   return hn::ConvertTo(floats(), hn::BitCast(i32, found)) * every(1.0F / 255);
}

HWY_INLINE void light_of_blocks(const uint8_t *pixels, const channel_rows<float> &rows, int32_t x) {
   const auto blocks = load_blocks<lanes / 4>(pixels);
   for (uint32_t c = 0; c < channel_count; ++c)
      hn::StoreU(light_of(unit_of_channel(blocks, c)), floats(), rows[c] + x);
}

void light_of_opaque(const uint8_t *pixels, int32_t width, const channel_rows<float> &rows) {
   constexpr int32_t read = lanes + 2; // pixels: the last block is 16 bytes, too
   int32_t x = 0;
   for (; x + read <= width; x += lanes)
      light_of_blocks(pixels + 3 * static_cast<ptrdiff_t>(x), rows, x);
   for (; x < width; x += lanes) {
      uint8_t rest[3 * read] = {};
      std::memcpy(rest, pixels + 3 * static_cast<ptrdiff_t>(x),
                  3 * static_cast<size_t>(std::min(lanes, width - x)));
      light_of_blocks(rest, rows, x);
   }
}

// One vector of pixels; opaque ones are what they are, to the bit.
HWY_INLINE void light_of_pixels(const uint8_t *pixels, real background, const channel_rows<float> &rows,
                                int32_t x) {
   const bytes d8;
   hn::Vec<bytes> red, green, blue, alpha;
   hn::LoadInterleaved4(d8, pixels, red, green, blue, alpha);
   real colour[3] = {unit_of_byte(red), unit_of_byte(green), unit_of_byte(blue)};
   if (!hn::AllTrue(d8, alpha == hn::Set(d8, 255))) {
      const real share = unit_of_byte(alpha), rest = (every(1) - share) * background;
      for (real &channel : colour)
         channel = share * channel + rest;
   }
   for (size_t c = 0; c < 3; ++c)
      hn::StoreU(light_of(colour[c]), floats(), rows[c] + x);
}

void light_of_transparent(const uint8_t *pixels, int32_t width, float background,
                          const channel_rows<float> &rows) {
   const real behind = every(background);
   int32_t x = 0;
   for (; x + lanes <= width; x += lanes)
      light_of_pixels(pixels + 4 * x, behind, rows, x);
   if (x < width) {
      uint8_t rest[4 * lanes] = {};
      std::memcpy(rest, pixels + 4 * x, 4 * static_cast<size_t>(width - x));
      light_of_pixels(rest, behind, rows, x);
   }
}

HWY_INLINE real absorbed(const float (&weights)[3], real red, real green, real blue) {
   constexpr auto bias = static_cast<float>(absorbance_bias);
   return hn::MulAdd(every(weights[0]), red,
                     hn::MulAdd(every(weights[1]), green, hn::MulAdd(every(weights[2]), blue, every(bias))));
}

struct vector_light {
   using sample = float;

   static void light(const uint8_t *pixels, int channels, int32_t width, float background,
                     const channel_rows<float> &rows) {
      if (channels == 3)
         light_of_opaque(pixels, width, rows);
      else
         light_of_transparent(pixels, width, background, rows);
   }

   static void halve(const float *upper, const float *lower, int32_t width, float *result) {
      const floats d;
      // First, since the result may lie on the rows.
      const float last = (upper[width - 1] + upper[width - 1] + lower[width - 1] + lower[width - 1]) * 0.25F;
      for (int32_t x = 0; x < width / 2; x += lanes) {
         real upper_left, upper_right, lower_left, lower_right;
         hn::LoadInterleaved2(d, upper + 2 * x, upper_left, upper_right);
         hn::LoadInterleaved2(d, lower + 2 * x, lower_left, lower_right);
         hn::StoreU((upper_left + upper_right + lower_left + lower_right) * every(0.25F), d, result + x);
      }
      if (width % 2 != 0)
         result[width / 2] = last;
   }
};

// ---- Sums

// What the maps say at one vector of pixels: the dissimilarity and how much stronger the distorted edge is than
// the original one.
struct map_values {
   real dissimilarity, edge_change;
};

struct map_totals {
   real of[6];

   HWY_INLINE map_totals() { // not by initialisers, whose code would be for the oldest machine
      for (real &total : of)
         total = hn::Zero(floats());
   }

   template <bool edges_only> HWY_INLINE void add(const map_values &values) {
      if constexpr (!edges_only)
         add_powers(0, values.dissimilarity);
      const real stronger = hn::ZeroIfNegative(values.edge_change);
      add_powers(2, stronger);
      add_powers(4, stronger - values.edge_change);
   }

 private:
   HWY_INLINE void add_powers(int first, real value) {
      const real squared = value * value;
      of[first] = of[first] + value;
      of[first + 1] = hn::MulAdd(squared, squared, of[first + 1]);
   }
};

// Adds maps(row, x) of some rows of the columns [first, end), not more than floats can sum. Column x belongs to
// lane (x - first) % 16 whatever the length of vectors; `maps` may be asked for columns past the last.
constexpr int sum_lanes = 16;

template <bool edges_only, class Maps>
void add_tile(const Maps &maps, row_range rows, int32_t first, int32_t end, ssimulacra2_sums &sums) {
   const floats d;
   alignas(64) float wide[6][sum_lanes] = {};
   for (int32_t offset = 0; offset < std::min(sum_lanes, end - first); offset += lanes) {
      map_totals totals;
      for (int row = rows.begin; row < rows.end; ++row) {
         int32_t x = first + offset;
         for (; x + lanes <= end; x += sum_lanes)
            totals.add<edges_only>(maps(row, x));
         if (x < end) {
            const auto valid = hn::FirstN(d, static_cast<size_t>(end - x));
            const map_values values = maps(row, x);
            totals.add<edges_only>({hn::IfThenElseZero(valid, values.dissimilarity),
                                    hn::IfThenElseZero(valid, values.edge_change)});
         }
      }
      for (int i = 0; i < 6; ++i)
         hn::Store(totals.of[i], d, wide[i] + offset);
   }
   double *const targets[6] = {&sums.ssim[0],     &sums.ssim[1],   &sums.artifact[0],
                               &sums.artifact[1], &sums.detail[0], &sums.detail[1]};
   for (int i = 0; i < 6; ++i)
      *targets[i] += std::accumulate(wide[i], wide[i] + sum_lanes, 0.0);
}

// ---- The tool's recursion

#   if HWY_NATIVE_FMA

// The tool's Newton steps from its rough guess at x^(-1/3).
HWY_INLINE real tool_cube_root_and_add(real x, real summand) {
   const hn::RebindToSigned<floats> i32;
   const auto bits = hn::BitCast(i32, x);
   const auto guess = hn::Set(i32, 0x54800000) - hn::ShiftRight<23>(bits) * hn::Set(i32, 0x002AAAAA);
   real r = hn::BitCast(floats(), hn::IfThenZeroElse(bits == hn::Zero(i32), guess));
   const real third = every(1.0F / 3), x_third = third * x;
   for (int i = 0; i < 3; ++i) {
      const real squared = r * r;
      r = hn::NegMulAdd(x_third, squared * squared, every(4.0F / 3) * r);
   }
   const real squared = r * r;
   r = hn::MulAdd(third, hn::NegMulAdd(x, squared * squared, r), r);
   return hn::MulAdd(r * r, x, summand);
}

HWY_INLINE real tool_response(const float (&weights)[3], real red, real green, real blue) {
   return tool_cube_root_and_add(hn::ZeroIfNegative(absorbed(weights, red, green, blue)),
                                 every(-std::cbrt(static_cast<float>(absorbance_bias))));
}

void tool_positive_xyb(const channel_rows<float> &light, const channel_rows<float> &xyb, int32_t width) {
   const floats d;
   for (int32_t x = 0; x < width; x += lanes) {
      const real red = hn::LoadU(d, light[0] + x), green = hn::LoadU(d, light[1] + x);
      const real blue = hn::LoadU(d, light[2] + x);
      const real long_cone = tool_response(absorbance[0], red, green, blue);
      const real middle_cone = tool_response(absorbance[1], red, green, blue);
      const real short_cone = tool_response(absorbance[2], red, green, blue);
      const real y = every(0.5F) * (long_cone + middle_cone);
      hn::StoreU(every(0.5F) * (long_cone - middle_cone) * every(14) + every(0.42F), d, xyb[0] + x);
      hn::StoreU(y + every(0.01F), d, xyb[1] + x);
      hn::StoreU((short_cone - y) + every(0.55F), d, xyb[2] + x);
   }
}

constexpr int rows_in_vector = lanes / 4;

// Four columns of each row, row by row.
template <int count>
HWY_INLINE hn::Vec<hn::FixedTag<float, 4 * count>> load_rows(const float *const *rows, int32_t x) {
   if constexpr (count == 1)
      return hn::LoadU(hn::FixedTag<float, 4>(), rows[0] + x);
   else
      return hn::Combine(hn::FixedTag<float, 4 * count>(), load_rows<count / 2>(rows + count / 2, x),
                         load_rows<count / 2>(rows, x));
}

template <int count>
HWY_INLINE void store_rows(hn::Vec<hn::FixedTag<float, 4 * count>> value, float *const *rows, int32_t x) {
   if constexpr (count == 1) {
      hn::StoreU(value, hn::FixedTag<float, 4>(), rows[0] + x);
   } else {
      const hn::FixedTag<float, 2 * count> half_tag;
      store_rows<count / 2>(hn::LowerHalf(half_tag, value), rows, x);
      store_rows<count / 2>(hn::UpperHalf(half_tag, value), rows + count / 2, x);
   }
}

struct recursion_rows {
   const float *a[rows_in_vector], *b[rows_in_vector];
   float *result[quantity_count][rows_in_vector];
   row_state *state[quantity_count][rows_in_vector];
};

struct recursion_columns {
   const float *above[rows_in_vector], *below[rows_in_vector];
   float *result[rows_in_vector];
};

// `count` rows from the state before them, which leaves memory but once.
template <int count>
void smooth_columns(const recursion_columns &rows, const strip_rows<float> &state, int32_t width) {
   const floats d;
   for (int32_t x = 0; x < width; x += lanes) {
      real last[resonators], before_last[resonators];
      for (int k = 0; k < resonators; ++k) {
         last[k] = hn::LoadU(d, state.row(k) + x);
         before_last[k] = hn::LoadU(d, state.row(resonators + k) + x);
      }
      for (int i = 0; i < count; ++i) {
         const real input = hn::LoadU(d, rows.above[i] + x) + hn::LoadU(d, rows.below[i] + x);
         for (int k = 0; k < resonators; ++k) {
            const real output =
                hn::MulAdd(every(static_cast<float>(input_gain[k])), input,
                           hn::NegMulSub(every(static_cast<float>(feedback[k])), last[k], before_last[k]));
            before_last[k] = last[k];
            last[k] = output;
         }
         hn::StoreU(last[0] + (last[1] + last[2]), d, rows.result[i] + x);
      }
      for (int k = 0; k < resonators; ++k) {
         hn::StoreU(last[k], d, state.row(k) + x);
         hn::StoreU(before_last[k], d, state.row(resonators + k) + x);
      }
   }
}

template <int q> HWY_INLINE float value_of(float a, float b) {
   return q == mean_a ? a : q == mean_b ? b : q == square_a ? a * a : q == square_b ? b * b : a * b;
}

template <int q> HWY_INLINE real values_of(const recursion_rows &rows, int32_t x) {
   if constexpr (q == mean_a)
      return load_rows<rows_in_vector>(rows.a, x);
   else if constexpr (q == mean_b)
      return load_rows<rows_in_vector>(rows.b, x);
   else {
      const real a = load_rows<rows_in_vector>(q == square_b ? rows.b : rows.a, x);
      return q == product ? a * load_rows<rows_in_vector>(rows.b, x) : a * a;
   }
}

template <int q> HWY_INLINE void single_step(const recursion_rows &rows, int row, int32_t x) {
   const float *a = rows.a[row], *b = rows.b[row];
   row_state &state = *rows.state[q][row];
   const float input =
       value_of<q>(a[x - reach - 2], b[x - reach - 2]) + value_of<q>(a[x + reach], b[x + reach]);
   float outputs[resonators];
   for (int k = 0; k < resonators; ++k) {
      const float seen = __builtin_fmaf(-1.0F, state.before_last[k], in_blocks.input[k][0] * input);
      outputs[k] = __builtin_fmaf(in_blocks.last[k][0], state.last[k], seen);
      state.before_last[k] = state.last[k];
      state.last[k] = outputs[k];
   }
   if (x >= 0)
      rows.result[q][row][x] = outputs[0] + (outputs[1] + outputs[2]);
}

// weights[k][i]: what the i-th of four inputs means for the four outputs.
struct spread_weights {
   float of[resonators][4][4];
};
constexpr spread_weights make_spread_weights() {
   spread_weights made = {};
   for (int k = 0; k < resonators; ++k)
      for (int input = 0; input < 4; ++input)
         for (int output = input; output < 4; ++output)
            made.of[k][input][output] = in_blocks.input[k][output - input];
   return made;
}
alignas(16) constexpr spread_weights spread = make_spread_weights();

// The outputs before a block, each in all four lanes of its row.
HWY_INLINE real load_states(row_state *const *states, float (row_state::*outputs)[resonators], int k) {
   alignas(64) float wide[lanes];
   for (int row = 0; row < rows_in_vector; ++row)
      std::fill_n(wide + 4 * row, 4, (states[row]->*outputs)[k]);
   return hn::Load(floats(), wide);
}
HWY_INLINE void store_states(real value, row_state *const *states, float (row_state::*outputs)[resonators],
                             int k) {
   alignas(64) float wide[lanes];
   hn::Store(value, floats(), wide);
   for (int row = 0; row < rows_in_vector; ++row)
      (states[row]->*outputs)[k] = wide[4 * row];
}

HWY_INLINE real resonate(const real (&inputs)[4], int k, real &last, real &before_last) {
   const floats d;
   real output = inputs[0] * hn::LoadDup128(d, spread.of[k][0]);
   output = hn::MulAdd(hn::LoadDup128(d, spread.of[k][1]), inputs[1], output);
   output = hn::MulAdd(hn::LoadDup128(d, spread.of[k][2]), inputs[2], output);
   output = hn::MulAdd(hn::LoadDup128(d, spread.of[k][3]), inputs[3], output);
   output = hn::MulAdd(hn::LoadDup128(d, in_blocks.before_last[k]), before_last, output);
   output = hn::MulAdd(hn::LoadDup128(d, in_blocks.last[k]), last, output);
   before_last = hn::Broadcast<2>(output);
   last = hn::Broadcast<3>(output);
   return output;
}

// Blocks from column x on, as long as `more(x)`; where they end.
template <int q, class More> int32_t block_steps(const recursion_rows &rows, int32_t x, const More &more) {
   row_state *const *states = rows.state[q];
   real last[resonators], before_last[resonators];
   for (int k = 0; k < resonators; ++k) {
      last[k] = load_states(states, &row_state::last, k);
      before_last[k] = load_states(states, &row_state::before_last, k);
   }
   for (; more(x); x += 4) {
      const real sum = values_of<q>(rows, x - reach - 2) + values_of<q>(rows, x + reach);
      const real inputs[4] = {hn::Broadcast<0>(sum), hn::Broadcast<1>(sum), hn::Broadcast<2>(sum),
                              hn::Broadcast<3>(sum)};
      const real first = resonate(inputs, 0, last[0], before_last[0]);
      const real second = resonate(inputs, 1, last[1], before_last[1]);
      const real third = resonate(inputs, 2, last[2], before_last[2]);
      store_rows<rows_in_vector>(first + (second + third), rows.result[q], x);
   }
   for (int k = 0; k < resonators; ++k) {
      store_states(last[k], states, &row_state::last, k);
      store_states(before_last[k], states, &row_state::before_last, k);
   }
   return x;
}

template <int q>
void smooth_quantity(const recursion_rows &rows, int32_t left, int32_t columns, int32_t width) {
   const auto single_steps = [&](int32_t first, int32_t end) {
      for (int row = 0; row < rows_in_vector; ++row)
         for (int32_t x = first; x < end; ++x)
            single_step<q>(rows, row, x);
   };
   int32_t x = 0;
   if (left == 0) {
      x = std::min<int32_t>(first_block, columns);
      single_steps(-reach, x);
   }
   x = block_steps<q>(rows, x, [&](int32_t at) { return at < columns && block_fits(left + at, width); });
   single_steps(x, columns);
}

constexpr int32_t run_length = 128; // of floats that are summed as such

// Of one row, whose blurs are there.
template <bool edges_only> struct recursion_maps {
   const float *const (&blurred)[quantity_count];
   const float *a, *b;

   HWY_INLINE map_values operator()(int, int32_t x) const {
      const floats d;
      const real ma = hn::LoadU(d, blurred[mean_a] + x), mb = hn::LoadU(d, blurred[mean_b] + x);
      const real edge_a = hn::Abs(hn::LoadU(d, a + x) - ma), edge_b = hn::Abs(hn::LoadU(d, b + x) - mb);
      map_values values = {hn::Zero(d), (edge_b - edge_a) / (every(1) + edge_a)};
      if constexpr (!edges_only)
         values.dissimilarity =
             dissimilarity(ma, mb, hn::LoadU(d, blurred[square_a] + x), hn::LoadU(d, blurred[square_b] + x),
                           hn::LoadU(d, blurred[product] + x));
      return values;
   }

 private:
   static HWY_INLINE real dissimilarity(real ma, real mb, real aa, real bb, real ab) {
      const real constant = every(static_cast<float>(contrast_constant)), one = every(1);
      const real shift = ma - mb;
      const real luminance = one - shift * shift;
      const real above = every(2) * (ab - ma * mb) + constant;
      const real below = (aa - ma * ma) + (bb - mb * mb) + constant;
      return hn::ZeroIfNegative(one - luminance * above / below);
   }
};

struct vector_recursion : vector_light {
   using row_group = recursion_rows;
   using column_group = recursion_columns;
   static constexpr bool recursive = true;
   static constexpr int32_t strip = 2048; // the wider, the longer the runs of memory that are read and written
   static constexpr int rows_at_once() { return rows_in_vector; }
   static constexpr int blurred_rows = quantity_count * rows_in_vector;
   static constexpr int32_t blurred_columns(int32_t columns) { return columns; }

   static void positive_xyb(const channel_rows<float> (&light)[2], const channel_rows<float> (&xyb)[2],
                            int32_t width) {
      tool_positive_xyb(light[0], xyb[0], width);
      tool_positive_xyb(light[1], xyb[1], width);
   }

   static void smooth_across(const recursion_rows &rows, int32_t left, int32_t columns, int32_t width,
                             int quantities) {
      smooth_quantity<mean_a>(rows, left, columns, width);
      smooth_quantity<mean_b>(rows, left, columns, width);
      if (quantities == 2)
         return;
      smooth_quantity<square_a>(rows, left, columns, width);
      smooth_quantity<square_b>(rows, left, columns, width);
      smooth_quantity<product>(rows, left, columns, width);
   }

   static void smooth_down(const recursion_columns &rows, int count, const strip_rows<float> &state,
                           int32_t width) {
      if (count == rows_in_vector)
         return smooth_columns<rows_in_vector>(rows, state, width);
      for (int i = 0; i < count; ++i)
         smooth_columns<1>({{rows.above[i]}, {rows.below[i]}, {rows.result[i]}}, state, width);
   }

   static void add_maps(const float *const (&blurred)[quantity_count], const float *a, const float *b,
                        int32_t width, bool edges_only, ssimulacra2_sums &sums) {
      for (int32_t x = 0; x < width; x += run_length) {
         const int32_t end = std::min(x + run_length, width);
         if (edges_only)
            add_tile<true>(recursion_maps<true>{blurred, a, b}, {0, 1}, x, end, sums);
         else
            add_tile<false>(recursion_maps<false>{blurred, a, b}, {0, 1}, x, end, sums);
      }
   }
};

#   endif

// ---- The nine taps

struct cones {
   real of[channel_count];
};

// To 1e-7, for x of the size that the bias leaves. A third of a float's bits, in halves of 16, taken from a
// constant are a guess at x^(-1/3); it misses 1 by at most 0.1073 in x guess^3, and there the polynomial is
// (1 - miss)^(-2/3) to 3e-8. Three at a time, step by step: one alone waits for itself.
HWY_INLINE void take_cube_roots(cones &x) {
   const floats d;
   const hn::RebindToUnsigned<floats> u32;
   const hn::Repartition<uint16_t, floats> u16;
   real miss[channel_count], series[channel_count];
   for (int i = 0; i < channel_count; ++i) {
      const auto third = hn::MulHigh(hn::BitCast(u16, x.of[i]), hn::Set(u16, 0x5555));
      const real guess = hn::BitCast(d, hn::Set(u32, 0x54A14000) - hn::BitCast(u32, third));
      x.of[i] = guess * guess * x.of[i];
      miss[i] = hn::NegMulAdd(x.of[i], guess, every(1));
      series[i] = hn::MulAdd(every(0.431061662F), miss[i], every(0.4591482331F));
   }
   for (const float coefficient : {0.4937720578F, 0.5555324002F, 0.6666667519F})
      for (int i = 0; i < channel_count; ++i)
         series[i] = hn::MulAdd(series[i], miss[i], every(coefficient));
   for (int i = 0; i < channel_count; ++i)
      x.of[i] = hn::MulAdd(x.of[i] * miss[i], series[i], x.of[i]);
}

constexpr float black = 0.15595420055198966F; // the cube root of the bias

struct positive_colour {
   real x, y, b;
};

HWY_INLINE positive_colour positive_colour_at(const channel_rows<float> &light, int32_t at) {
   const floats d;
   const real red = hn::LoadU(d, light[0] + at), green = hn::LoadU(d, light[1] + at);
   const real blue = hn::LoadU(d, light[2] + at);
   cones response;
   for (int i = 0; i < channel_count; ++i)
      response.of[i] = absorbed(absorbance[i], red, green, blue);
   take_cube_roots(response);
   const real both = response.of[0] + response.of[1];
   return {hn::MulAdd(response.of[0] - response.of[1], every(7), every(0.42F)),
           hn::MulAdd(both, every(0.5F), every(0.01F - black)),
           hn::NegMulAdd(both, every(0.5F), response.of[2] + every(0.55F))};
}

// Rings hold S = A + B and D = A - B of the two pictures. Wanted are sums over nine rows or columns of s = S -
// c, of D and of their squares. Variances do not feel c, but floats do: near the pixels' own level hardly a
// digit is lost.
enum direct_sum { shifted_sum, difference, squared_sum, squared_difference, direct_sums };

constexpr int block_rows = 8; // that are finished at once
constexpr int32_t tile = 128; // columns, whose rows of a block have a level of their own

// The rows of a block with those that its sums reach.
using block_of_rows = const float *const (&)[block_rows + 2 * reach];

template <int sum> HWY_INLINE real summand(const float *row, real level) {
   real value = hn::LoadU(floats(), row);
   if constexpr (sum == shifted_sum || sum == squared_sum)
      value = value - level;
   return sum == squared_sum || sum == squared_difference ? value * value : value;
}

HWY_INLINE real tap(int distance) { return every(static_cast<float>(taps[distance])); }

// Row by row down one vector of columns; `window` is a ring of the nine summands.
template <int sum, size_t... row>
HWY_INLINE void sum_down(block_of_rows rows, real level, int32_t x, const strip_rows<float> &down,
                         std::index_sequence<row...>) {
   constexpr size_t size = 2 * reach + 1;
   real window[size];
   for (size_t i = 0; i + 1 < size; ++i)
      window[i] = summand<sum>(rows[i] + x, level);
   const auto next = [&](size_t at) HWY_ATTR {
      const auto of = [&](size_t i) HWY_ATTR { return window[(at + i) % size]; };
      window[(at + size - 1) % size] = summand<sum>(rows[at + size - 1] + x, level);
      real total = of(4) * tap(0);
      total = hn::MulAdd(of(3) + of(5), tap(1), total);
      total = hn::MulAdd(of(2) + of(6), tap(2), total);
      total = hn::MulAdd(of(1) + of(7), tap(3), total);
      total = hn::MulAdd(of(0) + of(8), tap(4), total);
      hn::Store(total, floats(), down.row(sum * block_rows + static_cast<int>(at)) + x);
   };
   (next(row), ...);
}

// Four columns to either side are loaded, and those between are put together from them, block by block of four.
HWY_INLINE real sum_across(const float *row) {
   const floats d;
   const real left = hn::LoadU(d, row - 4), here = hn::Load(d, row), right = hn::LoadU(d, row + 4);
   real total = here * tap(0);
   total =
       hn::MulAdd(hn::CombineShiftRightLanes<3>(d, here, left) + hn::CombineShiftRightLanes<1>(d, right, here),
                  tap(1), total);
   total =
       hn::MulAdd(hn::CombineShiftRightLanes<2>(d, here, left) + hn::CombineShiftRightLanes<2>(d, right, here),
                  tap(2), total);
   total =
       hn::MulAdd(hn::CombineShiftRightLanes<1>(d, here, left) + hn::CombineShiftRightLanes<3>(d, right, here),
                  tap(3), total);
   return hn::MulAdd(left + right, tap(4), total);
}

// Of a block whose rows of sums were filtered across, into the vector to the left of each.
template <bool edges_only> struct direct_maps {
   block_of_rows sums, differences;
   const strip_rows<float> &blurred;
   real level;

   HWY_INLINE map_values operator()(int row, int32_t x) const {
      const floats d;
      const auto mean = [&](int sum)
                            HWY_ATTR { return hn::Load(d, blurred.row(sum * block_rows + row) + x - lanes); };
      const real mean_sum = mean(shifted_sum), mean_difference = mean(difference);
      const real in_sum = hn::LoadU(d, sums[row + reach] + x) - level - mean_sum;
      const real in_difference = hn::LoadU(d, differences[row + reach] + x) - mean_difference;
      // Twice the edges.
      const real of_a = hn::Abs(in_sum + in_difference), of_b = hn::Abs(in_sum - in_difference);
      map_values values = {hn::Zero(d), (of_b - of_a) / (every(2) + of_a)};
      if constexpr (!edges_only)
         values.dissimilarity =
             dissimilarity(mean_sum, mean_difference, mean(squared_sum), mean(squared_difference));
      return values;
   }

 private:
   // 1 - (1 - D^2) (V - W) / V, where V is the sum of variances, half of that of S and that of D, and W the
   // variance of D, without the cancellation.
   static HWY_INLINE real dissimilarity(real mean_sum, real mean_difference, real square_sum,
                                        real square_difference) {
      const real luminance = mean_difference * mean_difference;
      const real of_difference = square_difference - luminance;
      const real of_sum = hn::NegMulAdd(mean_sum, mean_sum, square_sum);
      const real variances =
          hn::MulAdd(of_sum + of_difference, every(0.5F), every(static_cast<float>(contrast_constant)));
      const real loss = hn::NegMulAdd(luminance, of_difference, of_difference);
      return hn::ZeroIfNegative(luminance + loss / variances);
   }
};

struct vector_direct : vector_light {
   struct row_group {};
   static constexpr bool recursive = false;
   static constexpr int32_t strip = 2048; // the wider, the longer the runs of memory that are read and written
   static constexpr int rows_at_once() { return block_rows; }
   static constexpr int blurred_rows = direct_sums * block_rows;
   static constexpr int32_t blurred_columns(int32_t columns) { return std::min(columns, tile); }

   // Into rows of sums and of differences.
   static void positive_xyb(const channel_rows<float> (&light)[2], const channel_rows<float> (&rows)[2],
                            int32_t width) {
      const floats d;
      for (int32_t x = 0; x < width; x += lanes) {
         const positive_colour a = positive_colour_at(light[0], x), b = positive_colour_at(light[1], x);
         const auto store = [&](size_t c, real of_a, real of_b) HWY_ATTR {
            hn::StoreU(of_a + of_b, d, rows[0][c] + x);
            hn::StoreU(of_a - of_b, d, rows[1][c] + x);
         };
         store(0, a.x, b.x);
         store(1, a.y, b.y);
         store(2, a.b, b.b);
      }
   }

   static void add_maps(block_of_rows of_sums, block_of_rows of_differences, row_range rows,
                        const strip_rows<float> &down, int32_t width, bool edges_only, ssimulacra2_sums &sums) {
      for (int32_t x = 0; x < width; x += tile) {
         const int32_t end = std::min(x + tile, width);
         if (edges_only)
            add_tile_of<true>(of_sums, of_differences, rows, down, x, end, sums);
         else
            add_tile_of<false>(of_sums, of_differences, rows, down, x, end, sums);
      }
   }

 private:
   template <bool edges_only>
   static void add_tile_of(block_of_rows of_sums, block_of_rows of_differences, row_range rows,
                           strip_rows<float> down, int32_t first, int32_t end, ssimulacra2_sums &sums) {
      const float *middle = of_sums[reach + (rows.begin + rows.end) / 2];
      const int32_t quarter = (end - first) / 4;
      const real level = every(0.5F * (middle[first + quarter] + middle[end - 1 - quarter]));
      down.first -= first;
      constexpr std::make_index_sequence<block_rows> all_rows;
      for (int32_t x = first - std::max(lanes, reach); x < end + reach; x += lanes) {
         sum_down<shifted_sum>(of_sums, level, x, down, all_rows);
         sum_down<difference>(of_differences, level, x, down, all_rows);
         if constexpr (!edges_only) {
            sum_down<squared_sum>(of_sums, level, x, down, all_rows);
            sum_down<squared_difference>(of_differences, level, x, down, all_rows);
         }
      }
      // One after the other: of chains so short, a processor has many under way.
      for (int sum = 0; sum < (edges_only ? 2 : direct_sums); ++sum)
         for (int row = rows.begin; row < rows.end; ++row)
            filter_across(down.row(sum * block_rows + row), first, end);
      add_tile<edges_only>(direct_maps<edges_only>{of_sums, of_differences, down, level}, rows, first, end,
                           sums);
   }

   static void filter_across(float *row, int32_t first, int32_t end) {
      for (int32_t x = first; x < end; x += lanes)
         hn::Store(sum_across(row + x), floats(), row + x - lanes);
   }
};

#endif

size_t scratch_vector(int32_t width, int32_t height, ssimulacra2_blur blur) {
#if !GIFLAB_PLAIN_ONLY
   if (blur == ssimulacra2_blur::direct)
      return scratch_of<vector_direct>(width, height);
#   if HWY_NATIVE_FMA
   return scratch_of<vector_recursion>(width, height);
#   endif
#endif
   return ssimulacra2::scratch_scalar(width, height, blur);
}

ssimulacra2_result measure_vector(const ssimulacra2_pair &pair, const ssimulacra2_wanted &wanted,
                                  ssimulacra2_blur blur, std::byte *scratch,
                                  const std::function<void()> &pause) {
#if !GIFLAB_PLAIN_ONLY
   if (blur == ssimulacra2_blur::direct)
      return measure_with<vector_direct>(pair, wanted, scratch, pause);
#   if HWY_NATIVE_FMA
   return measure_with<vector_recursion>(pair, wanted, scratch, pause);
#   endif
#endif
   return ssimulacra2::measure_scalar(pair, wanted, blur, scratch, pause);
}

#undef GIFLAB_PLAIN_ONLY
} // namespace giflab::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace giflab::kernels {

HWY_EXPORT(scratch_vector);
HWY_EXPORT(measure_vector);

int ssimulacra2_scale_count(int32_t width, int32_t height) {
   int count = 1;
   for (int32_t least = std::min(width, height); least >= ssimulacra2_least && count < ssimulacra2_scales;
        ++count)
      least = ssimulacra2::half(least);
   return count;
}

size_t ssimulacra2_scratch(int32_t width, int32_t height, ssimulacra2_blur blur, arithmetic choice) {
   return choice == arithmetic::scalar ? ssimulacra2::scratch_scalar(width, height, blur)
                                       : HWY_DYNAMIC_DISPATCH(scratch_vector)(width, height, blur);
}

ssimulacra2_result measure_ssimulacra2(const ssimulacra2_pair &pair, const ssimulacra2_wanted &wanted,
                                       ssimulacra2_blur blur, std::byte *scratch,
                                       const std::function<void()> &pause, arithmetic choice) {
   return choice == arithmetic::scalar
              ? ssimulacra2::measure_scalar(pair, wanted, blur, scratch, pause)
              : HWY_DYNAMIC_DISPATCH(measure_vector)(pair, wanted, blur, scratch, pause);
}

} // namespace giflab::kernels
#endif
