#pragma once
// GIF pictures hold few colours, and few pairs of colours when two are compared. Differences are computed for
// groups of pixels with the same pair: once a run of pixels or, where both pictures have palettes, once in all.

#include "summary.hpp"

#include <giflab/plugin.hpp>

namespace giflab::ciede2000 {

// Groups all pixels of `pair` that differ, in arena memory of `call`. Takes GIFLAB_INDEX8 where both images
// have it and are large enough for that to pay, else GIFLAB_RGB8.
weighted_differences differences_of(const giflab_call &call, const giflab_pair &pair);

} // namespace giflab::ciede2000
