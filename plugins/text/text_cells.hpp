#pragma once
// Where a picture has text or drawn signs: cells of 8 x 8 pixels in two tones with strokes across them.

#include <cstdint>
#include <giflab_kernels/plane.hpp>
#include <span>

namespace giflab::text {

constexpr int32_t cell = 8; // pixels

struct cell_grid {
   int32_t across, down; // whole cells; what is left of a picture at its right and bottom is not looked at

   cell_grid(int32_t width, int32_t height) : across(width / cell), down(height / cell) {}
   int64_t count() const { return static_cast<int64_t>(across) * down; }
};

// Marks the cells of row `y` of the grid that look like strokes of two tones, without regard to their
// neighbours: 64 levels at least between the darkest and the brightest pixel, seven tenths of the pixels near
// one of the two, and rising and falling steps of 32 levels, at least `fewest_steps` of each kind. `marks` has
// grid.across places.
void mark_cells(kernels::plane<uint8_t> luma, int32_t y, const cell_grid &grid, std::span<uint8_t> marks);
constexpr int fewest_steps = 2;

// Letters do not come alone: leaves those marks that have a mark beside them in their row. In place.
void drop_lone_cells(std::span<uint8_t> marks);

} // namespace giflab::text
