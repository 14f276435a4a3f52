#pragma once
// The map of visible differences, summed up: J. Alakuijala and others, https://github.com/libjxl/libjxl,
// lib/jxl/butteraugli.

#include <cstddef>
#include <functional>
#include <giflab_kernels/plane.hpp>

namespace giflab::butteraugli {

// Linear light of sRGB's primaries, 1 for white: R, G, B.
struct light_pair {
   kernels::plane<float> reference[3], distorted[3];
   int32_t width, height; // 1 at least
};

struct viewing {
   double intensity_target; // nits of white, > 0
   double hf_asymmetry;     // > 0: times differences of fine detail; divides their one-way part
};

// Over the pixels of the map.
struct map_sums {
   double maximum = 0;
   double cubes = 0, sixths = 0, twelfths = 0; // sums of the powers 3, 6, 12
};

// Bytes of scratch that measure() needs.
size_t scratch_bytes(int32_t width, int32_t height, kernels::arithmetic choice);

// `scratch` is aligned to 64. `pause` is called at least once every few thousand pixels of work and may throw.
// The plain twin computes in double on whole planes of its own. [any thread]
map_sums measure(const light_pair &pair, const viewing &conditions, std::byte *scratch,
                 const std::function<void()> &pause, kernels::arithmetic choice);

// The mean of the 3-, the 6- and the 12-norm of a map of so many pixels.
double three_norm(const map_sums &sums, double pixels);

} // namespace giflab::butteraugli
