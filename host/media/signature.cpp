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

// A pixel over white, as R, G, B.
std::array<uint8_t, 3> over_white(const uint8_t *rgba) {
   std::array<uint8_t, 3> shown{};
   for (std::size_t channel = 0; channel < 3; ++channel)
      shown[channel] = static_cast<uint8_t>((rgba[channel] * rgba[3] + 255 * (255 - rgba[3])) / 255);
   return shown;
}

// Calls body(y, x) for each sample of a cell.
template <class Body> void for_each_sample(const samples &rows, const samples &columns, Body &&body) {
   for (int32_t r = 0; r < rows.count; ++r)
      for (int32_t c = 0; c < columns.count; ++c)
         body(rows.places[static_cast<std::size_t>(r)], columns.places[static_cast<std::size_t>(c)]);
}

// colour_at(y, x) gives R, G, B.
template <class Colour> signature signature_of(const picture &shown, Colour &&colour_at) {
   std::array<samples, signature::cells> columns;
   for (int32_t cell = 0; cell < signature::cells; ++cell)
      columns[static_cast<std::size_t>(cell)] = samples_of(cell, shown.width);
   signature made;
   uint8_t *to = made.means.data();
   for (int32_t cell = 0; cell < signature::cells; ++cell) {
      const samples rows = samples_of(cell, shown.height);
      for (const samples &across : columns) {
         std::array<uint32_t, 3> sums{};
         for_each_sample(rows, across, [&](int32_t y, int32_t x) {
            const std::array<uint8_t, 3> &colour = colour_at(y, x);
            for (std::size_t channel = 0; channel < 3; ++channel)
               sums[channel] += colour[channel];
         });
         const auto count = static_cast<uint32_t>(rows.count * across.count);
         for (std::size_t channel = 0; channel < 3; ++channel)
            *to++ = static_cast<uint8_t>((sums[channel] + count / 2) / count);
      }
   }
   return made;
}

} // namespace

signature signature_of(const picture &shown) {
   if (!shown.indexed())
      return signature_of(shown, [&](int32_t y, int32_t x) {
         return over_white(shown.rgba().row<uint8_t>(y) + std::ptrdiff_t{4} * x);
      });
   std::array<std::array<uint8_t, 3>, 256> colours;
   for (std::size_t i = 0; i < colours.size(); ++i)
      colours[i] = over_white(shown.indexed()->palette.row<uint8_t>(0) + 4 * i);
   return signature_of(shown, [&](int32_t y, int32_t x) -> const std::array<uint8_t, 3> & {
      return colours[shown.indexed()->indices.row<uint8_t>(y)[x]];
   });
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
