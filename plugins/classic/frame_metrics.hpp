#pragma once
// Measures of one picture against the one that it is aligned with.

#include "sampling.hpp"
#include "texture.hpp"

namespace giflab::classic {

struct frame_values {
   double ssim;    // -1 to 1; NaN below 7x7
   double ms_ssim; // weighted mean of scales; a scale below 7x7 counts 0
   double decibels;
   double mse, rmse, fsim, gmsd, chist, edge_similarity, texture_similarity, sharpness_similarity;
};

// Of pictures of one size, for which `places` are made.
frame_values compare_pictures(const clip &a, const clip &b, const aligned_pair &pair,
                              const diagonal_places &places, pulse &beat);

} // namespace giflab::classic
