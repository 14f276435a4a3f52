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

// R, G and B, 16 bits each, so that one addition adds all: a cell's samples sum up to at most 64 * 255.
using three_sums = uint64_t;
constexpr std::size_t sum_bits = 16;

// A pixel over white.
three_sums over_white(const uint8_t *rgba) {
   three_sums shown = 0;
   for (std::size_t channel = 0; channel < 3; ++channel)
      shown |= static_cast<three_sums>((rgba[channel] * rgba[3] + 255 * (255 - rgba[3])) / 255)
               << (sum_bits * channel);
   return shown;
}

// A run of cells along one axis.
struct cell_range {
   std::size_t first = 0, end = signature::cells;
};

using all_samples = std::array<samples, signature::cells>;

all_samples all_samples_of(int32_t length) {
   all_samples found;
   for (int32_t cell = 0; cell < signature::cells; ++cell)
      found[static_cast<std::size_t>(cell)] = samples_of(cell, length);
   return found;
}

// The cells that have a sample in [start, start + length). Both ends of cells only ever grow.
cell_range touched(const all_samples &along, int32_t start, int32_t length) {
   cell_range found{signature::cells, 0};
   for (std::size_t cell = 0; cell < along.size(); ++cell) {
      const samples &each = along[cell];
      if (each.places[0] < start + length && each.places[static_cast<std::size_t>(each.count - 1)] >= start)
         found = {std::min(found.first, cell), cell + 1};
   }
   return found;
}

// pixels_of(y) gives a function of x, which gives a pixel over white.
template <class Pixels>
void look_at(const picture &shown, const rectangle &area, signature &made, Pixels &&pixels_of) {
   const all_samples rows = all_samples_of(shown.height), columns = all_samples_of(shown.width);
   const cell_range down = touched(rows, area.y, area.height), across = touched(columns, area.x, area.width);
   for (std::size_t row = down.first; row < down.end; ++row) {
      std::array<three_sums, signature::cells> sums{};
      for (std::size_t i = 0; i < static_cast<std::size_t>(rows[row].count); ++i) {
         const auto colour_at = pixels_of(rows[row].places[i]);
         for (std::size_t cell = across.first; cell < across.end; ++cell)
            for (std::size_t j = 0; j < static_cast<std::size_t>(columns[cell].count); ++j)
               sums[cell] += colour_at(columns[cell].places[j]);
      }
      for (std::size_t cell = across.first; cell < across.end; ++cell) {
         const auto count = static_cast<uint32_t>(rows[row].count * columns[cell].count);
         uint8_t *const to = made.means.data() + 3 * (row * signature::cells + cell);
         for (std::size_t channel = 0; channel < 3; ++channel) {
            const auto sum = static_cast<uint16_t>(sums[cell] >> (sum_bits * channel));
            to[channel] = static_cast<uint8_t>((sum + count / 2) / count);
         }
      }
   }
}

void look_at(const picture &shown, const rectangle &area, signature &made) {
   if (!shown.indexed())
      return look_at(shown, area, made, [&](int32_t y) {
         const auto *row = shown.rgba().row<uint8_t>(y);
         return [row](int32_t x) { return over_white(row + std::ptrdiff_t{4} * x); };
      });
   std::array<three_sums, 256> colours;
   for (std::size_t i = 0; i < colours.size(); ++i)
      colours[i] = over_white(shown.indexed()->palette.row<uint8_t>(0) + 4 * i);
   look_at(shown, area, made, [&](int32_t y) {
      const auto *row = shown.indexed()->indices.row<uint8_t>(y);
      return [row, &colours](int32_t x) { return colours[row[x]]; };
   });
}

} // namespace

signature signature_of(const picture &shown) {
   signature made;
   look_at(shown, {0, 0, shown.width, shown.height}, made);
   return made;
}

signature signature_of(const picture &shown, const signature &before) {
   signature made = before;
   if (!shown.changed.area.empty())
      look_at(shown, shown.changed.area, made);
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
