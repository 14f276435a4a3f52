#pragma once
// Outer borders of shapes (Suzuki and Abe 1985), in the order and from the points that OpenCV gives.

#include "clip.hpp"
#include "work.hpp"

#include <vector>

namespace giflab::classic {

struct point {
   int32_t x, y;
};
using contour = std::vector<point>;

// All points of the outermost borders of 8-connected shapes of ones; the last one found comes first.
std::vector<contour> outer_contours(const uint8_t *marks, extent size, pulse &beat);

// Of the polygon through its points.
double enclosed_area(const contour &border);

// An 8-connected shape and its bounding box.
struct shape {
   int32_t left, top, width, height;
   int64_t area;
};
// In the order of their first pixels, row by row.
std::vector<shape> connected_shapes(const uint8_t *marks, extent size, pulse &beat);

} // namespace giflab::classic
