#include "leftovers.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace giflab::disposal {

namespace {

using byte_plane = kernels::plane<uint8_t>;

constexpr size_t channels = 3;
constexpr int neighbours = 9;

struct picture_size {
   int32_t width, height;
};

// Limits for sums over 3x3 pixels.
struct sum_limits {
   int far, near;
};

// Sums a - b over the three rows around y; a column more at either side repeats the edge.
void add_rows(const byte_plane &a, const byte_plane &b, picture_size size, int32_t y, int16_t *sums) {
   const size_t samples = static_cast<size_t>(size.width) * channels;
   int16_t *inner = sums + channels;
   const uint8_t *a0 = a.row(std::max(0, y - 1)), *a1 = a.row(y), *a2 = a.row(std::min(size.height - 1, y + 1));
   const uint8_t *b0 = b.row(std::max(0, y - 1)), *b1 = b.row(y), *b2 = b.row(std::min(size.height - 1, y + 1));
   for (size_t i = 0; i < samples; ++i)
      inner[i] = static_cast<int16_t>(a0[i] + a1[i] + a2[i] - b0[i] - b1[i] - b2[i]);
   std::copy_n(inner, channels, sums);
   std::copy_n(inner + samples - channels, channels, inner + samples);
}

// Nine times the distance between two neighbourhoods.
int distance_at(const byte_plane &a, const byte_plane &b, picture_size size, int32_t x, int32_t y) {
   const int32_t columns[] = {std::max(0, x - 1), x, std::min(size.width - 1, x + 1)};
   int sum[channels] = {};
   for (int32_t v = y - 1; v <= y + 1; ++v) {
      const int32_t row = std::clamp(v, 0, size.height - 1);
      for (const int32_t u : columns)
         for (size_t c = 0; c < channels; ++c) {
            const size_t i = static_cast<size_t>(u) * channels + c;
            sum[c] += a.row(row)[i] - b.row(row)[i];
         }
   }
   return std::max({std::abs(sum[0]), std::abs(sum[1]), std::abs(sum[2])});
}

bool kept(const moment &now, const moment &before, int32_t x, int32_t y) {
   const size_t i = static_cast<size_t>(x) * channels;
   return std::memcmp(now.distorted.row(y) + i, before.distorted.row(y) + i, channels) == 0;
}

// A pixel that is `off` from the original, which is far.
void explain(const moment &now, std::span<const moment> earlier, picture_size size, int32_t x, int32_t y,
             int off, sum_limits limits, leftover_sums &sums) {
   for (size_t k = 0; k < earlier.size(); ++k) {
      const int from_past = distance_at(now.distorted, earlier[k].reference, size, x, y);
      if (from_past > limits.near || from_past >= off)
         continue;
      ++sums.ghosts;
      sums.stale += k == 0 && kept(now, earlier[0], x, y);
      return;
   }
   for (const moment &then : earlier)
      if (distance_at(now.reference, then.reference, size, x, y) <= limits.near &&
          distance_at(then.distorted, then.reference, size, x, y) <= limits.near) {
         ++sums.lost;
         return;
      }
}

// Of one sample of a row of sums, over its three columns.
int over_columns(const int16_t *sums, size_t i) {
   return std::abs(sums[i] + sums[i + channels] + sums[i + 2 * channels]);
}

int largest_over_columns(const int16_t *sums, size_t samples) {
   int largest = 0;
   for (size_t i = 0; i < samples; ++i)
      largest = std::max(largest, over_columns(sums, i));
   return largest;
}

} // namespace

void add_leftovers(const moment &now, std::span<const moment> earlier, int32_t width, int32_t height,
                   int32_t first, int32_t count, const criteria &limits, std::span<int16_t> scratch,
                   leftover_sums &sums) {
   const picture_size size{width, height};
   const sum_limits scaled{static_cast<int>(limits.far * neighbours),
                           static_cast<int>(limits.near * neighbours)};
   for (int32_t y = first; y < first + count; ++y) {
      add_rows(now.distorted, now.reference, size, y, scratch.data());
      if (largest_over_columns(scratch.data(), static_cast<size_t>(width) * channels) <= scaled.far)
         continue;
      for (int32_t x = 0; x < width; ++x) {
         const size_t i = static_cast<size_t>(x) * channels;
         const int off = std::max({over_columns(scratch.data(), i), over_columns(scratch.data(), i + 1),
                                   over_columns(scratch.data(), i + 2)});
         if (off > scaled.far)
            explain(now, earlier, size, x, y, off, scaled, sums);
      }
   }
}

} // namespace giflab::disposal
