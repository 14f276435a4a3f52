#pragma once
// Letters of a dozen pixels are too small for recognisers that were trained on scans: pictures are enlarged
// first.

#include <cstdint>
#include <giflab_kernels/plane.hpp>

namespace giflab::ocr {

// How many times a picture is enlarged: three times up to 700 pixels a side, twice up to 1400, and no more
// beyond.
int enlargement(int32_t width, int32_t height);

// Bilinear between the pixels' centres, edges repeated. `to` has `times` x `times` the pixels, rows without
// padding.
void enlarge(kernels::plane<uint8_t> from, int32_t width, int32_t height, int times, uint8_t *to);

} // namespace giflab::ocr
