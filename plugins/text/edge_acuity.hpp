#pragma once
// How sharp an edge is: its line spread and the frequency at which half of the contrast is left (MTF50).

#include <cstdint>
#include <giflab_kernels/plane.hpp>

namespace giflab::text {

enum class axis { horizontal, vertical };

// One edge of a picture, along an axis.
struct edge {
   int contrast = 0; // levels from one side to the other, signed: above 0 where it rises along the axis
   double mtf50 = 0; // cycles a pixel, above 0, at most 0.5; 0 where there is no edge
};

// Whether an edge stands between pixel (x, y) and the next along the axis: a step of 32 levels at least, larger
// than that before it and not smaller than that behind it, and twice as large as the steps across the axis. The
// pixel and its neighbours on all sides must lie inside the picture, and so must the second one along the axis.
bool stands_at(kernels::plane<uint8_t> luma, int32_t x, int32_t y, axis along);

// The edge of that sign at (x, y) or up to two pixels beside it: the steepest step there and the run of steps
// of its sign around it, eight at most to each side. `length` is the picture's extent along the axis.
edge edge_near(kernels::plane<uint8_t> luma, int32_t x, int32_t y, axis along, int32_t length, bool rising);

} // namespace giflab::text
