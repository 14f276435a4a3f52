#pragma once
// Pixels to the colours of a palette.

#include <cstdint>
#include <giflab_kernels/plane.hpp>
#include <giflab_kernels/quantisation.hpp>

namespace giflab::plugins {

enum class dither { none, floyd_steinberg, ordered };

constexpr uint8_t least_opaque_alpha = 128; // below that a pixel becomes a hole: GIF knows no half

// Pixels R, G, B, A of rows without padding.
struct reduced_picture {
   int32_t width = 0, height = 0;
   std::vector<uint8_t> source, result;
};

// Fills `now.result` from `now.source`. A pixel that is as in `before.source` gets what it had in
// `before.result`, so that what stands still does not crawl; null: there is no such picture, or its palette was
// another. `poll` is called before every row.
void map_to_palette(reduced_picture &now, const reduced_picture *before, kernels::palette_lookup &lookup,
                    dither how, const kernels::interruption &poll);

} // namespace giflab::plugins
