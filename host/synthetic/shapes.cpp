#include "synthetic/shapes.hpp"

#include <algorithm>
#include <cmath>

namespace giflab::synthetic {

namespace {

// Gives each pixel of a rectangle that is on the picture to `is_in`, and paints those that it accepts.
template <class Accept>
void paint(drawing &on, double left, double top, double right, double bottom, colour with, Accept &&is_in) {
   const int x0 = std::max(0, static_cast<int>(std::floor(left)));
   const int y0 = std::max(0, static_cast<int>(std::floor(top)));
   const int x1 = std::min(on.width - 1, static_cast<int>(std::ceil(right)));
   const int y1 = std::min(on.height - 1, static_cast<int>(std::ceil(bottom)));
   for (int y = y0; y <= y1; ++y)
      for (int x = x0; x <= x1; ++x)
         if (is_in(x, y))
            on.at(x, y) = with;
}

double squared(double x) { return x * x; }

double squared_distance(point from, point a, point b) {
   const double dx = b.x - a.x, dy = b.y - a.y, length = dx * dx + dy * dy;
   const double along = length > 0 ? ((from.x - a.x) * dx + (from.y - a.y) * dy) / length : 0;
   const double nearest = std::clamp(along, 0.0, 1.0);
   return squared(from.x - a.x - nearest * dx) + squared(from.y - a.y - nearest * dy);
}

// Even and odd crossings of the ray to the right.
bool is_inside(point at, std::span<const point> corners) {
   bool inside = false;
   for (std::size_t i = 0; i < corners.size(); ++i) {
      const point a = corners[i], b = corners[(i + 1) % corners.size()];
      if ((a.y > at.y) != (b.y > at.y) && at.x < a.x + (at.y - a.y) * (b.x - a.x) / (b.y - a.y))
         inside = !inside;
      if (squared_distance(at, a, b) < 1e-12)
         return true;
   }
   return inside;
}

} // namespace

drawing::drawing(int wide, int high, colour ground)
    : width(wide), height(high),
      pixels(static_cast<std::size_t>(wide) * static_cast<std::size_t>(high), ground) {}

void fill_rectangle(drawing &on, int left, int top, int right, int bottom, colour with) {
   paint(on, left, top, right, bottom, with, [](int, int) { return true; });
}

void outline_rectangle(drawing &on, int left, int top, int right, int bottom, colour with) {
   paint(on, left, top, right, bottom, with,
         [=](int x, int y) { return x == left || x == right || y == top || y == bottom; });
}

void fill_ellipse(drawing &on, double left, double top, double right, double bottom, colour with) {
   const point middle = {(left + right) / 2, (top + bottom) / 2};
   const double across = (right - left + 1) / 2, up = (bottom - top + 1) / 2; // pixels have a width too
   paint(on, left, top, right, bottom, with,
         [=](int x, int y) { return squared((x - middle.x) / across) + squared((y - middle.y) / up) <= 1; });
}

void fill_polygon(drawing &on, std::span<const point> corners, colour with) {
   const auto [left, right] = std::minmax_element(corners.begin(), corners.end(),
                                                  [](const point &a, const point &b) { return a.x < b.x; });
   const auto [top, bottom] = std::minmax_element(corners.begin(), corners.end(),
                                                  [](const point &a, const point &b) { return a.y < b.y; });
   paint(on, left->x, top->y, right->x, bottom->y, with, [=](int x, int y) {
      return is_inside({static_cast<double>(x), static_cast<double>(y)}, corners);
   });
}

void draw_line(drawing &on, point from, point to, double width, colour with) {
   const double reach = width / 2;
   paint(
       on, std::min(from.x, to.x) - reach, std::min(from.y, to.y) - reach, std::max(from.x, to.x) + reach,
       std::max(from.y, to.y) + reach, with, [=](int x, int y) {
          return squared_distance({static_cast<double>(x), static_cast<double>(y)}, from, to) <= squared(reach);
       });
}

} // namespace giflab::synthetic
