#pragma once
// How RGB bytes change from one moment to another in two clips. Integers throughout, so that no sum depends on
// the order in which it is made; one plain twin, which compilers turn into vectors well enough.

#include <giflab/plugin.hpp>
#include <giflab_kernels/plane.hpp>

namespace giflab::temporal {

// Two clips at two moments: planes of R,G,B bytes of one size.
struct moments {
   kernels::plane<uint8_t> reference_before, reference, distorted_before, distorted;
};

struct rectangle {
   int32_t x = 0, y = 0, width = 0, height = 0;
};

// The least rectangle that holds `area` and whatever differs in `image` from the image before it.
rectangle with_changes(const rectangle &area, const giflab_image &image);

struct change_sums {
   uint64_t difference = 0; // of |(d - d_before) - (o - o_before)|
   uint64_t excess = 0;     // of max(0, |d - d_before| - |o - o_before|)
};

// Adds all samples of `area`. Sums overflow beyond 2^54 samples. [any thread]
void add_change(const moments &of, const rectangle &area, change_sums &sums);

// ---- Where the original is flat and stands still, block by block

inline constexpr int32_t flat_block = 8; // pixels of a block's side; fewer at the right and the lower edge

// What makes a block of the original flat and still.
struct flat_criteria {
   double variance; // at most, as the mean of the three channels' population variances
   int change;      // at most, of each sample, in levels
};

struct flat_sums {
   uint64_t samples = 0; // in blocks that are flat and still
   uint64_t excess = 0;  // as in change_sums, of those samples
};

// Sums over the columns of one row of blocks; their storage is the caller's, a sample of a row each.
struct flat_columns {
   uint16_t *sum, *excess;
   uint32_t *squares;
   uint8_t *change; // the largest
};

// Adds the rows of blocks [first, first + count). Nothing may have changed outside of `changed`. [any thread]
void add_flat(const moments &of, int32_t width, int32_t height, const rectangle &changed, int32_t first,
              int32_t count, const flat_criteria &criteria, const flat_columns &columns, flat_sums &sums);

} // namespace giflab::temporal
