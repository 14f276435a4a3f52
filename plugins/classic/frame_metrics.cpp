#include "frame_metrics.hpp"

#include "bytes.hpp"
#include "planes.hpp"
#include "rows.hpp"
#include "statistics.hpp"
#include "texture.hpp"

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
   std::vector<float> work(3 * width);
   gradient_sums sums;
   for (int32_t y = 0; y < size.height; ++y) {
      beat(2 * int64_t{size.width});
      add_gradient_row(a.at(y), b.at(y), work.data(), width, sums);
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

std::array<double, 32> colour_histogram(byte_plane plane, pulse &beat) {
   beat(static_cast<int64_t>(plane.size.pixels() / 2));
   const auto counts = histogram_of_32(plane.data, plane.size.pixels());
   std::array<double, 32> histogram;
   std::copy(counts.begin(), counts.end(), histogram.begin());
   return histogram;
}

double colour_likeness(const picture_pair &pair, pulse &beat) {
   double sum = 0;
   for (const plane_kind kind : {RED, GREEN, BLUE})
      sum +=
          correlation(colour_histogram(pair.plane_a(kind), beat), colour_histogram(pair.plane_b(kind), beat));
   return clip01((sum / 3 + 1) / 2);
}

// ---- Edges

double edge_likeness(const picture_pair &pair) {
   const auto a = pair.a.edges(pair.picture_a), b = pair.b.edges(pair.picture_b);
   size_t both = 0, either = 0;
   for (size_t i = 0; i < a.size(); ++i) {
      both += static_cast<size_t>(std::popcount(a[i] & b[i]));
      either += static_cast<size_t>(std::popcount(a[i] | b[i]));
   }
   return either ? static_cast<double>(both) / static_cast<double>(either) : 1;
}

// ---- Texture

std::array<double, 10> texture_histogram(byte_plane plane, const diagonal_places &places, pulse &beat) {
   const auto width = static_cast<size_t>(plane.size.width);
   row_window rows(plane, border::zero);
   std::vector<uint8_t> patterns(width);
   std::array<uint32_t, 10> counts{};
   for (int32_t y = 0; y < plane.size.height; ++y) {
      beat(2 * int64_t{plane.size.width});
      add_texture_row(rows.at(y), places, static_cast<size_t>(y), patterns.data(), width, counts);
   }
   std::array<double, 10> histogram;
   std::copy(counts.begin(), counts.end(), histogram.begin());
   return histogram;
}

double texture_likeness(const picture_pair &pair, const diagonal_places &places, pulse &beat) {
   return clip01((correlation(texture_histogram(pair.plane_a(GRAY), places, beat),
                              texture_histogram(pair.plane_b(GRAY), places, beat)) +
                  1) /
                 2);
}

} // namespace

frame_values compare_pictures(const clip &a, const clip &b, const aligned_pair &aligned,
                              const diagonal_places &places, pulse &beat) {
   const picture_pair pair{a, aligned.picture_a, b, aligned.picture_b};
   frame_values values{};
   values.ssim = mean_ssim(pair.plane_a(GRAY), pair.plane_b(GRAY), 255, beat);
   values.ms_ssim = multi_scale_ssim(pair, values.ssim, beat);
   values.mse = static_cast<double>(aligned.squared_error) / static_cast<double>(3 * a.size().pixels());
   values.rmse = std::sqrt(values.mse);
   values.decibels = decibels(values.mse);
   compare_gradients(pair, values, beat);
   values.chist = colour_likeness(pair, beat);
   values.edge_similarity = edge_likeness(pair);
   values.texture_similarity = texture_likeness(pair, places, beat);
   return values;
}

} // namespace giflab::classic
