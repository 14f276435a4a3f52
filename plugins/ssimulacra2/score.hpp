#pragma once
// From the sums of the error maps to the score: 108 trained weights and a curve.

#include <giflab_kernels/ssimulacra2.hpp>

namespace giflab::plugins {

// The maps that have a weight in pictures of this many scales.
kernels::ssimulacra2_wanted weighted_maps(int scales);

// The score of a pair from the sums of those maps.
double ssimulacra2_score(const kernels::ssimulacra2_result &sums, int32_t width, int32_t height);

} // namespace giflab::plugins
