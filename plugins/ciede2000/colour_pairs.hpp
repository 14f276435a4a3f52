#pragma once
// GIF pictures hold few colours, and few pairs of colours when two are compared. Differences are computed for
// groups of pixels with the same pair: once a run of pixels or, where both pictures have palettes, once in all.

#include "summary.hpp"

#include <giflab/plugin.hpp>
#include <giflab_kernels/kept_results.hpp>
#include <vector>

namespace giflab::ciede2000 {

// Arena memory for one pair of pictures after the other.
struct workspace {
   std::span<float> values; // one for each pixel, though seldom more than a tenth is used
   std::span<uint32_t> counts;
   std::span<uint32_t> table; // pixels by pair of palette indices; all 0 between two pairs of pictures

   workspace(const giflab_call &call, uint64_t pixels);
};

// So many pixels have a pair of indices, and this is how their colours differ.
struct index_pair {
   uint32_t place; // index of the reference * 256 + index of the distorted
   uint32_t pixels;
   float difference;
};

// Those of a pair of pictures, and what the indices looked like.
struct index_pairs {
   std::vector<index_pair> found;
   std::array<std::array<uint32_t, 256>, 2> colours;
};

// For pairs to come: of what changed since the pair before, pixels are counted out and in.
using index_pair_memory = kernels::kept_results<kernels::pair_key, index_pairs, 2>;

// Groups all pixels of `pair` that differ. Takes GIFLAB_INDEX8 where both images have it and are large enough
// for that to pay, else GIFLAB_RGB8. Without a memory (null) all is counted anew. The same bits either way.
summary summary_of(const giflab_call &call, const giflab_pair &pair, const workspace &work,
                   index_pair_memory *memory);

// Of an image.
inline uint64_t pixels_of(const giflab_image &image) {
   return static_cast<uint64_t>(image.width) * static_cast<uint64_t>(image.height);
}

} // namespace giflab::ciede2000
