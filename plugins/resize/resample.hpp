#pragma once
// Pictures at another size, one axis after the other.

#include <cstdint>
#include <functional>
#include <giflab_kernels/plane.hpp>
#include <span>
#include <vector>

namespace giflab::plugins {

enum class method { nearest, area, bilinear, bicubic, lanczos };

// What one sample of the result takes from the source: `weights` of samples from `first` on; they add up to 1.
struct taps {
   int32_t first = 0;
   std::vector<float> weights;
};

// Of `length` samples to `result`. When shrinking, kernels are widened by the factor, so that nothing is
// skipped; `area` is the mean of what a sample covers, and grows as nearest does. Bicubic is Keys 1981 with a =
// -1/2, Lanczos has three lobes.
std::vector<taps> taps_for(int32_t length, int32_t result, method how);

// Resamples R, G, B, A bytes, colours weighted by alpha. Takes a row of the result at a time.
class resampler {
 public:
   resampler(int32_t width, int32_t height, int32_t result_width, int32_t result_height, method how);

   // Row `y` of the result into `to`, 4 bytes a pixel. Rows come from top to bottom; 0 begins a picture.
   void row(kernels::plane<uint8_t> source, int32_t y, uint8_t *to);

 private:
   using float_row = std::vector<float>; // premultiplied R, G, B, A

   const float_row &narrowed(kernels::plane<uint8_t> source, int32_t y);

   std::vector<taps> across_, down_;
   std::vector<float_row> rows_; // source rows at the result's width, by their number modulo how many there are
   std::vector<int32_t> rows_known_; // which row each of them is; -1: none
   float_row sum_;
};

} // namespace giflab::plugins
