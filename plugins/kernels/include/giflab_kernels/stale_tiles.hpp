#pragma once
// Pictures summed tile by tile: which tiles have to be summed anew, and the sums that the rest keeps.

#include <giflab_kernels/changes.hpp>
#include <giflab_kernels/kept_results.hpp>
#include <optional>

namespace giflab::kernels {

// Are two planes the same within an area, as far as it lies on them?
template <class T> bool same_samples(plane<T> a, plane<T> b, int32_t width, int32_t height, const area &where) {
   const int32_t left = std::max(where.x, 0), right = std::min(where.x + where.width, width);
   for (int32_t y = std::max(where.y, 0); y < std::min(where.y + where.height, height); ++y)
      if (std::memcmp(a.row(y) + left, b.row(y) + left, static_cast<size_t>(right - left) * sizeof(T)) != 0)
         return false;
   return true;
}

// A grid of tiles, each stale or not.
class stale_tiles {
 public:
   // pixels_of(column, row) is the area of the pictures that a tile depends on. Without changes (null) all are
   // stale.
   template <class Area>
   stale_tiles(int32_t across, int32_t down, const changed_cells *changes, Area &&pixels_of)
       : across_(across), down_(down), stale_(static_cast<size_t>(across) * static_cast<size_t>(down), 1) {
      if (!changes)
         return;
      for (int32_t column = 0; column < across; ++column)
         for (int32_t row = 0; row < down; ++row)
            stale_[index(column, row)] = changes->touch(pixels_of(column, row));
   }

   int32_t across() const { return across_; }
   int32_t down() const { return down_; }

   // Tiles stand column by column, from top to bottom.
   size_t index(int32_t column, int32_t row) const {
      return static_cast<size_t>(column) * static_cast<size_t>(down_) + static_cast<size_t>(row);
   }
   bool operator()(int32_t column, int32_t row) const { return stale_[index(column, row)] != 0; }

   // Calls known(column, row) for each stale tile: true if its sum has been found without summing it.
   template <class Known> void take_out(Known &&known) {
      for (int32_t column = 0; column < across_; ++column)
         for (int32_t row = 0; row < down_; ++row) {
            uint8_t &stale = stale_[index(column, row)];
            stale = stale && !known(column, row);
         }
   }

   // Calls body(column, first, count) for runs of stale tiles in a column, of at most `longest`. Looks for
   // cancellation before each.
   template <class Body> void for_each_run(const giflab_call &call, int32_t longest, Body &&body) const {
      for (int32_t column = 0; column < across_; ++column)
         for (int32_t first = 0, end = 0; first < down_; first = end) {
            end = first;
            while (end < down_ && end - first < longest && (*this)(column, end))
               ++end;
            if (end > first) {
               stop_if_cancelled(call);
               body(column, first, end - first);
            } else {
               ++end;
            }
         }
   }

 private:
   int32_t across_, down_;
   std::vector<uint8_t> stale_;
};

// The sums of all tiles of a pair, and where the next pair begins.
template <class Sum> class tile_memory {
 public:
   using tile_sums = std::vector<Sum>;

   // Changed rectangles are made use of at level 2; below it, all is summed anew.
   explicit tile_memory(const giflab_setup &setup) : used_(setup.level >= 2) {}

   // What is kept of the pair before this one, and what changed since; neither if all is to be summed.
   struct start {
      std::shared_ptr<const tile_sums> kept;
      std::optional<changed_cells> cells;

      const changed_cells *changes() const { return cells ? &*cells : nullptr; }
      tile_sums sums(size_t tiles) const { return kept ? *kept : tile_sums(tiles); }
   };

   // [any thread]
   start before(const giflab_pair &pair) const {
      start found;
      if (used_ && has_before(pair))
         found.kept = kept_.find(key_before(pair));
      if (found.kept)
         found.cells.emplace(pair);
      return found;
   }
   void keep(const giflab_pair &pair, tile_sums sums) {
      if (used_)
         kept_.keep(key_of(pair), std::make_shared<const tile_sums>(std::move(sums)));
   }

 private:
   bool used_;
   kept_results<pair_key, tile_sums> kept_;
};

} // namespace giflab::kernels
