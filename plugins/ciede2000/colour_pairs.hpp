#pragma once
// GIF pictures hold few colours, and few pairs of colours when two are compared. Differences are computed for
// groups of pixels with the same pair: once a run of pixels or, where both pictures have palettes, once in all.

#include "summary.hpp"

#include <giflab/plugin.hpp>

namespace giflab::ciede2000 {

// Arena memory for one pair of pictures after the other.
struct workspace {
   std::span<float> values; // one for each pixel, though seldom more than a tenth is used
   std::span<uint32_t> counts;

   workspace(const giflab_call &call, uint64_t pixels);
};

// Groups all pixels of `pair` that differ: by the pairs of indices that the host counted or, where it did not,
// by runs of pixels. The same bits either way.
summary summary_of(const giflab_call &call, const giflab_pair &pair, const workspace &work);

// Of an image.
inline uint64_t pixels_of(const giflab_image &image) {
   return static_cast<uint64_t>(image.width) * static_cast<uint64_t>(image.height);
}

} // namespace giflab::ciede2000
