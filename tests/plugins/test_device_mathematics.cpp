// What device kernels share with the processor: formulas of one pixel, and which block works where. Both are
// compiled here by the host's compiler, so that they are tested on machines without a device.

#include "pictures.hpp"

#include <cmath>
#include <doctest/doctest.h>
#include <giflab_kernels/cuda/ssim.hpp>
#include <giflab_kernels/cuda/tiles.hpp>
#include <giflab_kernels/gmsd.hpp>
#include <vector>

namespace giflab::test {
namespace {

using namespace giflab::kernels;

// ---- SSIM by sums and differences

struct window {
   std::array<double, ssim_window> a, b, weights = ssim_weights();
};

window_moments moments_of(const window &samples) {
   window_moments mean = {0, 0, 0, 0};
   for (size_t i = 0; i < samples.a.size(); ++i) {
      const double a = samples.a[i], b = samples.b[i], weight = samples.weights[i];
      mean.a += weight * a;
      mean.b += weight * b;
      mean.squares += weight * (a * a + b * b);
      mean.product += weight * a * b;
   }
   return mean;
}

template <class Real> sum_moments<Real> sum_moments_of(const window &samples, Real shift_u, Real shift_v) {
   sum_moments<Real> mean = {0, 0, 0, 0};
   for (size_t i = 0; i < samples.a.size(); ++i) {
      const auto a = static_cast<Real>(samples.a[i]), b = static_cast<Real>(samples.b[i]);
      const auto weight = static_cast<Real>(samples.weights[i]);
      const Real u = a + b - shift_u, v = a - b - shift_v;
      mean.u += weight * u;
      mean.v += weight * v;
      mean.squared_u += weight * u * u;
      mean.squared_v += weight * v * v;
   }
   return mean;
}

window random_window(uint64_t seed, int contrast, int distortion) {
   window made;
   for (size_t i = 0; i < made.a.size(); ++i) {
      const auto index = static_cast<int64_t>(i);
      made.a[i] = std::clamp(128 + (noise(seed, index) - 128) * contrast / 128, 0, 255);
      made.b[i] = std::clamp(made.a[i] + (noise(seed + 1, index) - 128) * distortion / 128, 0.0, 255.0);
   }
   return made;
}

// Losses of like windows keep four digits; indices of unlike ones, whose covariance may cancel, five places.
void check_single(const similarity<float> &found, const similarity<double> &expected) {
   if (expected.loss < 0.5)
      CHECK(std::fabs(found.loss - expected.loss) <= 1e-4 * std::fabs(expected.loss) + 1e-12);
   else
      CHECK(std::fabs(found.value - expected.value) <= 1e-5);
}

void check_against(const similarity<double> &found, double expected) {
   CHECK(found.value == doctest::Approx(expected).epsilon(1e-9).scale(1e-4));
   CHECK(found.loss == doctest::Approx(1 - expected).epsilon(1e-9).scale(1e-4));
}

TEST_CASE("SSIM by sums and differences is SSIM, in double and, to the digits that count, in float") {
   const ssim_constants constants = ssim_constants_for(1);
   const auto luminance = static_cast<float>(constants.luminance),
              contrast = static_cast<float>(constants.contrast);
   for (int seed = 0; seed < 2000; ++seed) {
      const window samples = random_window(static_cast<uint64_t>(7 * seed), seed % 128, seed / 16);
      const ssim_terms expected = ssim_of(moments_of(samples), constants);
      const auto mean = sum_moments_of(samples, 200.0, 3.0);
      const auto whole = ssim_of(mean, 200.0, 3.0, constants.luminance, constants.contrast);
      const auto structure = contrast_structure_of(mean, constants.contrast);
      check_against(whole, expected.ssim);
      check_against(structure, expected.contrast_structure);

      const auto single_mean = sum_moments_of(samples, 200.0f, 0.0f);
      check_single(ssim_of(single_mean, 200.0f, 0.0f, luminance, contrast), whole);
      check_single(contrast_structure_of(single_mean, contrast), structure);
   }
}

TEST_CASE("equal windows lose nothing, to the bit") {
   const window samples = [] {
      window made = random_window(5, 90, 0);
      made.b = made.a;
      return made;
   }();
   const auto mean = sum_moments_of(samples, 77.0f, 0.0f);
   CHECK(ssim_of(mean, 77.0f, 0.0f, 6.5f, 58.5f).loss == 0);
   CHECK(contrast_structure_of(mean, 58.5f).loss == 0);
}

// A mean over a window of equal samples as ssim.cu computes it, across and then down.
float filtered(const std::array<double, ssim_window> &weights, float sample) {
   const auto weight = [&](size_t i) { return static_cast<float>(weights[i]); };
   float across = weight(5) * sample, down = 0;
   for (size_t i = 0; i < 5; ++i)
      across = std::fmaf(weight(i), sample + sample, across);
   for (size_t i = 0; i < ssim_window; ++i)
      down = std::fmaf(weight(std::min(i, ssim_window - 1 - i)), across, down);
   return down;
}

TEST_CASE("what rounding leaves of a flat window's variance is no loss") {
   const auto weights = ssim_weights();
   int roundings = 0;
   for (int v = -1020; v <= 1020; ++v) { // twice what a difference and its shift can be apart
      const auto sample = static_cast<float>(v);
      const float mean = filtered(weights, sample), squared = filtered(weights, sample * sample);
      CHECK(contrast_structure_of<float>({0, mean, 0, squared}, 58.5f).loss == 0);
      roundings += squared - mean * mean > 0;
   }
   CHECK(roundings > 0);
}

TEST_CASE("samples are taken relative to the middle between two areas, whatever one strange sample is") {
   constexpr int32_t side = 41;
   std::vector<uint8_t> areas(static_cast<size_t>(side * side)), black(areas.size());
   for (int32_t i = 0; i < side * side; ++i)
      areas[static_cast<size_t>(i)] = i % side < side / 2 ? 10 : 210;
   const size_t quarter = side / 4;
   areas[quarter * side + quarter] = 255; // one of the nine that are looked at
   const plane<uint8_t> a = {areas.data(), side}, b = {black.data(), side};
   const ssim_shifts shifts = ssim_shifts_of(a, b, 0, 0, side - ssim_window + 1, side - ssim_window + 1);
   CHECK(shifts.u == 110);
   CHECK(shifts.v == 110);
}

TEST_CASE("black against white keeps the digits of the little that is left") {
   window samples;
   samples.a.fill(0);
   samples.b.fill(255);
   const auto mean = sum_moments_of(samples, 255.0f, -255.0f);
   const double luminance = ssim_constants_for(1).luminance;
   CHECK(ssim_of(mean, 255.0f, -255.0f, static_cast<float>(luminance), 58.5f).value ==
         doctest::Approx(luminance / (255 * 255 + luminance)).epsilon(1e-6));
}

// ---- GMSD

TEST_CASE("dissimilarity of gradients in float keeps the digits of small ones") {
   for (int i = 0; i < 4000; ++i) {
      const int a = noise(1, i) * noise(2, i) * 140, b = i % 3 == 0 ? a + noise(3, i) : noise(4, i) * 9000;
      const double expected = gradient_dissimilarity(static_cast<double>(a), static_cast<double>(b));
      const float found = gradient_dissimilarity(static_cast<float>(a), static_cast<float>(b));
      // The roots are right to 2^-24 of the larger one, which is at most sqrt(sum + c).
      CHECK(std::fabs(found - expected) <= 2e-7 * std::sqrt(expected) + 3e-7 * expected);
   }
   CHECK(gradient_dissimilarity(1234567.0f, 1234567.0f) == 0);
}

// ---- Tiles

TEST_CASE("tiles cover every sample once and never leave the picture") {
   for (const auto [width, height] : odd_sizes) {
      const cuda::tiling tiles = {width, height, 16, 8};
      std::vector<int> met(static_cast<size_t>(width) * static_cast<size_t>(height));
      for (uint32_t i = 0; i < tiles.count(); ++i) {
         const cuda::tile at = tiles.at(i);
         REQUIRE(at.x + at.width <= width);
         REQUIRE(at.y + at.height <= height);
         for (int32_t y = at.y; y < at.y + at.height; ++y)
            for (int32_t x = at.x; x < at.x + at.width; ++x)
               ++met[static_cast<size_t>(y) * static_cast<size_t>(width) + static_cast<size_t>(x)];
      }
      CHECK(std::all_of(met.begin(), met.end(), [](int times) { return times == 1; }));
   }
}

TEST_CASE(
    "the halved planes of a picture neither overlap nor leave their memory, and every window has its tile") {
   for (const auto [width, height] : {size{176, 176}, size{177, 391}, size{1920, 1080}, size{641, 203}}) {
      const cuda::ssim_layout layout(width, height, cuda::most_ssim_scales);
      size_t end = 0;
      uint32_t tiles = 0;
      for (int scale = 0; scale < layout.scales(); ++scale) {
         CHECK(layout.first_tile(scale) == tiles);
         tiles += layout.windows(scale).count();
         CHECK(layout.windows(scale).width == (width >> scale) - 10);
         if (scale == 0)
            continue;
         CHECK(layout.samples_before(scale) == end);
         CHECK(layout.stride(scale) >= width >> scale);
         CHECK(layout.stride(scale) % 32 == 0);
         end += static_cast<size_t>(layout.stride(scale)) * static_cast<size_t>(height >> scale);
      }
      CHECK(layout.samples() == end);
      CHECK(layout.tiles() == tiles);
   }
}

TEST_CASE("sums of tiles are added in their order") {
   const std::vector<double> slots = {1e16, 1, -1e16, 1};
   CHECK(cuda::folded(std::span(slots)) == 1); // ((1e16 + 1) - 1e16) + 1, of which the first 1 is lost
}

} // namespace
} // namespace giflab::test
