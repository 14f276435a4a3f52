#include "media/difference.hpp"

#include <algorithm>
#include <cstring>

namespace giflab::media {

namespace {

bool rows_differ(const pixel_plane &a, const pixel_plane &b, const rectangle &area, int32_t y) {
   const std::size_t bytes = static_cast<std::size_t>(area.width) * sizeof(uint32_t);
   return std::memcmp(a.row<uint32_t>(y) + area.x, b.row<uint32_t>(y) + area.x, bytes) != 0;
}

} // namespace

rectangle differing(const pixel_plane &before, const pixel_plane &after, const rectangle &area) {
   if (area.empty())
      return {};
   int32_t top = area.y, bottom = area.y + area.height;
   while (top < bottom && !rows_differ(before, after, area, top))
      ++top;
   if (top == bottom)
      return {};
   while (!rows_differ(before, after, area, bottom - 1))
      --bottom;

   // Each row need only be looked at outside the columns that are known to differ.
   int32_t left = area.x + area.width, right = area.x;
   for (int32_t y = top; y < bottom; ++y) {
      const uint32_t *a = before.row<uint32_t>(y), *b = after.row<uint32_t>(y);
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

bool is_opaque(const pixel_plane &rgba, const rectangle &area) {
   for (int32_t y = area.y; y < area.y + area.height; ++y) {
      const uint8_t *row = rgba.row<uint8_t>(y) + std::size_t{4} * static_cast<std::size_t>(area.x);
      uint8_t all = 255;
      for (int32_t x = 0; x < area.width; ++x)
         all &= row[4 * x + 3];
      if (all != 255)
         return false;
   }
   return true;
}

} // namespace giflab::media
