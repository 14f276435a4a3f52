#pragma once
// The CIEDE2000 differences of many pairs of sRGB colours, from bytes to differences in one walk.

#include <giflab_kernels/plane.hpp>

namespace giflab::kernels {

// CIEDE2000 of first[i] and second[i], colours as 0x00BBGGRR; the scalar twin is ciede2000() of
// lab_of_linear(). The vector twin works in float, with sums of two floats where colours are subtracted: the
// same bits for a pair wherever it stands and on every instruction set, 0 where the two are equal, 1e-7
// relative from the scalar twin on average and 4e-6 at most. That most is met where two colours differ by 0.01:
// what is left of their cube roots' 1e-10. For the same reason a grey, whose chroma is about 0.001, may be
// found on the other side of a hue that it faces to 0.003 degrees; the formula jumps there, by 1e-4 relative.
// [any thread]
void ciede2000_of_colours(const uint32_t *first, const uint32_t *second, size_t count, float *differences,
                          arithmetic choice);

} // namespace giflab::kernels
