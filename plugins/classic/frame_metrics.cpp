#include "frame_metrics.hpp"

#include "planes.hpp"
#include "rows.hpp"
#include "statistics.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <numeric>

namespace giflab::classic {

namespace {

struct picture_pair {
   const clip &a;
   uint32_t picture_a;
   const clip &b;
   uint32_t picture_b;

   extent size() const { return a.size(); }
   byte_plane plane_a(plane_kind kind) const { return a.view(picture_a, kind); }
   byte_plane plane_b(plane_kind kind) const { return b.view(picture_b, kind); }
};

// ---- Error

double squared_error(const picture_pair &pair, pulse &beat) {
   const auto a = pair.a.colours(pair.picture_a), b = pair.b.colours(pair.picture_b);
   uint64_t sum = 0;
   constexpr size_t piece = 1 << 20;
   for (size_t first = 0; first < a.size(); first += piece) {
      const size_t count = std::min(piece, a.size() - first);
      beat(static_cast<int64_t>(count / 8));
      sum += squared_differences(a.data() + first, b.data() + first, count);
   }
   return static_cast<double>(sum) / static_cast<double>(a.size());
}

double decibels(double mse) { return mse == 0 ? 100 : 10 * std::log10(255.0 * 255.0 / mse); }

// ---- Structure

// The next coarser scale of a picture.
struct scaled_picture {
   std::vector<float> samples = {};

