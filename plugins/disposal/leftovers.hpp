#pragma once
// Where a distorted picture shows something else than the original, and what it is: an earlier moment of the
// original that should be gone, or a hole where the original stood still.
//
// All comparisons are between means over 3x3 pixels (what lies beyond an edge repeats the edge): dithering and
// noise cancel out in them, and lines of one pixel still show.

#include <giflab/plugin.hpp>
#include <giflab_kernels/plane.hpp>
#include <span>

namespace giflab::disposal {

// Both clips at one moment: planes of R,G,B bytes of one size.
struct moment {
   kernels::plane<uint8_t> reference, distorted;
};

// Distances are the largest among R, G and B of |mean - mean|, in levels.
struct criteria {
   double far;  // above this the distorted picture is wrong
   double near; // up to this two neighbourhoods are the same
};

// Counts of pixels where the distorted picture is far from the original.
struct leftover_sums {
   uint64_t ghosts = 0; // near the original of an earlier moment
   uint64_t stale = 0;  // of those: near the original of the moment before, and kept since then to the bit
   uint64_t lost = 0;   // no ghost, but right at an earlier moment in which the original was what it is now
};

// Row sums that add_leftovers() needs, for pictures of this width.
constexpr size_t leftover_scratch(int32_t width) { return (static_cast<size_t>(width) + 2) * 3; }

// Adds rows [first, first + count). `earlier` holds the moments before `now`, latest first. Integers
// throughout: no order changes a sum. [any thread]
void add_leftovers(const moment &now, std::span<const moment> earlier, int32_t width, int32_t height,
                   int32_t first, int32_t count, const criteria &limits, std::span<int16_t> scratch,
                   leftover_sums &sums);

} // namespace giflab::disposal
