#include "media/difference.hpp"

#include <algorithm>
#include <cstring>

namespace giflab::media {

namespace {

constexpr int32_t side = GIFLAB_CHANGED_SIDE;

int32_t squares_along(int32_t length) { return (length + side - 1) / side; }

// Bits in which rows of bytes differ, column by column.
class column_differences {
 public:
   explicit column_differences(std::size_t bytes) : bits_(bytes) {}

   void clear() { std::fill(bits_.begin(), bits_.end(), uint8_t{0}); }
   void add(const uint8_t *a, const uint8_t *b, std::size_t first, std::size_t end) {
      uint8_t *const bits = bits_.data();
      for (std::size_t i = first; i < end; ++i)
         bits[i] = static_cast<uint8_t>(bits[i] | (a[i] ^ b[i]));
   }
   void add(const column_differences &other) {
      for (std::size_t i = 0; i < bits_.size(); ++i)
         bits_[i] |= other.bits_[i];
   }
   bool any(std::size_t first, std::size_t end) const {
      uint8_t all = 0;
      for (std::size_t i = first; i < end; ++i)
         all |= bits_[i];
      return all != 0;
   }
   // Of the bytes that differ; the size, and 0, if none does.
   std::size_t first() const {
      return static_cast<std::size_t>(std::find_if(bits_.begin(), bits_.end(), is_set) - bits_.begin());
   }
   std::size_t end() const {
      return bits_.size() -
             static_cast<std::size_t>(std::find_if(bits_.rbegin(), bits_.rend(), is_set) - bits_.rbegin());
   }

 private:
   static bool is_set(uint8_t byte) { return byte != 0; }

   std::vector<uint8_t> bits_;
};

// One row of squares after the other: rows that are equal memcmp passes over, the others leave their bits.
template <class Pixel>
difference differing(const pixel_plane &before, const pixel_plane &after, int32_t width, int32_t height,
                     const rectangle &area) {
   difference found;
   const int32_t across = squares_along(width);
   found.changed.squares.resize(static_cast<std::size_t>(across) *
                                static_cast<std::size_t>(squares_along(height)));
   if (area.empty())
      return found;
   const auto first = static_cast<std::size_t>(area.x) * sizeof(Pixel);
   const auto end = static_cast<std::size_t>(area.x + area.width) * sizeof(Pixel);
   column_differences whole(static_cast<std::size_t>(width) * sizeof(Pixel)), row = whole;
   for (int32_t top = area.y / side * side; top < area.y + area.height; top += side) {
      const std::size_t known = found.rows.size();
      row.clear();
      for (int32_t y = std::max(top, area.y); y < std::min(top + side, area.y + area.height); ++y) {
         const auto *a = before.row<uint8_t>(y), *b = after.row<uint8_t>(y);
         if (std::memcmp(a + first, b + first, end - first) == 0)
            continue;
         found.rows.push_back(y);
         row.add(a, b, first, end);
      }
      if (found.rows.size() == known)
         continue;
      whole.add(row);
      uint8_t *squares = found.changed.squares.data() + std::ptrdiff_t{top / side} * across;
      for (int32_t column = area.x / side; column < squares_along(area.x + area.width); ++column)
         squares[column] =
             row.any(static_cast<std::size_t>(column * side) * sizeof(Pixel),
                     static_cast<std::size_t>(std::min((column + 1) * side, width)) * sizeof(Pixel));
   }
   if (found.rows.empty())
      return found;
   const auto left = static_cast<int32_t>(whole.first() / sizeof(Pixel));
   const auto right = static_cast<int32_t>((whole.end() - 1) / sizeof(Pixel)) + 1;
   found.changed.area = {left, found.rows.front(), right - left, found.rows.back() + 1 - found.rows.front()};
   return found;
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

difference difference_between(const picture &before, const picture &after, const rectangle &area) {
   return indices_tell(before, after)
              ? differing<uint8_t>(before.indexed()->indices, after.indexed()->indices, after.width,
                                   after.height, area)
              : differing<uint32_t>(before.rgba(), after.rgba(), after.width, after.height, area);
}

bool indices_tell(const picture &a, const picture &b) {
   if (!a.indexed() || !b.indexed())
      return false;
   const int32_t shared = std::min(a.indexed()->colours, b.indexed()->colours);
   return shared > 0 &&
          std::memcmp(a.indexed()->palette.row<uint32_t>(0), b.indexed()->palette.row<uint32_t>(0),
                      static_cast<std::size_t>(shared) * sizeof(uint32_t)) == 0;
}

std::vector<rectangle> areas_of(std::span<const uint8_t> squares, int32_t width, int32_t height) {
   const int32_t across = squares_along(width);
   std::vector<rectangle> areas;
   for (int32_t top = 0; top < height; top += side) {
      const uint8_t *row = squares.data() + std::ptrdiff_t{top / side} * across;
      for (int32_t first = 0, end = 0; first < across; first = end + 1) {
         for (end = first; end < across && row[end]; ++end) {
         }
         if (end > first)
            areas.push_back(
                {first * side, top, std::min(end * side, width) - first * side, std::min(side, height - top)});
      }
   }
   return areas;
}

bool is_opaque(const picture &shown, const rectangle &area) {
   if (has_opaque_palette(shown))
      return true;
   const indexed_pixels *indexed = shown.indexed();
   for (int32_t y = area.y; y < area.y + area.height; ++y) {
      uint32_t all = ~uint32_t{0};
      for (int32_t x = area.x; x < area.x + area.width; ++x)
         all &= indexed ? indexed->palette.row<uint32_t>(0)[indexed->indices.row<uint8_t>(y)[x]]
                        : shown.rgba().row<uint32_t>(y)[x];
      if (all >> 24 != 255)
         return false;
   }
   return true;
}

} // namespace giflab::media
