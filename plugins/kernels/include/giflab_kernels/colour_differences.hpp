#pragma once
// The CIEDE2000 differences of many pairs of sRGB colours, from bytes to differences in one walk.

#include <giflab_kernels/plane.hpp>

namespace giflab::kernels {

// CIEDE2000 of first[i] and second[i], colours as 0x00BBGGRR; the scalar twin is ciede2000() of
// lab_of_linear(). The vector twin works in float, with pairs of floats where colours are subtracted: within
// 2e-6 relative of the scalar one, the same bits for a pair wherever it stands and on every instruction set,
// and 0 where the two are equal. Hues that are opposite to a few millionths of a degree may be taken for the
// other way round, for which the formula jumps. [any thread]
void ciede2000_of_colours(const uint32_t *first, const uint32_t *second, size_t count, float *differences,
                          arithmetic choice);

} // namespace giflab::kernels
