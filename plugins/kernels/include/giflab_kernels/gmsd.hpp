#pragma once
// Gradient magnitude similarity.
// W. Xue, L. Zhang, X. Mou, A. C. Bovik, "Gradient Magnitude Similarity Deviation: A Highly Efficient
// Perceptual Image Quality Index", IEEE Trans. Image Processing 23(2), 2014.

#include <cmath>
#include <giflab_kernels/plane.hpp>

namespace giflab::kernels {

// Gradients are integers here: sums over 2x2 pixels in place of means (4x) and Prewitt taps of 1 in place of
// 1/3 (3x). The paper's c = 170 goes with the square of that.
inline constexpr double gmsd_unit = 12;
inline constexpr double gmsd_constant = 170 * gmsd_unit * gmsd_unit;

// 1 - GMS (equation 4) of two squared gradient magnitudes in that unit, 0..1. Written as a difference so that
// equal gradients give exactly 0 and near-equal ones lose no digits.
GIFLAB_PIXEL double gradient_dissimilarity(double squared_a, double squared_b) {
   const double sum = squared_a + squared_b;
   return (sum - 2 * std::sqrt(squared_a * squared_b)) / (sum + gmsd_constant);
}

// The same in float, by the roots, so that near-equal gradients lose no digits here either.
GIFLAB_PIXEL float gradient_dissimilarity(float squared_a, float squared_b) {
   const float difference = sqrtf(squared_a) - sqrtf(squared_b);
   return ratio(difference * difference, squared_a + squared_b + static_cast<float>(gmsd_constant));
}

// Sums of d = 1 - GMS over samples of the halved picture.
struct gmsd_sums {
   double dissimilarity = 0;
   double squared = 0;

   gmsd_sums &operator+=(const gmsd_sums &other) {
      dissimilarity += other.dissimilarity;
      squared += other.squared;
      return *this;
   }
};

// Samples of the halved picture along a side of `length` pixels.
GIFLAB_PIXEL int32_t gmsd_halved(int32_t length) { return length / 2 + length % 2; }

// Samples are summed tile by tile, so that tiles whose pixels did not change keep their sums: a tile has the
// same bits whatever else is computed with it, and on every instruction set.
struct gmsd_tiling {
   static constexpr int32_t tile_width = 64, tile_height = 16; // in samples of the halved picture

   int32_t width, height; // of the pictures

   int32_t columns() const { return gmsd_halved(width); } // of samples
   int32_t rows() const { return gmsd_halved(height); }
   int32_t across() const { return (columns() + tile_width - 1) / tile_width; } // of tiles
   int32_t down() const { return (rows() + tile_height - 1) / tile_height; }
   size_t count() const { return static_cast<size_t>(across()) * static_cast<size_t>(down()); }
};

// Tiles [first, first + count) of one column of tiles, from top to bottom.
struct gmsd_tile_run {
   int32_t column, first, count;
};

// The sums of each tile of a run: sums[i] is that of tile `first + i`. Halving sums 2x2 pixels, those beyond
// the edge being 0, from the first pixel on; gradients see 0 beyond the halved picture. [any thread]
void sum_gmsd(plane<uint8_t> a, plane<uint8_t> b, const gmsd_tiling &tiling, const gmsd_tile_run &run,
              gmsd_sums *sums, arithmetic choice);

} // namespace giflab::kernels
