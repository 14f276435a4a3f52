#include "contours.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace giflab::classic {

namespace {

constexpr point directions[8] = {{1, 0}, {1, -1}, {0, -1}, {-1, -1}, {-1, 0}, {-1, 1}, {0, 1}, {1, 1}};
constexpr int8_t border_mark = 2, right_border_mark = 2 - 128;

// Marks with an empty row and column around them: 0, 1, or a mark of a border.
class bordered_marks {
 public:
   bordered_marks(const uint8_t *marks, extent size)
       : width_(size.width + 2), cells_(static_cast<size_t>(width_) * static_cast<size_t>(size.height + 2)) {
      for (int32_t y = 0; y < size.height; ++y)
         std::copy_n(marks + static_cast<size_t>(y) * static_cast<size_t>(size.width), size.width,
                     cells_.begin() + (y + 1) * static_cast<std::ptrdiff_t>(width_) + 1);
   }
   int8_t &at(point p) {
      return cells_[static_cast<size_t>(p.y) * static_cast<size_t>(width_) + static_cast<size_t>(p.x)];
   }
   // The first place from x on, in that row, that is marked by nothing but 1; behind the picture if there is
   // none.
   int32_t next_mark(int32_t x, int32_t y) {
      const int8_t *from = &at({x, y});
      const auto *found = static_cast<const int8_t *>(std::memchr(from, 1, static_cast<size_t>(width_ - x)));
      return found ? x + static_cast<int32_t>(found - from) : width_;
   }
   int8_t &beside(point p, int direction) {
      return at({p.x + directions[direction].x, p.y + directions[direction].y});
   }

 private:
   int32_t width_;
   std::vector<int8_t> cells_;
};

point stepped(point p, int direction) { return {p.x + directions[direction].x, p.y + directions[direction].y}; }
bool same(point a, point b) { return a.x == b.x && a.y == b.y; }

// Follows the border from its topmost left pixel, and marks it.
contour follow(bordered_marks &cells, point start, pulse &beat) {
   int direction = 4;
   do
      direction = (direction - 1) & 7;
   while (cells.beside(start, direction) == 0 && direction != 4);
   if (direction == 4) {
      cells.at(start) = right_border_mark;
      return {{start.x - 1, start.y - 1}};
   }
   const point last = stepped(start, direction);
   contour border;
   for (point here = start;;) {
      beat(4);
      const int came_from = direction;
      int turn = direction;
      do
         ++turn;
      while (cells.beside(here, turn & 7) == 0);
      direction = turn & 7;
      if (static_cast<unsigned>(direction - 1) < static_cast<unsigned>(came_from))
         cells.at(here) = right_border_mark;
      else if (cells.at(here) == 1)
         cells.at(here) = border_mark;
      border.push_back({here.x - 1, here.y - 1});
      const point next = stepped(here, direction);
      if (same(next, start) && same(here, last))
         return border;
      here = next;
      direction = (direction + 4) & 7;
   }
}

} // namespace

std::vector<contour> outer_contours(const uint8_t *marks, extent size, pulse &beat) {
   bordered_marks cells(marks, size);
   std::vector<contour> found;
   for (int32_t y = 1; y <= size.height; ++y) {
      beat(size.width);
      int8_t before = 0, last_border = 0;
      for (int32_t x = 1; x <= size.width; ++x) {
         int8_t here = cells.at({x, y});
         if (here == before)
            continue;
         if (before == 0 && here == 1 && last_border <= 0) {
            found.push_back(follow(cells, {x, y}, beat));
            here = cells.at({x, y});
         }
         before = here;
         if (here != 0 && here != 1)
            last_border = here;
      }
   }
   std::reverse(found.begin(), found.end());
   return found;
}

double enclosed_area(const contour &border) {
   int64_t twice = 0;
   point before = border.back();
   for (const point p : border) {
      twice += int64_t{before.x} * p.y - int64_t{before.y} * p.x;
      before = p;
   }
   return std::abs(static_cast<double>(twice)) / 2;
}

std::vector<shape> connected_shapes(const uint8_t *marks, extent size, pulse &beat) {
   bordered_marks cells(marks, size);
   std::vector<shape> found;
   std::vector<point> open;
   for (int32_t y = 1; y <= size.height; ++y) {
      beat(size.width / 8);
      for (int32_t x = cells.next_mark(1, y); x <= size.width; x = cells.next_mark(x, y)) {
         point low{x, y}, high{x, y};
         int64_t area = 0;
         cells.at({x, y}) = border_mark;
         open.push_back({x, y});
         while (!open.empty()) {
            const point p = open.back();
            open.pop_back();
            beat(4);
            ++area;
            low = {std::min(low.x, p.x), std::min(low.y, p.y)};
            high = {std::max(high.x, p.x), std::max(high.y, p.y)};
            for (int direction = 0; direction < 8; ++direction)
               if (int8_t &cell = cells.beside(p, direction); cell == 1) {
                  cell = border_mark;
                  open.push_back(stepped(p, direction));
               }
         }
         found.push_back({low.x - 1, low.y - 1, high.x - low.x + 1, high.y - low.y + 1, area});
      }
   }
   return found;
}

} // namespace giflab::classic
