#include "text_cells.hpp"

#include <algorithm>

namespace giflab::text {

namespace {

constexpr int least_range = 64; // levels between ink and paper
constexpr int least_step = 32;  // levels between neighbours at a stroke's side
constexpr int two_toned = 7;    // tenths of the pixels near either tone

bool looks_drawn(kernels::plane<uint8_t> luma, int32_t left, int32_t top) {
   int darkest = 255, brightest = 0, rising = 0, falling = 0;
   for (int32_t y = top; y < top + cell; ++y) {
      const uint8_t *row = luma.row(y) + left;
      for (int32_t x = 0; x < cell; ++x) {
         darkest = std::min<int>(darkest, row[x]);
         brightest = std::max<int>(brightest, row[x]);
         const int step = x > 0 ? row[x] - row[x - 1] : 0;
         rising += step >= least_step;
         falling += step <= -least_step;
      }
   }
   const int range = brightest - darkest;
   if (range < least_range || rising < fewest_steps || falling < fewest_steps)
      return false;
   int near_a_tone = 0;
   for (int32_t y = top; y < top + cell; ++y)
      for (int32_t x = 0; x < cell; ++x) {
         const int level = luma.row(y)[left + x];
         near_a_tone += level - darkest <= range / 4 || brightest - level <= range / 4;
      }
   return near_a_tone * 10 >= two_toned * cell * cell;
}

} // namespace

void mark_cells(kernels::plane<uint8_t> luma, int32_t y, const cell_grid &grid, std::span<uint8_t> marks) {
   for (int32_t x = 0; x < grid.across; ++x)
      marks[static_cast<size_t>(x)] = looks_drawn(luma, x * cell, y * cell);
}

void drop_lone_cells(std::span<uint8_t> marks) {
   uint8_t before = 0;
   for (size_t i = 0; i < marks.size(); ++i) {
      const uint8_t mark = marks[i];
      const uint8_t after = i + 1 < marks.size() ? marks[i + 1] : 0;
      marks[i] = mark && (before || after);
      before = mark;
   }
}

} // namespace giflab::text
