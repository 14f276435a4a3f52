#pragma once
// Banding, colour differences and dithering, of pictures paired by index.

#include "clip.hpp"
#include "work.hpp"

namespace giflab::classic {

struct banding_values {
   double mean = 0, p95 = 0;
   size_t regions = 0;
};
// Of the first `count` pictures, within the square at the upper left whose side is the shorter one.
banding_values measure_banding(const giflab_call &call, const clip &a, const clip &b, uint32_t count);

struct colour_values {
   double mean = 0, p95 = 0, max = 0;
   double above[4] = {}; // percent of the patches above 1, 2, 3 and 5
   size_t patches = 0;
};
// Of up to 16 patches of 64x64 of each of the first `count` pictures, within the same square.
colour_values measure_colours(const giflab_call &call, const clip &a, const clip &b, uint32_t count);

struct dither_values {
   double mean = 0, p95 = 0, score = 0;
   size_t windows = 0;
};
// Of windows of 64x64 that are flat in `a`.
dither_values measure_dither(const giflab_call &call, const clip &a, const clip &b, uint32_t count);

} // namespace giflab::classic