   void halve(byte_plane finest, extent size, extent half, pulse &beat) {
      std::vector<float> result(half.pixels());
      beat(static_cast<int64_t>(half.pixels()));
      if (samples.empty())
         shrink(finest.data, size, result.data(), half, beat);
      else
         shrink(samples.data(), size, result.data(), half, beat);
      samples.swap(result);
   }
};

// Weighted mean of SSIM at up to five scales, of which `finest` is the first.
double multi_scale_ssim(const picture_pair &pair, double finest, pulse &beat) {
   constexpr std::array weights = {0.4, 0.25, 0.15, 0.1, 0.1};
   extent size = pair.size();
   scaled_picture a, b;
   double sum = 0, weight = 0;
   for (size_t scale = 0; scale < weights.size(); ++scale) {
      const double score = scale == 0 ? finest : mean_ssim(a.samples.data(), b.samples.data(), size, 255, beat);
      sum += weights[scale] * (std::isnan(score) ? 0 : score);
      weight += weights[scale];
      const extent half{size.width / 2, size.height / 2};
      if (half.width < 8 || half.height < 8)
         break;
      a.halve(pair.plane_a(GRAY), size, half, beat);
      b.halve(pair.plane_b(GRAY), size, half, beat);
      size = half;
   }
   return sum / weight;
}

// ---- Gradients

double laplacian_variance(const gradient_sums &sums, size_t side, double pixels) {
   const double middle = static_cast<double>(sums.laplacian[side]) / pixels;
   return std::max(0.0, static_cast<double>(sums.laplacian_squared[side]) / pixels - middle * middle);
}

double sharpness_likeness(double a, double b) {
   if (a == 0 && b == 0)
      return 1;
   return a == 0 || b == 0 ? 0 : std::min(a, b) / std::max(a, b);
}

void compare_gradients(const picture_pair &pair, frame_values &values, pulse &beat) {
   const extent size = pair.size();
   const auto width = static_cast<size_t>(size.width);
   row_window a(pair.plane_a(GRAY), border::reflected), b(pair.plane_b(GRAY), border::reflected);
   std::vector<int32_t> whole(6 * width);
   std::vector<float> real(2 * width);
   const gradient_work work{whole.data(), real.data()};
   gradient_sums sums;
   for (int32_t y = 0; y < size.height; ++y) {
      beat(2 * int64_t{size.width});
      add_gradient_row(a.at(y), b.at(y), work, width, sums);
   }
   const auto pixels = static_cast<double>(size.pixels());
   const double unlike = sums.gms / pixels;
   values.fsim = clip01(sums.fsim / pixels);
   values.gmsd = std::sqrt(std::max(0.0, sums.gms_squared / pixels - unlike * unlike));
   values.sharpness_similarity =
       sharpness_likeness(laplacian_variance(sums, 0, pixels), laplacian_variance(sums, 1, pixels));
}

// ---- Histograms

struct correlation_sums {
   double covariance, product_of_variances;
};

template <size_t Bins>
correlation_sums correlated(const std::array<double, Bins> &a, const std::array<double, Bins> &b) {
   const double mean_a = mean(a), mean_b = mean(b);
   double ab = 0, aa = 0, bb = 0;
   for (size_t i = 0; i < Bins; ++i) {
      ab += (a[i] - mean_a) * (b[i] - mean_b);
      aa += (a[i] - mean_a) * (a[i] - mean_a);
      bb += (b[i] - mean_b) * (b[i] - mean_b);
   }
   return {ab, aa * bb};
}

// 1 where one of them is level.
template <size_t Bins>
double correlation(const std::array<double, Bins> &a, const std::array<double, Bins> &b) {
   const correlation_sums sums = correlated(a, b);
   return sums.product_of_variances > 0 ? sums.covariance / std::sqrt(sums.product_of_variances) : 1;
}

std::array<double, 32> histogram_of_32(byte_plane plane, pulse &beat) {
   // Counters for each of four neighbours: equal ones would wait for each other's.
   std::array<std::array<uint32_t, 32>, 4> counts{};
   const size_t pixels = plane.size.pixels();
   size_t i = 0;
   for (; i + 4 <= pixels; i += 4)
      for (size_t lane = 0; lane < 4; ++lane)
         ++counts[lane][plane.data[i + lane] >> 3];
   for (; i < pixels; ++i)
      ++counts[0][plane.data[i] >> 3];
   beat(static_cast<int64_t>(pixels / 2));
   std::array<double, 32> histogram;
   for (size_t bin = 0; bin < 32; ++bin)
      histogram[bin] = counts[0][bin] + counts[1][bin] + counts[2][bin] + counts[3][bin];
   return histogram;
}

double colour_likeness(const picture_pair &pair, pulse &beat) {
   double sum = 0;
   for (const plane_kind kind : {RED, GREEN, BLUE})
      sum += correlation(histogram_of_32(pair.plane_a(kind), beat), histogram_of_32(pair.plane_b(kind), beat));
   return clip01((sum / 3 + 1) / 2);
}

// ---- Edges

double edge_likeness(const picture_pair &pair) {
   const uint8_t *a = pair.plane_a(EDGES).data, *b = pair.plane_b(EDGES).data;
   size_t both = 0, either = 0;
   for (size_t i = 0; i < pair.size().pixels(); ++i) {
      both += a[i] & b[i];
      either += a[i] | b[i];
   }
   return either ? static_cast<double>(both) / static_cast<double>(either) : 1;
}

// ---- Texture

constexpr double diagonal = 0.70711; // of a step, rounded to five digits as scikit-image does

// How far a position lies behind the sample before it.
double fraction(double position) { return position - std::floor(position); }

// The number of ones where at most two neighbours differ from the next, else 9.
constexpr std::array<uint8_t, 256> uniform_codes = [] {
   std::array<uint8_t, 256> codes{};
   for (uint32_t pattern = 0; pattern < 256; ++pattern)
      codes[pattern] = static_cast<uint8_t>(
          std::popcount((pattern ^ pattern >> 1) & 0x7F) <= 2 ? std::popcount(pattern) : 9);
   return codes;
}();

std::array<double, 10> texture_histogram(byte_plane plane, pulse &beat) {
   const auto width = static_cast<size_t>(plane.size.width);
   std::vector<double> left(width), right(width), pattern(width), samples(3 * (width + 2));
   for (size_t x = 0; x < width; ++x) {
      left[x] = fraction(static_cast<double>(x) - diagonal);
      right[x] = fraction(static_cast<double>(x) + diagonal);
   }
   const auto slot = [&](int32_t y) { return samples.data() + static_cast<size_t>((y + 3) % 3) * (width + 2); };
   const auto load = [&](int32_t y) {
      double *row = slot(y) + 1;
      if (y < plane.size.height)
         std::copy_n(plane.row(y), width, row);
      else
         std::fill_n(row, width, 0.0);
   };
   std::array<std::array<uint32_t, 256>, 2> counts{}; // equal neighbours would wait for each other's
   load(0);
   for (int32_t y = 0; y < plane.size.height; ++y) {
      beat(2 * int64_t{plane.size.width});
      load(y + 1);
      pattern_row({slot(y - 1) + 1, slot(y) + 1, slot(y + 1) + 1}, fraction(y - diagonal),
                  fraction(y + diagonal), left.data(), right.data(), pattern.data(), width);
      for (size_t x = 0; x < width; ++x)
         ++counts[x % 2][static_cast<size_t>(static_cast<int32_t>(pattern[x]))];
   }
   std::array<double, 10> histogram{};
   for (size_t i = 0; i < 256; ++i)
      histogram[uniform_codes[i]] += counts[0][i] + counts[1][i];
   return histogram;
}

double texture_likeness(const picture_pair &pair, pulse &beat) {
   return clip01(
       (correlation(texture_histogram(pair.plane_a(GRAY), beat), texture_histogram(pair.plane_b(GRAY), beat)) +
        1) /
       2);
}

} // namespace

frame_values compare_pictures(const clip &a, uint32_t picture_a, const clip &b, uint32_t picture_b,
                              pulse &beat) {
   const picture_pair pair{a, picture_a, b, picture_b};
   frame_values values{};
   values.ssim = mean_ssim(pair.plane_a(GRAY), pair.plane_b(GRAY), 255, beat);
   values.ms_ssim = multi_scale_ssim(pair, values.ssim, beat);
   values.mse = squared_error(pair, beat);
   values.rmse = std::sqrt(values.mse);
   values.decibels = decibels(values.mse);
   compare_gradients(pair, values, beat);
   values.chist = colour_likeness(pair, beat);
   values.edge_similarity = edge_likeness(pair);
   values.texture_similarity = texture_likeness(pair, beat);
   return values;
}

} // namespace giflab::classic
