#include "change.hpp"

#include <algorithm>
#include <cstdlib>

namespace giflab::temporal {

rectangle with_changes(const rectangle &area, const giflab_image &image) {
   const rectangle changed{image.changed_x, image.changed_y, image.changed_width, image.changed_height};
   if (changed.width == 0 || changed.height == 0)
      return area;
   if (area.width == 0 || area.height == 0)
      return changed;
   const int32_t left = std::min(area.x, changed.x), top = std::min(area.y, changed.y);
   const int32_t right = std::max(area.x + area.width, changed.x + changed.width);
   const int32_t bottom = std::max(area.y + area.height, changed.y + changed.height);
   return {left, top, right - left, bottom - top};
}

namespace {

constexpr size_t channels = 3;

int excess_of(uint8_t reference_before, uint8_t reference, uint8_t distorted_before, uint8_t distorted) {
   return std::max(0, std::abs(distorted - distorted_before) - std::abs(reference - reference_before));
}

// Sums of this many samples fit 32 bits, in which compilers make better vectors.
constexpr size_t most_samples = 1 << 20;

void add_run(const uint8_t *reference_before, const uint8_t *reference, const uint8_t *distorted_before,
             const uint8_t *distorted, size_t samples, change_sums &sums) {
   uint32_t difference = 0, excess = 0;
   for (size_t i = 0; i < samples; ++i) {
      const int added = (distorted[i] - distorted_before[i]) - (reference[i] - reference_before[i]);
      difference += static_cast<uint32_t>(std::abs(added));
      excess += static_cast<uint32_t>(
          excess_of(reference_before[i], reference[i], distorted_before[i], distorted[i]));
   }
   sums.difference += difference;
   sums.excess += excess;
}

} // namespace

void add_change(const moments &of, const rectangle &area, change_sums &sums) {
   const size_t end = static_cast<size_t>(area.x + area.width) * channels;
   for (int32_t y = area.y; y < area.y + area.height; ++y)
      for (size_t i = static_cast<size_t>(area.x) * channels; i < end; i += most_samples)
         add_run(of.reference_before.row(y) + i, of.reference.row(y) + i, of.distorted_before.row(y) + i,
                 of.distorted.row(y) + i, std::min(most_samples, end - i), sums);
}

// ---- Flat and still

namespace {

// Local restricted pointers, because bytes may alias anything and then nothing becomes a vector.
void add_levels(const uint8_t *__restrict row, size_t samples, const flat_columns &columns) {
   uint16_t *__restrict sum = columns.sum;
   uint32_t *__restrict squares = columns.squares;
   for (size_t i = 0; i < samples; ++i) {
      sum[i] = static_cast<uint16_t>(sum[i] + row[i]);
      squares[i] += static_cast<uint32_t>(row[i]) * row[i];
   }
}

void add_changes(const moments &of, int32_t y, size_t first, size_t end, const flat_columns &columns) {
   const uint8_t *__restrict o_before = of.reference_before.row(y), *__restrict o = of.reference.row(y);
   const uint8_t *__restrict d_before = of.distorted_before.row(y), *__restrict d = of.distorted.row(y);
   uint16_t *__restrict excess = columns.excess;
   uint8_t *__restrict largest = columns.change;
   for (size_t i = first; i < end; ++i) {
      const auto change = static_cast<uint8_t>(std::abs(o[i] - o_before[i]));
      largest[i] = std::max(largest[i], change);
      excess[i] = static_cast<uint16_t>(excess[i] + excess_of(o_before[i], o[i], d_before[i], d[i]));
   }
}

// One block: columns [first, end) of samples, `pixels` in all.
void add_block(const flat_columns &columns, size_t first, size_t end, uint64_t pixels,
               const flat_criteria &criteria, flat_sums &sums) {
   uint64_t sum[channels] = {}, squares = 0, excess = 0;
   int change = 0;
   for (size_t i = first; i < end; i += channels)
      for (size_t c = 0; c < channels; ++c) {
         sum[c] += columns.sum[i + c];
         squares += columns.squares[i + c];
         excess += columns.excess[i + c];
         change = std::max<int>(change, columns.change[i + c]);
      }
   // n^2 times the sum of the variances, without rounding.
   const uint64_t scatter = pixels * squares - sum[0] * sum[0] - sum[1] * sum[1] - sum[2] * sum[2];
   const double most = criteria.variance * static_cast<double>(channels * pixels * pixels);
   if (change > criteria.change || static_cast<double>(scatter) > most)
      return;
   sums.samples += pixels * channels;
   sums.excess += excess;
}

} // namespace

void add_flat(const moments &of, int32_t width, int32_t height, const rectangle &changed, int32_t first,
              int32_t count, const flat_criteria &criteria, const flat_columns &columns, flat_sums &sums) {
   const size_t samples = static_cast<size_t>(width) * channels;
   const size_t changed_first = static_cast<size_t>(changed.x) * channels;
   const size_t changed_end = static_cast<size_t>(changed.x + changed.width) * channels;
   for (int32_t row = first; row < first + count; ++row) {
      std::fill_n(columns.sum, samples, uint16_t{0}), std::fill_n(columns.excess, samples, uint16_t{0});
      std::fill_n(columns.squares, samples, 0u), std::fill_n(columns.change, samples, uint8_t{0});
      const int32_t top = row * flat_block, bottom = std::min(height, top + flat_block);
      for (int32_t y = top; y < bottom; ++y)
         add_levels(of.reference.row(y), samples, columns);
      for (int32_t y = std::max(top, changed.y); y < std::min(bottom, changed.y + changed.height); ++y)
         add_changes(of, y, changed_first, changed_end, columns);
      constexpr size_t step = flat_block * channels;
      for (size_t x = 0; x < samples; x += step) {
         const size_t end = std::min(samples, x + step);
         add_block(columns, x, end, (end - x) / channels * static_cast<size_t>(bottom - top), criteria, sums);
      }
   }
}

} // namespace giflab::temporal
