#pragma once
// The tiles of one scale of a pair.

#include <giflab_kernels/ssim.hpp>
#include <giflab_kernels/stale_tiles.hpp>
#include <span>

namespace giflab::plugins {

// Rows [first, end) of a plane; none if first == end.
struct row_range {
   int32_t first = 0, end = 0;

   bool empty() const { return first == end; }
};

inline row_range united(const row_range &a, const row_range &b) {
   if (a.empty() || b.empty())
      return a.empty() ? b : a;
   return {std::min(a.first, b.first), std::max(a.end, b.end)};
}

// Pixels or samples along a side that the windows of one tile cover.
inline constexpr int32_t reach_across = kernels::ssim_tiling::tile_width + kernels::ssim_window - 1;
inline constexpr int32_t reach_down = kernels::ssim_tiling::tile_height + kernels::ssim_window - 1;

// The samples of the plane that the windows of a tile cover, and beyond its edge.
inline kernels::area area_under(int32_t column, int32_t row) {
   return {column * kernels::ssim_tiling::tile_width, row * kernels::ssim_tiling::tile_height, reach_across,
           reach_down};
}

// `halvings`: how often the planes were halved.
inline kernels::stale_tiles stale_tiles_of(const kernels::ssim_tiling &tiling, int halvings,
                                           const kernels::changed_cells *changes) {
   return {tiling.across(), tiling.down(), changes, [halvings](int32_t column, int32_t row) {
              const kernels::area under = area_under(column, row);
              return kernels::area{under.x << halvings, under.y << halvings, under.width << halvings,
                                   under.height << halvings};
           }};
}

// Windows of a tile.
inline double windows_of(const kernels::ssim_tiling &tiling, int32_t column, int32_t row) {
   const int32_t left = column * tiling.tile_width, top = row * tiling.tile_height;
   return static_cast<double>(std::min(tiling.tile_width, tiling.columns() - left)) *
          std::min(tiling.tile_height, tiling.rows() - top);
}

// Rows of the plane that the windows of stale tiles cover.
inline row_range rows_under(const kernels::stale_tiles &stale, int32_t height) {
   row_range found;
   for (int32_t column = 0; column < stale.across(); ++column)
      for (int32_t row = 0; row < stale.down(); ++row)
         if (stale(column, row)) {
            const int32_t first = row * kernels::ssim_tiling::tile_height;
            found = united(found, {first, std::min(first + reach_down, height)});
         }
   return found;
}

// Sums the stale tiles of two planes; all others keep what `sums` has for them.
template <class T>
void sum_stale(const giflab_call &call, kernels::plane<T> a, kernels::plane<T> b,
               const kernels::ssim_tiling &tiling, kernels::stale_tiles stale, double unit,
               const kernels::ssim_sums &sums, kernels::arithmetic choice) {
   // Windows of equal samples have a similarity of 1, to the bit.
   if (choice == kernels::arithmetic::vector)
      stale.take_out([&](int32_t column, int32_t row) {
         if (!kernels::same_samples(a, b, tiling.width, tiling.height, area_under(column, row)))
            return false;
         const kernels::ssim_sums here = sums.from(stale.index(column, row));
         for (double *sum : {here.ssim, here.contrast_structure})
            if (sum)
               *sum = windows_of(tiling, column, row);
         return true;
      });
   // The plain twin takes some 200 ns a window, the other one 2.
   const int32_t longest_run = choice == kernels::arithmetic::scalar ? 4 : 1 << 9;
   stale.for_each_run(call, longest_run, [&](int32_t column, int32_t first, int32_t count) {
      kernels::sum_ssim(a, b, tiling, {column, first, count}, unit, sums.from(stale.index(column, first)),
                        choice);
   });
}

// The mean over all windows. Tiles are added in one order, whenever each of them was summed.
inline double mean_of(const kernels::ssim_tiling &tiling, std::span<const double> sums) {
   double total = 0;
   for (const double tile : sums)
      total += tile;
   return total / (static_cast<double>(tiling.columns()) * tiling.rows());
}

} // namespace giflab::plugins
