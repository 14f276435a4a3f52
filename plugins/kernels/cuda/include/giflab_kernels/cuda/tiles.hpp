#pragma once
// Which block works where. A picture is cut into tiles by its size alone, never by the batch, the device or
// what else runs: each tile leaves its sums in a slot of its own, and the slots are added in their order. So
// the same picture gives the same bits in every batch.

#include <cstddef>
#include <cstdint>
#include <giflab_kernels/plane.hpp>
#include <span>
#include <type_traits>

namespace giflab::kernels::cuda {

struct tile {
   int32_t x, y, width, height; // inside the picture
};

// Tiles of `tile_width` by `tile_height`, row by row; those at the right and lower edge are cut off.
struct tiling {
   int32_t width, height; // of what is tiled, 1 or more
   int32_t tile_width, tile_height;

   GIFLAB_BOTH int32_t across() const { return (width - 1) / tile_width + 1; }
   GIFLAB_BOTH int32_t down() const { return (height - 1) / tile_height + 1; }
   GIFLAB_BOTH uint32_t count() const {
      return static_cast<uint32_t>(across()) * static_cast<uint32_t>(down());
   }
   GIFLAB_BOTH tile at(uint32_t index) const {
      const auto columns = static_cast<uint32_t>(across());
      const int32_t x = static_cast<int32_t>(index % columns) * tile_width;
      const int32_t y = static_cast<int32_t>(index / columns) * tile_height;
      const int32_t right = width - x, below = height - y;
      return {x, y, right < tile_width ? right : tile_width, below < tile_height ? below : tile_height};
   }
};

// The sum of what tiles left in their slots, fetched to host memory, in their order. Sums has operator+=.
template <class Sums> auto folded(std::span<Sums> slots) {
   std::remove_const_t<Sums> sum = {};
   for (const Sums &slot : slots)
      sum += slot;
   return sum;
}

} // namespace giflab::kernels::cuda
