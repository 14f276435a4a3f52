#pragma once
// The arithmetic of a trunk's steps and of comparing features, each a plain twin and one in Highway vectors.

#include <cstddef>
#include <cstdint>
#include <giflab_kernels/plane.hpp>
#include <span>
#include <vector>

namespace giflab::lpips {

using kernels::arithmetic;

// Features of a picture, in memory of the caller: rows of pixels of `channels` floats, and around them `border`
// pixels of zeros on each side.
struct feature_map {
   float *data = nullptr; // of the corner of the border
   int32_t width = 0, height = 0, channels = 0, border = 0;

   size_t pitch() const { return static_cast<size_t>(width + 2 * border) * static_cast<size_t>(channels); }
   size_t size() const { return pitch() * static_cast<size_t>(height + 2 * border); }
   // Pixels of the border have negative coordinates, or such from width and height on.
   float *at(int32_t x, int32_t y) const {
      return data + static_cast<size_t>(y + border) * pitch() +
             static_cast<size_t>(x + border) * static_cast<size_t>(channels);
   }
};

// Writes zeros to the border of a map.
void clear_border(const feature_map &map);

// A convolution with its weights.
struct convolution {
   int32_t in = 0, out = 0, kernel = 0, stride = 0, padding = 0; // out: a multiple of 16
   std::span<const float> weights;                               // [out][in][kernel][kernel]
   std::span<const float> bias;                                  // [out]
   std::span<const float> packed;                                // what pack() made of `weights`
   int64_t products() const { return int64_t{in} * out * kernel * kernel; }
};

// Weights in the order in which vectors meet them: for each block of 32 channels (the last may have 16) one row
// of the block's width for each of [kernel y][kernel x][in].
inline constexpr size_t channels_per_block = 32;
void pack(const convolution &layer, std::span<float> packed);

// A run of pixels of one row of a result.
struct run_of_pixels {
   int32_t y, x, count;
};

// max(convolution + bias, 0) into the channels of `target` from `first_channel` on. The source's border is at
// least the padding. Sums run in one order, so the values of a pixel do not depend on the run. [any thread]
void convolve(const convolution &layer, const feature_map &source, const feature_map &target,
              int32_t first_channel, run_of_pixels where, arithmetic choice);

// ---- The same for windows of 3x3, with a quarter of the products, in vectors alone. The result is cut into
// tiles, and a pixel's bits depend on where in its tile it is.

inline constexpr int32_t tile_extent = 4; // width and height
inline constexpr int32_t tiles_across(int32_t width) { return (width + tile_extent - 1) / tile_extent; }

// `count` tiles of the rows from `y` to `end`, counted from left to right and from top to bottom; `first` is
// the number of the first. Pixels beyond the right edge or `end` are not written.
struct tile_run {
   int32_t y, end, first, count;
};

// Whether this layer, on this machine, can be computed so: 3x3, stride 1, padding 1, sources of whole vectors.
bool suits_tiles(const convolution &layer);
// Floats of memory that `count` tiles take.
size_t tile_room(const convolution &layer, int32_t count);

// First half: what the products need of the source, into `room`. The source's border is at least 1, and what
// stands beyond it counts as 0. `width` is that of the result. [any thread, each with its own `room`]
void spread_tiles(const convolution &layer, const feature_map &source, int32_t width, tile_run where,
                  float *room);
// Second half, for channels_per_block channels of the layer from `block` on: max(convolution + bias, 0) into
// the channels of `target` from `first_channel + block` on. [as above]
void convolve_tiles(const convolution &layer, const feature_map &target, int32_t first_channel, int32_t block,
                    tile_run where, float *room);

// The maxima of windows of `window` x `window` pixels, `stride` apart, cut off at the far edges. [any thread]
void take_maxima(const feature_map &source, const feature_map &target, int32_t window, int32_t stride,
                 int32_t y, arithmetic choice);

// The sum over a row's pixels of sum_c weights[c] (a_c / |a| - b_c / |b|)^2. [any thread]
double compare_row(const feature_map &a, const feature_map &b, int32_t y, std::span<const float> weights,
                   arithmetic choice);

// Added to each norm.
inline constexpr float least_norm = 1e-10f;

namespace scalar {
void convolve(const convolution &layer, const feature_map &source, const feature_map &target,
              int32_t first_channel, run_of_pixels where);
void take_maxima(const feature_map &source, const feature_map &target, int32_t window, int32_t stride,
                 int32_t y);
double compare_row(const feature_map &a, const feature_map &b, int32_t y, std::span<const float> weights);
} // namespace scalar

} // namespace giflab::lpips
