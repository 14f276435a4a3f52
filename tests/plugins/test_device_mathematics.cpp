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

TEST_CASE("the losses of SSIM are 1 minus its terms, in double and, to four digits of the loss, in float") {
   const ssim_constants constants = ssim_constants_for(1);
   for (int seed = 0; seed < 2000; ++seed) {
      const window samples = random_window(static_cast<uint64_t>(7 * seed), seed % 128, seed / 16);
      const ssim_terms expected = ssim_of(moments_of(samples), constants);
      const auto exact = ssim_losses_of(sum_moments_of(samples, 200.0, 3.0), 200.0, 3.0, constants.luminance,
                                        constants.contrast);
      CHECK(exact.ssim == doctest::Approx(1 - expected.ssim).epsilon(1e-9).scale(1e-4));
      CHECK(exact.contrast_structure ==
            doctest::Approx(1 - expected.contrast_structure).epsilon(1e-9).scale(1e-4));
      const auto single =
          ssim_losses_of(sum_moments_of(samples, 200.0f, 0.0f), 200.0f, 0.0f,
                         static_cast<float>(constants.luminance), static_cast<float>(constants.contrast));
      CHECK(std::fabs(single.ssim - exact.ssim) <= 1e-4 * exact.ssim + 1e-12);
   }
}

TEST_CASE("equal windows lose nothing, to the bit") {
   const window samples = [] {
      window made = random_window(5, 90, 0);
      made.b = made.a;
      return made;
   }();
   const auto losses = ssim_losses_of(sum_moments_of(samples, 77.0f, 0.0f), 77.0f, 0.0f, 6.5f, 58.5f);
   CHECK(losses.ssim == 0);
   CHECK(losses.contrast_structure == 0);
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
   const std::vector<ssim_sums> slots = {{1e16, 1}, {1, 2}, {-1e16, 3}, {1, 4}};
   const ssim_sums sum = cuda::folded(std::span(slots));
   CHECK(sum.ssim == 1); // ((1e16 + 1) - 1e16) + 1, of which the first 1 is lost
   CHECK(sum.contrast_structure == 10);
}

} // namespace
} // namespace giflab::test
