#include "ssimulacra2_scalar.hpp"

#include <bit>

#include "ssimulacra2_walk.hpp"

namespace giflab::kernels::ssimulacra2 {

namespace {

// ---- What both kinds of arithmetic share

float blended(const uint8_t *pixel, int channels, int channel, float background) {
   constexpr float scale = 1.0F / 255;
   const float value = static_cast<float>(pixel[channel]) * scale;
   if (channels == 3)
      return value;
   const float alpha = static_cast<float>(pixel[3]) * scale;
   return alpha * value + (1.0F - alpha) * background;
}

template <class T> void halve_row(const T *upper, const T *lower, int32_t width, T *result) {
   for (int32_t x = 0; x < width; x += 2) {
      const int32_t right = std::min(x + 1, width - 1);
      result[x / 2] = (upper[x] + upper[right] + lower[x] + lower[right]) * T(0.25);
   }
}

// X, Y and B of a colour, each made positive; `response` is the cube root of what the three cones absorb, less
// that of black.
template <class T> void store_positive(const T (&response)[3], const channel_rows<T> &xyb, int32_t x) {
   const T y = T(0.5) * (response[0] + response[1]);
   xyb[0][x] = T(0.5) * (response[0] - response[1]) * T(14) + T(0.42F);
   xyb[1][x] = y + T(0.01F);
   xyb[2][x] = (response[2] - y) + T(0.55F);
}

void add(double value, double (&sums)[2]) {
   sums[0] += value;
   sums[1] += value * value * (value * value);
}

void add_edges(double edge_a, double edge_b, ssimulacra2_sums &sums) {
   const double change = (1.0 + edge_b) / (1.0 + edge_a) - 1.0;
   add(std::max(change, 0.0), sums.artifact);
   add(std::max(-change, 0.0), sums.detail);
}

template <class T> struct group_of_one {
   const T *a[1], *b[1];
   T *result[quantity_count][1];
   row_state *state[quantity_count][1];
};

template <class T> struct column_group_of_one {
   const T *above[1], *below[1];
   T *result[1];
};

// ---- The tool's floats

float tool_light(float v) {
   if (v <= linear_threshold)
      return v * (1.0F / linear_slope);
   float above = light_above[4], below = light_below[4];
   for (int i = 3; i >= 0; --i) {
      above = std::fma(above, v, light_above[i]);
      below = std::fma(below, v, light_below[i]);
   }
   return above / below;
}

// Newton's steps from a guess at x^(-1/3).
float tool_cube_root_and_add(float x, float summand) {
   constexpr float third = 1.0F / 3, four_thirds = 4.0F / 3;
   const auto bits = std::bit_cast<int32_t>(x);
   float r = bits == 0 ? 0.0F : std::bit_cast<float>(0x54800000 - (bits >> 23) * 0x002AAAAA);
   const float x_third = third * x;
   for (int i = 0; i < 3; ++i) {
      const float squared = r * r;
      r = std::fma(-x_third, squared * squared, four_thirds * r);
   }
   const float squared = r * r;
   r = std::fma(third, std::fma(-x, squared * squared, r), r);
   return std::fma(r * r, x, summand);
}

float quantity_at(const float *a, const float *b, int q, int32_t x) {
   switch (q) {
   case mean_a:
      return a[x];
   case mean_b:
      return b[x];
   case square_a:
      return a[x] * a[x];
   case square_b:
      return b[x] * b[x];
   default:
      return a[x] * b[x];
   }
}

// Output `i` of those that are computed from one state; inputs[0] is the oldest and comes first.
float resonate(const float *inputs, int i, int k, const row_state &state) {
   float output = in_blocks.input[k][i] * inputs[0];
   for (int newer = 1; newer <= i; ++newer)
      output = std::fma(in_blocks.input[k][i - newer], inputs[newer], output);
   output = std::fma(in_blocks.before_last[k][i], state.before_last[k], output);
   return std::fma(in_blocks.last[k][i], state.last[k], output);
}

// `count` outputs, 1 or 4, from the state before them.
void step(const float *a, const float *b, int q, int32_t x, int count, row_state &state, float *result) {
   float inputs[4], outputs[resonators][4];
   for (int i = 0; i < count; ++i)
      inputs[i] = quantity_at(a, b, q, x + i - reach - 2) + quantity_at(a, b, q, x + i + reach);
   for (int k = 0; k < resonators; ++k)
      for (int i = 0; i < count; ++i)
         outputs[k][i] = resonate(inputs, i, k, state);
   for (int k = 0; k < resonators; ++k) {
      state.before_last[k] = count == 1 ? state.last[k] : outputs[k][count - 2];
      state.last[k] = outputs[k][count - 1];
   }
   for (int i = 0; i < count && x >= 0; ++i)
      result[x + i] = outputs[0][i] + (outputs[1][i] + outputs[2][i]);
}

struct tool_arithmetic {
   using sample = float;
   using row_group = group_of_one<float>;
   using column_group = column_group_of_one<float>;
   static constexpr bool recursive = true;
   static constexpr int32_t strip = 1 << 30;
   static constexpr int rows_at_once() { return 1; }
   static constexpr int blurred_rows = quantity_count;
   static constexpr int32_t blurred_columns(int32_t columns) { return columns; }

