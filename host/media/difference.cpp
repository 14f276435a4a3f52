#include "media/difference.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace giflab::media {

namespace {

constexpr int32_t side = GIFLAB_CHANGED_SIDE;

int32_t squares_along(int32_t length) { return (length + side - 1) / side; }

template <class Pixel> bool runs_differ(const Pixel *a, const Pixel *b, int32_t count) {
   if (count < side)
      return std::memcmp(a, b, static_cast<std::size_t>(count) * sizeof(Pixel)) != 0;
   std::array<uint64_t, side * sizeof(Pixel) / 8> p, q; // a call of memcmp costs more than what it does here
   std::memcpy(p.data(), a, sizeof p);
   std::memcpy(q.data(), b, sizeof q);
   uint64_t different = 0;
   for (std::size_t i = 0; i < p.size(); ++i)
      different |= p[i] ^ q[i];
   return different != 0;
}

template <class Pixel>
std::vector<uint8_t> differing_squares(const pixel_plane &before, const pixel_plane &after, int32_t width,
                                       int32_t height, const rectangle &area) {
   const int32_t across = squares_along(width);
   std::vector<uint8_t> squares(static_cast<std::size_t>(across) *
                                static_cast<std::size_t>(squares_along(height)));
   const int32_t first = area.x / side, end = squares_along(area.x + area.width);
   for (int32_t y = area.y; y < area.y + area.height; ++y) {
      const auto *a = before.row<Pixel>(y), *b = after.row<Pixel>(y);
      uint8_t *row = squares.data() + static_cast<std::ptrdiff_t>(y / side) * across;
      for (int32_t column = first; column < end; ++column) {
         const int32_t x = column * side;
         row[column] = row[column] || runs_differ(a + x, b + x, std::min(side, width - x));
      }
   }
   return squares;
}

// The smallest rectangle of squares that holds all that differ.
rectangle bounds_of(const std::vector<uint8_t> &squares, int32_t width, int32_t height) {
   const int32_t across = squares_along(width);
   int32_t left = across, right = 0, top = squares_along(height), bottom = 0;
   for (int32_t row = 0; row < squares_along(height); ++row)
      for (int32_t column = 0; column < across; ++column)
         if (squares[static_cast<std::size_t>(row * across + column)]) {
            left = std::min(left, column), right = std::max(right, column + 1);
            top = std::min(top, row), bottom = row + 1;
         }
   if (right == 0)
      return {};
   return {left * side, top * side, std::min(right * side, width) - left * side,
           std::min(bottom * side, height) - top * side};
}

template <class Pixel>
bool rows_differ(const pixel_plane &before, const pixel_plane &after, const rectangle &area, int32_t y) {
   return std::memcmp(before.row<Pixel>(y) + area.x, after.row<Pixel>(y) + area.x,
                      static_cast<std::size_t>(area.width) * sizeof(Pixel)) != 0;
}

template <class Pixel>
std::vector<int32_t> changed_rows(const pixel_plane &before, const pixel_plane &after, const rectangle &area) {
   std::vector<int32_t> rows;
   for (int32_t y = area.y; y < area.y + area.height; ++y)
      if (rows_differ<Pixel>(before, after, area, y))
         rows.push_back(y);
   return rows;
}

template <class Pixel>
rectangle differing(const pixel_plane &before, const pixel_plane &after, const rectangle &area) {
   if (area.empty())
      return {};
   int32_t top = area.y, bottom = area.y + area.height;
   while (!rows_differ<Pixel>(before, after, area, top))
      ++top;
   while (!rows_differ<Pixel>(before, after, area, bottom - 1))
      --bottom;

   // Each row need only be looked at outside the columns that are known to differ.
   int32_t left = area.x + area.width, right = area.x;
   for (int32_t y = top; y < bottom; ++y) {
      const Pixel *a = before.row<Pixel>(y), *b = after.row<Pixel>(y);
      int32_t x = area.x;
      while (x < left && a[x] == b[x])
         ++x;
      left = std::min(left, x);
      x = area.x + area.width;
      while (x > right && a[x - 1] == b[x - 1])
         --x;
      right = std::max(right, x);
   }
   return {left, top, right - left, bottom - top};
}

template <class Pixel>
changes changes_between(const pixel_plane &before, const pixel_plane &after, int32_t width, int32_t height,
                        const rectangle &area) {
   changes found;
   found.squares = differing_squares<Pixel>(before, after, width, height, area);
   found.area = differing<Pixel>(before, after, bounds_of(found.squares, width, height));
   return found;
}

// Are pixels of two pictures the same where their indices are? So it is where one palette grew out of the
// other.
bool indices_tell(const picture &a, const picture &b) {
   if (!a.indexed() || !b.indexed())
      return false;
   const int32_t shared = std::min(a.indexed()->colours, b.indexed()->colours);
   return shared > 0 &&
          std::memcmp(a.indexed()->palette.row<uint32_t>(0), b.indexed()->palette.row<uint32_t>(0),
                      static_cast<std::size_t>(shared) * sizeof(uint32_t)) == 0;
}

// No colour of its palette lets anything through.
bool has_opaque_palette(const picture &shown) {
   if (!shown.indexed() || shown.indexed()->colours == 0)
      return false;
   const auto *colours = shown.indexed()->palette.row<uint32_t>(0);
   return std::all_of(colours, colours + shown.indexed()->colours,
                      [](uint32_t colour) { return colour >> 24 == 255; });
}

} // namespace

changes changes_between(const picture &before, const picture &after, const rectangle &area) {
   if (indices_tell(before, after))
      return changes_between<uint8_t>(before.indexed()->indices, after.indexed()->indices, after.width,
                                      after.height, area);
   return changes_between<uint32_t>(before.rgba(), after.rgba(), after.width, after.height, area);
}

std::vector<int32_t> changed_rows(const picture &before, const picture &after, const rectangle &area) {
   return indices_tell(before, after)
              ? changed_rows<uint8_t>(before.indexed()->indices, after.indexed()->indices, area)
              : changed_rows<uint32_t>(before.rgba(), after.rgba(), area);
}

bool is_opaque(const picture &shown, const rectangle &area) {
   if (has_opaque_palette(shown))
      return true;
   std::vector<uint32_t> expanded(shown.indexed() ? static_cast<std::size_t>(shown.width) : 0);
   for (int32_t y = area.y; y < area.y + area.height; ++y) {
      if (shown.indexed())
         expand_row(*shown.indexed(), y, shown.width, expanded.data());
      const uint32_t *row = (shown.indexed() ? expanded.data() : shown.rgba().row<uint32_t>(y)) + area.x;
      uint32_t all = ~uint32_t{0};
      for (int32_t x = 0; x < area.width; ++x)
         all &= row[x];
      if (all >> 24 != 255)
         return false;
   }
   return true;
}

} // namespace giflab::media
