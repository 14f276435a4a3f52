#pragma once
// Measures of one picture against the one that it is aligned with.

#include "clip.hpp"
#include "work.hpp"

namespace giflab::classic {

struct frame_values {
   double ssim;    // -1 to 1; NaN below 7x7
   double ms_ssim; // weighted mean of scales; a scale below 7x7 counts 0
   double decibels;
   double mse, rmse, fsim, gmsd, chist, edge_similarity, texture_similarity, sharpness_similarity;
};

frame_values compare_pictures(const clip &a, uint32_t picture_a, const clip &b, uint32_t picture_b,
                              pulse &beat);

} // namespace giflab::classic