   static void light(const uint8_t *pixels, int channels, int32_t width, float background,
                     const channel_rows<float> &rows) {
      for (int32_t x = 0; x < width; ++x)
         for (int c = 0; c < channel_count; ++c)
            rows[static_cast<size_t>(c)][x] =
                tool_light(blended(pixels + channels * x, channels, c, background));
   }

   static void halve(const float *upper, const float *lower, int32_t width, float *result) {
      halve_row(upper, lower, width, result);
   }

   static void positive_xyb(const channel_rows<float> (&light)[2], const channel_rows<float> (&xyb)[2],
                            int32_t width) {
      positive_xyb_of_one(light[0], xyb[0], width);
      positive_xyb_of_one(light[1], xyb[1], width);
   }

   static void positive_xyb_of_one(const channel_rows<float> &light, const channel_rows<float> &xyb,
                                   int32_t width) {
      constexpr auto bias = static_cast<float>(absorbance_bias);
      const float black = -std::cbrt(bias);
      for (int32_t x = 0; x < width; ++x) {
         float response[3];
         for (int i = 0; i < 3; ++i) {
            const float *row = absorbance[i];
            const float absorbed = std::fma(row[0], light[0][x],
                                            std::fma(row[1], light[1][x], std::fma(row[2], light[2][x], bias)));
            response[i] = tool_cube_root_and_add(std::max(absorbed, 0.0F), black);
         }
         store_positive(response, xyb, x);
      }
   }

   static void smooth_across(const row_group &rows, int32_t, int32_t, int32_t width, int quantities) {
      for (int q = 0; q < quantities; ++q) {
         row_state &state = *rows.state[q][0];
         int32_t x = -reach;
         while (x < width) {
            const int count = x >= first_block && block_fits(x, width) ? 4 : 1;
            step(rows.a[0], rows.b[0], q, x, count, state, rows.result[q][0]);
            x += count;
         }
      }
   }

   static void smooth_down(const column_group &rows, int, const strip_rows<float> &state, int32_t width) {
      for (int32_t x = 0; x < width; ++x) {
         const float input = rows.above[0][x] + rows.below[0][x];
         float outputs[resonators];
         for (int k = 0; k < resonators; ++k) {
            float &last = state.row(k)[x], &before_last = state.row(resonators + k)[x];
            outputs[k] = std::fma(static_cast<float>(input_gain[k]), input,
                                  std::fma(-static_cast<float>(feedback[k]), last, -before_last));
            before_last = last;
            last = outputs[k];
         }
         rows.result[0][x] = outputs[0] + (outputs[1] + outputs[2]);
      }
   }

   static void add_maps(const float *const (&blurred)[quantity_count], const float *a, const float *b,
                        int32_t width, bool edges_only, ssimulacra2_sums &sums) {
      for (int32_t x = 0; x < width; ++x) {
         const float ma = blurred[mean_a][x], mb = blurred[mean_b][x];
         if (!edges_only)
            add(dissimilarity(ma, mb, blurred[square_a][x], blurred[square_b][x], blurred[product][x]),
                sums.ssim);
         add_edges(std::fabs(a[x] - ma), std::fabs(b[x] - mb), sums);
      }
   }

   // The quotient is a float: near 1 its rounding is part of the tool's digits.
   static double dissimilarity(float ma, float mb, float aa, float bb, float ab) {
      constexpr auto constant = static_cast<float>(contrast_constant);
      const float luminance = 1.0F - (ma - mb) * (ma - mb);
      const float above = 2.0F * (ab - ma * mb) + constant;
      const float below = (aa - ma * ma) + (bb - mb * mb) + constant;
      const float likeness = luminance * above / below;
      return std::max(0.0, 1.0 - static_cast<double>(likeness));
   }
};

// ---- Doubles

double exact_light(float encoded) {
   const double v = encoded;
   return v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4);
}

struct exact_arithmetic {
   using sample = double;
   using row_group = group_of_one<double>;
   static constexpr bool recursive = false;
   static constexpr int32_t strip = 1 << 30;
   static constexpr int rows_at_once() { return 1; }
   static constexpr int blurred_rows = quantity_count;
   static constexpr int32_t blurred_columns(int32_t columns) { return columns; }

