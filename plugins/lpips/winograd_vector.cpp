// Convolutions of 3x3 windows with a quarter of the products: F(4x4, 3x3) of A. Lavin and S. Gray, "Fast
// algorithms for convolutional neural networks", CVPR 2016, after S. Winograd. A line of six inputs d and three
// weights g makes four outputs, A' ((G g) * (B' d)), with six products instead of twelve; in two directions 36
// stand for 144. The points are 0, 1, -1, 2, -2 and infinity.

#include "layers.hpp"

#include <algorithm>
#include <array>

// This file includes itself once for each set of instructions.
#ifndef GIFLAB_LPIPS_TILES
#   define GIFLAB_LPIPS_TILES
namespace giflab::lpips {
constexpr size_t side = tile_extent + 2; // of the part of the source that a tile reads
constexpr size_t terms = side * side;    // products for each pair of channels

// The parts of the memory that `count` tiles take: a plane for each term of the source, one for each term of
// the sums, one for each term of the weights, and a copy of a patch. 16 floats stand between planes, lest all
// of them meet in one set of the cache.
struct room_of_tiles {
   size_t source_plane, sum_plane, weight_plane;
   float *source, *sums, *weights, *copy;

   room_of_tiles(size_t in, size_t count, float *room)
       : source_plane(count * in + 16), sum_plane(count * channels_per_block + 16),
         weight_plane(in * channels_per_block + 16), source(room), sums(source + terms * source_plane),
         weights(sums + terms * sum_plane), copy(weights + terms * weight_plane) {}
   static size_t size(size_t in, size_t count) {
      return terms * (count * (in + channels_per_block) + 3 * 16 + in * channels_per_block + in);
   }
};

} // namespace giflab::lpips
#endif

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "winograd_vector.cpp"
#include <hwy/foreach_target.h> // IWYU pragma: keep

