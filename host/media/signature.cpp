#include "media/signature.hpp"

#include <algorithm>
#include <cstdlib>

namespace giflab::media {

namespace {

// Where a cell's samples lie along one axis.
struct samples {
   std::array<int32_t, signature::samples> places{};
   int32_t count = 0;
};

samples samples_of(int32_t cell, int32_t length) {
   const int32_t first = static_cast<int32_t>(int64_t{cell} * length / signature::cells);
   const int32_t end = static_cast<int32_t>((int64_t{cell} + 1) * length / signature::cells);
   const int32_t extent = std::max(1, end - first);
   samples found;
   found.count = std::min(extent, signature::samples);
   for (int32_t i = 0; i < found.count; ++i)
      found.places[static_cast<std::size_t>(i)] =
          first + static_cast<int32_t>((2 * int64_t{i} + 1) * extent / (2 * found.count));
   return found;
}

void put_mean(const picture &shown, const samples &rows, const samples &columns, uint8_t *to) {
   std::array<uint32_t, 3> sums{};
   for (int32_t r = 0; r < rows.count; ++r) {
      const auto *row = shown.rgba.row<uint8_t>(rows.places[static_cast<std::size_t>(r)]);
      for (int32_t c = 0; c < columns.count; ++c) {
         const uint8_t *pixel =
             row + std::size_t{4} * static_cast<std::size_t>(columns.places[static_cast<std::size_t>(c)]);
         const uint32_t alpha = pixel[3];
         for (std::size_t channel = 0; channel < 3; ++channel)
            sums[channel] += (pixel[channel] * alpha + 255 * (255 - alpha)) / 255;
      }
   }
   const auto count = static_cast<uint32_t>(rows.count * columns.count);
   for (std::size_t channel = 0; channel < 3; ++channel)
      to[channel] = static_cast<uint8_t>((sums[channel] + count / 2) / count);
}

} // namespace

signature signature_of(const picture &shown) {
   std::array<samples, signature::cells> columns;
   for (int32_t cell = 0; cell < signature::cells; ++cell)
      columns[static_cast<std::size_t>(cell)] = samples_of(cell, shown.width);
   signature made;
   uint8_t *to = made.means.data();
   for (int32_t cell = 0; cell < signature::cells; ++cell) {
      const samples rows = samples_of(cell, shown.height);
      for (const samples &across : columns) {
         put_mean(shown, rows, across, to);
         to += 3;
      }
   }
   return made;
}

uint32_t distance(const signature &a, const signature &b) {
   int sum = 0;
   for (std::size_t i = 0; i < a.means.size(); ++i)
      sum += std::abs(a.means[i] - b.means[i]);
   return static_cast<uint32_t>(sum);
}

bool clearly_better(uint32_t better, uint32_t worse) {
   return better <= worse / 2 && worse - better >= 2 * static_cast<uint32_t>(signature::size);
}

} // namespace giflab::media