   static void light(const uint8_t *pixels, int channels, int32_t width, float background,
                     const channel_rows<double> &rows) {
      for (int32_t x = 0; x < width; ++x)
         for (int c = 0; c < channel_count; ++c)
            rows[static_cast<size_t>(c)][x] =
                exact_light(blended(pixels + channels * x, channels, c, background));
   }

   static void halve(const double *upper, const double *lower, int32_t width, double *result) {
      halve_row(upper, lower, width, result);
   }

   static void positive_xyb(const channel_rows<double> (&light)[2], const channel_rows<double> (&xyb)[2],
                            int32_t width) {
      positive_xyb_of_one(light[0], xyb[0], width);
      positive_xyb_of_one(light[1], xyb[1], width);
   }

   static void positive_xyb_of_one(const channel_rows<double> &light, const channel_rows<double> &xyb,
                                   int32_t width) {
      const double black = std::cbrt(absorbance_bias);
      for (int32_t x = 0; x < width; ++x) {
         double response[3];
         for (int i = 0; i < 3; ++i)
            response[i] =
                std::cbrt(std::max(0.0, absorbance[i][0] * light[0][x] + absorbance[i][1] * light[1][x] +
                                            absorbance[i][2] * light[2][x] + absorbance_bias)) -
                black;
         store_positive(response, xyb, x);
      }
   }

   // Of the nine rows around one, and then of each pixel's nine columns.
   static void add_maps(const double *const (&a)[2 * reach + 1], const double *const (&b)[2 * reach + 1],
                        row_range, const strip_rows<double> &sums_down, int32_t width, bool edges_only,
                        ssimulacra2_sums &sums) {
      for (int32_t x = 0; x < width; ++x)
         for (int q = 0; q < quantity_count; ++q) {
            double sum = 0;
            for (int i = -reach; i <= reach; ++i)
               sum += taps[std::abs(i)] * quantity_of(a[i + reach][x], b[i + reach][x], q);
            sums_down.row(q)[x] = sum;
         }
      for (int32_t x = 0; x < width; ++x) {
         double blurred[quantity_count] = {};
         for (int q = 0; q < quantity_count; ++q)
            for (int i = -reach; i <= reach; ++i)
               if (x + i >= 0 && x + i < width)
                  blurred[q] += taps[std::abs(i)] * sums_down.row(q)[x + i];
         if (!edges_only)
            add(dissimilarity(blurred), sums.ssim);
         add_edges(std::fabs(a[reach][x] - blurred[mean_a]), std::fabs(b[reach][x] - blurred[mean_b]), sums);
      }
   }

   static double quantity_of(double a, double b, int q) {
      const double values[quantity_count] = {a, b, a * a, b * b, a * b};
      return values[q];
   }

   static double dissimilarity(const double (&of)[quantity_count]) {
      const double ma = of[mean_a], mb = of[mean_b];
      const double luminance = 1.0 - (ma - mb) * (ma - mb);
      const double above = 2.0 * (of[product] - ma * mb) + contrast_constant;
      const double below = (of[square_a] - ma * ma) + (of[square_b] - mb * mb) + contrast_constant;
      return std::max(0.0, 1.0 - luminance * above / below);
   }
};

} // namespace

size_t scratch_scalar(int32_t width, int32_t height, ssimulacra2_blur blur) {
   return blur == ssimulacra2_blur::recursive ? scratch_of<tool_arithmetic>(width, height)
                                              : scratch_of<exact_arithmetic>(width, height);
}

ssimulacra2_result measure_scalar(const ssimulacra2_pair &pair, const ssimulacra2_wanted &wanted,
                                  ssimulacra2_blur blur, std::byte *scratch,
                                  const std::function<void()> &pause) {
   return blur == ssimulacra2_blur::recursive ? measure_with<tool_arithmetic>(pair, wanted, scratch, pause)
                                              : measure_with<exact_arithmetic>(pair, wanted, scratch, pause);
}

} // namespace giflab::kernels::ssimulacra2