#include "sums-inl.hpp"
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace giflab::lpips::HWY_NAMESPACE {
#if HWY_TARGET == HWY_SCALAR || HWY_HAVE_SCALABLE

// Never called: can_use_tiles() is false.
bool has_tiles() { return false; }
void spread_tiles(const convolution &, const feature_map &, int32_t, tile_run, float *) {}
void convolve_tiles(const convolution &, const feature_map &, int32_t, int32_t, tile_run, float *) {}

#else

bool has_tiles() { return true; }

// B' d
HWY_INLINE void spread(const real d[side], real to[side]) {
   const floats f;
   const real two = hn::Set(f, 2), four = hn::Set(f, 4), five = hn::Set(f, 5);
   const real a = hn::NegMulAdd(four, d[2], d[4]), b = hn::NegMulAdd(four, d[1], d[3]);
   const real c = hn::Sub(d[4], d[2]), e = hn::Mul(two, hn::Sub(d[3], d[1]));
   to[0] = hn::MulAdd(four, d[0], hn::NegMulAdd(five, d[2], d[4]));
   to[1] = hn::Add(a, b);
   to[2] = hn::Sub(a, b);
   to[3] = hn::Add(c, e);
   to[4] = hn::Sub(c, e);
   to[5] = hn::MulAdd(four, d[1], hn::NegMulAdd(five, d[3], d[5]));
}
// A' m
HWY_INLINE void gather(const real m[side], real to[tile_extent]) {
   const floats f;
   const real two = hn::Set(f, 2), four = hn::Set(f, 4), eight = hn::Set(f, 8);
   const real a = hn::Add(m[1], m[2]), b = hn::Sub(m[1], m[2]);
   const real c = hn::Add(m[3], m[4]), e = hn::Sub(m[3], m[4]);
   to[0] = hn::Add(hn::Add(m[0], a), c);
   to[1] = hn::MulAdd(two, e, b);
   to[2] = hn::MulAdd(four, c, a);
   to[3] = hn::Add(hn::MulAdd(eight, e, b), m[5]);
}

// G g
HWY_INLINE void spread_weights(const real g[3], real to[side]) {
   const floats f;
   const real quarter = hn::Set(f, 0.25f), sixth = hn::Set(f, 1 / 6.0f), half = hn::Set(f, 0.5f);
   const real outer = hn::Mul(sixth, hn::Add(g[0], g[2])), inner = hn::Mul(sixth, g[1]);
   const real far = hn::Mul(sixth, hn::MulAdd(quarter, g[0], g[2])), near = hn::Mul(half, inner);
   to[0] = hn::Mul(quarter, g[0]);
   to[1] = hn::Neg(hn::Add(outer, inner));
   to[2] = hn::Sub(inner, outer);
   to[3] = hn::Add(far, near);
   to[4] = hn::Sub(far, near);
   to[5] = g[2];
}

// Pixels of a source: `side` rows of as many.
struct patch {
   const float *corner;
   size_t step, pitch; // floats from a pixel to the next, from a row to the next
};

// The patch around a tile; where it leaves the source, a copy in `room` with zeros there.
patch patch_of(const feature_map &source, int32_t x, int32_t y, float *room) {
   const int32_t right = source.width + source.border, bottom = source.height + source.border;
   const auto channels = static_cast<size_t>(source.channels);
   const patch whole = {source.at(x - 1, y - 1), channels, source.pitch()};
   const auto columns = static_cast<size_t>(std::min(tile_extent + 2, right - x + 1));
   const auto rows = static_cast<size_t>(std::min(tile_extent + 2, bottom - y + 1));
   if (columns == side && rows == side)
      return whole;
   const patch copy = {room, channels, channels * side};
   std::fill_n(room, copy.pitch * side, 0.0f);
   for (size_t row = 0; row < rows; ++row)
      std::copy_n(whole.corner + row * whole.pitch, columns * channels, room + row * copy.pitch);
   return copy;
}

// B' d B for all channels of a patch; each of the terms goes to a plane of its own.
void spread_patch(const patch &from, size_t channels, float *to, size_t plane) {
   const floats d;
   for (size_t c = 0; c < channels; c += lanes) {
      real half[side][side], line[side];
      for (size_t x = 0; x < side; ++x) {
         for (size_t y = 0; y < side; ++y)
            line[y] = hn::LoadU(d, from.corner + y * from.pitch + x * from.step + c);
         spread(line, half[x]);
      }
      for (size_t y = 0; y < side; ++y) {
         real column[side];
         for (size_t x = 0; x < side; ++x)
            column[x] = half[x][y];
         spread(column, line);
         for (size_t x = 0; x < side; ++x)
            hn::StoreU(line[x], d, to + (y * side + x) * plane + c);
      }
   }
}

// Where a tile's pixels go, and how many of them there are.
struct pixel_block {
   float *corner;
   size_t step, pitch; // floats from a pixel to the next, from a row to the next
   int32_t columns, rows;
   size_t channels;
};

// max(A' m A + bias, 0)
void gather_tile(const float *from, size_t plane, const float *bias, const pixel_block &target) {
   const floats d;
   for (size_t c = 0; c < target.channels; c += lanes) {
      real half[side][tile_extent], line[side];
      for (size_t x = 0; x < side; ++x) {
         for (size_t y = 0; y < side; ++y)
            line[y] = hn::LoadU(d, from + (y * side + x) * plane + c);
         gather(line, half[x]);
      }
      const real start = hn::LoadU(d, bias + c);
      for (size_t y = 0; y < static_cast<size_t>(target.rows); ++y) {
         real made[tile_extent];
         for (size_t x = 0; x < side; ++x)
            line[x] = half[x][y];
         gather(line, made);
         float *to = target.corner + y * target.pitch + c;
         for (size_t x = 0; x < static_cast<size_t>(target.columns); ++x, to += target.step)
            hn::StoreU(hn::Max(hn::Add(made[x], start), hn::Zero(d)), d, to);
      }
   }
}

// G g G' for one block of `width` channels of the result. Made anew for each run of tiles: they are four times
// as many as the weights, and making them takes less than a tenth of what using them does.
void spread_block(const float *packed, size_t in, size_t width, float *to, size_t plane) {
   const floats d;
   const size_t next = in * width; // from one of the nine weights to the other
   for (size_t i = 0; i < next; i += lanes) {
      real half[3][side], line[side];
      for (size_t x = 0; x < 3; ++x) {
         for (size_t y = 0; y < 3; ++y)
            line[y] = hn::LoadU(d, packed + (y * 3 + x) * next + i);
         spread_weights(line, half[x]);
      }
      for (size_t y = 0; y < side; ++y) {
         const real row[3] = {half[0][y], half[1][y], half[2][y]};
         spread_weights(row, line);
         for (size_t x = 0; x < side; ++x)
            hn::StoreU(line[x], d, to + (y * side + x) * plane + i);
      }
   }
}

// Sums over the source's channels, for one block of `width` channels of the result and each term.
void sum_terms(const room_of_tiles &parts, size_t in, size_t width, int32_t count) {
   const float *weights = parts.weights;
   tile_source from = {.pixels = parts.source,
                       .step = in,
                       .pitch = 0,
                       .rows = 1,
                       .span = in,
                       .weights = nullptr,
                       .weights_pitch = width};
   for (size_t term = 0; term < terms;
        ++term, from.pixels += parts.source_plane, weights += parts.weight_plane) {
      float *to = parts.sums + term * parts.sum_plane;
      size_t c = 0;
      for (; c + 2 * lanes <= width; c += 2 * lanes) {
         from.weights = weights + c;
         sum_run<finish::none, 2>(from, nullptr, to + c, channels_per_block, count);
      }
      for (; c < width; c += lanes) {
         from.weights = weights + c;
         sum_run<finish::none, 1>(from, nullptr, to + c, channels_per_block, count);
      }
   }
}

// The corner of the `i`-th tile of a run.
struct place {
   int32_t x, y;
};
HWY_INLINE place place_of(const tile_run &run, int32_t width, size_t i) {
   const int32_t across = tiles_across(width), tile = run.first + static_cast<int32_t>(i);
   return {tile % across * tile_extent, run.y + tile / across * tile_extent};
}

void spread_tiles(const convolution &layer, const feature_map &source, int32_t width, tile_run where,
                  float *room) {
   const auto in = static_cast<size_t>(layer.in), count = static_cast<size_t>(where.count);
   const room_of_tiles parts(in, count, room);
   for (size_t i = 0; i < count; ++i) {
      const auto [x, y] = place_of(where, width, i);
      spread_patch(patch_of(source, x, y, parts.copy), in, parts.source + i * in, parts.source_plane);
   }
}

void convolve_tiles(const convolution &layer, const feature_map &target, int32_t first_channel, int32_t block,
                    tile_run where, float *room) {
   const auto in = static_cast<size_t>(layer.in), count = static_cast<size_t>(where.count);
   const auto from = static_cast<size_t>(block);
   const size_t width = std::min(channels_per_block, static_cast<size_t>(layer.out) - from);
   const room_of_tiles parts(in, count, room);
   spread_block(layer.packed.data() + from * 9 * in, in, width, parts.weights, parts.weight_plane);
   sum_terms(parts, in, width, where.count);
   for (size_t i = 0; i < count; ++i) {
      const auto [x, y] = place_of(where, target.width, i);
      const pixel_block to = {.corner = target.at(x, y) + first_channel + block,
                              .step = static_cast<size_t>(target.channels),
                              .pitch = target.pitch(),
                              .columns = std::min(tile_extent, target.width - x),
                              .rows = std::min(tile_extent, where.end - y),
                              .channels = width};
      gather_tile(parts.sums + i * channels_per_block, parts.sum_plane, layer.bias.data() + block, to);
   }
}

#endif
} // namespace giflab::lpips::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace giflab::lpips {

HWY_EXPORT(spread_tiles);
HWY_EXPORT(convolve_tiles);
HWY_EXPORT(has_tiles);

bool suits_tiles(const convolution &layer) {
   return layer.kernel == 3 && layer.stride == 1 && layer.padding == 1 && layer.in % 16 == 0 &&
          HWY_DYNAMIC_DISPATCH(has_tiles)();
}

size_t tile_room(const convolution &layer, int32_t count) {
   return room_of_tiles::size(static_cast<size_t>(layer.in), static_cast<size_t>(count));
}

void spread_tiles(const convolution &layer, const feature_map &source, int32_t width, tile_run where,
                  float *room) {
   HWY_DYNAMIC_DISPATCH(spread_tiles)(layer, source, width, where, room);
}

void convolve_tiles(const convolution &layer, const feature_map &target, int32_t first_channel, int32_t block,
                    tile_run where, float *room) {
   HWY_DYNAMIC_DISPATCH(convolve_tiles)(layer, target, first_channel, block, where, room);
}

} // namespace giflab::lpips
#endif
