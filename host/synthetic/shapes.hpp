#pragma once
// Shapes without blended edges, drawn onto a picture and cut off at its edges.

#include "synthetic/clips.hpp"

#include <span>

namespace giflab::synthetic {

struct point {
   double x, y;
};

// Both corners included.
void fill_rectangle(drawing &on, int left, int top, int right, int bottom, colour with);
void outline_rectangle(drawing &on, int left, int top, int right, int bottom, colour with);

// Pixels whose centre lies within an ellipse that touches the sides of the rectangle; both corners included.
void fill_ellipse(drawing &on, double left, double top, double right, double bottom, colour with);

// Pixels whose centre lies in the polygon, or on its border.
void fill_polygon(drawing &on, std::span<const point> corners, colour with);

// Pixels whose centre is at most `width` / 2 from the line.
void draw_line(drawing &on, point from, point to, double width, colour with);

} // namespace giflab::synthetic
