#pragma once
// The filters of phase congruency: log-Gabor wavelets of four scales in four orientations, on a picture's grid
// of frequencies. P. Kovesi, "Image Features From Phase Congruency", Videre 1(3), 1999, with the constants of
// FSIM.

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

namespace giflab::fsim {

inline constexpr int scales = 4, orientations = 4;

// The filter of scale s and orientation o at frequency (x, y) is radial[s][at] * angular[o][at], at = y * width
// + x, frequency 0 first as a Fourier transform has it.
struct log_gabor_bank {
   int32_t width, height; // 2 at least
   std::array<std::vector<double>, scales> radial;
   std::array<std::vector<double>, orientations> angular;

   // What noise adds to the energy of an orientation, over the root of the median of the squared response at
   // the smallest scale.
   std::array<double, orientations> noise;

   // `pause` is called for each row and may throw.
   log_gabor_bank(int32_t width, int32_t height, const std::function<void()> &pause);
};

} // namespace giflab::fsim
