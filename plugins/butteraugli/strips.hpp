#pragma once
// Memory of a strip of columns, in which the vector twin goes from the top of a picture to its bottom.

#include "constants.hpp"
#include "rows.hpp"

#include <algorithm>
#include <giflab_kernels/portions.hpp>

namespace giflab::butteraugli {

inline constexpr int32_t most_columns = 512;
inline constexpr int32_t rows_at_once = 8;

// Columns of a strip: as few strips as there can be, and nearly equal ones.
inline int32_t strip_columns(int32_t width) {
   const int32_t strips = (width + most_columns - 1) / most_columns;
   return ((width + strips - 1) / strips + most_lanes - 1) / most_lanes * most_lanes;
}

// Columns beyond a strip that a step still has to make right, for all that follows.
inline constexpr int32_t activity_halo = erosion_step;
inline constexpr int32_t fine_halo = activity_halo + mask_reach;
inline constexpr int32_t middle_halo = fine_halo + high_reach;
inline constexpr int32_t low_halo = middle_halo + middle_reach;
inline constexpr int32_t xyb_halo = low_halo + low_reach;
inline constexpr int32_t light_halo = xyb_halo + surroundings_reach;
static_assert(fine_halo >= line_reach);

// How many rows each step is behind the first.
inline constexpr int32_t xyb_lag = surroundings_reach;
inline constexpr int32_t low_lag = xyb_lag + low_reach;
inline constexpr int32_t middle_lag = low_lag + middle_reach;
inline constexpr int32_t fine_lag = middle_lag + high_reach;
inline constexpr int32_t line_lag = fine_lag + line_reach;
inline constexpr int32_t activity_lag = fine_lag + mask_reach;
inline constexpr int32_t map_lag = activity_lag + erosion_step;

// Samples on either side of a picture's edge that blurs read.
inline constexpr int32_t edge_margin = 16;
static_assert(edge_margin >= low_reach && edge_margin >= most_lanes);

// Where rows of a strip lie in memory.
struct strip_layout {
   int32_t margin; // samples before the strip's first column
   size_t pitch;   // samples of a row

   explicit strip_layout(int32_t width) {
      const bool alone = width <= most_columns;
      margin = alone ? edge_margin : 3 * edge_margin;
      const int32_t columns = alone ? width : most_columns + light_halo;
      // An odd number of cache lines, so that rows do not meet in the same few sets.
      const int32_t blocks = (margin + columns + 2 * edge_margin + most_lanes - 1) / most_lanes + 1;
      pitch = static_cast<size_t>(blocks / 2 * 2 + 1) * most_lanes;
   }
};
static_assert(3 * edge_margin >= light_halo);

// Rows of a plane, the last `capacity` of those written. Pointers point at the strip's first column.
class rolling_rows {
 public:
   void place(kernels::portions &from, const strip_layout &layout, int32_t height, int32_t capacity) {
      pitch_ = layout.pitch;
      capacity_ = std::min(height, capacity);
      first_ = from.take<float>(pitch_ * static_cast<size_t>(capacity_));
      if (first_)
         first_ += layout.margin;
   }
   float *row(int32_t y) const { return first_ + pitch_ * static_cast<size_t>(y % capacity_); }

   // Rows `first` and on; `outside` stands for those that a picture of this height does not have.
   void list(int32_t first, int32_t count, int32_t height, const float *outside, const float **rows) const {
      int32_t slot = std::max(first, 0) % capacity_;
      for (int32_t i = 0; i < count; ++i) {
         const bool inside = first + i >= 0 && first + i < height;
         rows[i] = inside ? first_ + pitch_ * static_cast<size_t>(slot) : outside;
         if (inside && ++slot == capacity_)
            slot = 0;
      }
   }

 private:
   float *first_ = nullptr;
   size_t pitch_ = 0;
   int32_t capacity_ = 1;
};

// The rows that a step reads lie from `reach` rows above the first it makes to what was made last.
constexpr int32_t rows_between(int32_t made, int32_t read, int32_t reach) {
   return rows_at_once + read - made + reach;
}

// All that a strip keeps.
struct strip_memory {
   rolling_rows light[2][3], around[2]; // R, G, B of either picture, and blurred
   rolling_rows xyb[carried_count], below_low[carried_count], below_middle[detailed_count];
   rolling_rows middle_x, middle_y, high_x, high_y, ultra_x, ultra_y; // differences along lines
   rolling_rows activity[2], blurred_activity;
   rolling_rows low, detail;            // differences
   rolling_rows blurred[carried_count]; // of the rows at hand
   rolling_rows down;                   // the same in the middle of it: down, not yet across
   rolling_rows line;                   // a row for the moment
   rolling_rows outside;                // a row of zeros, and one of infinities

   strip_layout layout;

   strip_memory(kernels::portions &from, int32_t width, int32_t height) : layout(width) {
      const auto place = [&](rolling_rows &rows, int32_t capacity) {
         rows.place(from, layout, height, capacity);
      };
      for (auto &side : light)
         for (rolling_rows &rows : side)
            place(rows, rows_between(0, xyb_lag, surroundings_reach));
      for (rolling_rows &rows : around)
         place(rows, 3);
      for (rolling_rows &rows : xyb)
         place(rows, rows_between(xyb_lag, low_lag, low_reach));
      for (rolling_rows &rows : below_low)
         place(rows, rows_between(low_lag, middle_lag, middle_reach));
      for (rolling_rows &rows : below_middle)
         place(rows, rows_between(middle_lag, fine_lag, high_reach));
      for (rolling_rows *rows : {&middle_x, &middle_y})
         place(*rows, rows_between(middle_lag, line_lag, line_reach));
      for (rolling_rows *rows : {&high_x, &high_y, &ultra_x, &ultra_y})
         place(*rows, rows_between(fine_lag, line_lag, line_reach));
      for (rolling_rows &rows : activity)
         place(rows, rows_between(fine_lag, activity_lag, mask_reach));
      place(blurred_activity, rows_between(activity_lag, map_lag, erosion_step));
      place(low, rows_between(low_lag, map_lag, 0));
      place(detail, rows_between(middle_lag, map_lag, 0));
      for (rolling_rows &rows : blurred)
         place(rows, rows_at_once);
      place(down, rows_at_once);
      place(line, 1);
      place(outside, 2);
   }
};

} // namespace giflab::butteraugli
