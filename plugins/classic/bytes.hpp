#pragma once
// Sums and counts over bytes, all exact, in vectors of each set of instructions.

#include "clip.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace giflab::classic {

// Of all `count` bytes; at most 2^32 of them.
uint64_t squared_differences(const uint8_t *a, const uint8_t *b, size_t count);
uint64_t absolute_differences(const uint8_t *a, const uint8_t *b, size_t count);
uint64_t sum_of_bytes(const uint8_t *bytes, size_t count);

// The grey of OpenCV: (9798 R + 19235 G + 3735 B + 2^14) / 2^15.
void gray8(const uint8_t *red, const uint8_t *green, const uint8_t *blue, uint8_t *gray, size_t count);
// OpenCV's grey of floats, cut off: a multiplication fused with an addition keeps it from being one below.
void truncated_gray(const uint8_t *red, const uint8_t *green, const uint8_t *blue, uint8_t *gray, size_t count);

// How many of `count` have all three above 240, how many are above 25, and how many have a sum of absolute
// differences above 90.
size_t count_bright(const uint8_t *red, const uint8_t *green, const uint8_t *blue, size_t count);
size_t count_above_25(const uint8_t *gray, size_t count);
size_t count_changed(const uint8_t *const a[3], const uint8_t *const b[3], size_t count);

// How many bytes there are in each of 32 ranges of 8 values.
std::array<uint32_t, 32> histogram_of_32(const uint8_t *bytes, size_t count);

// Bit i of marks[i / 64]: do the colours in place i differ? Bits from `count` on are 0.
void mark_differences(const uint8_t *const a[3], const uint8_t *const b[3], size_t count, uint64_t *marks);

// Changes of colour between a and b, as rgb_key. Of places that change alike some may be counted together:
// `weight` is twice their number, and one more for each that has bit i of `weights` set. Returns how many
// changes were written: at most `count`, for which `changes` has room.
struct colour_change {
   uint32_t from, to, weight;
};
size_t list_changes(const uint8_t *const a[3], const uint8_t *const b[3], const uint64_t *weights, size_t count,
                    colour_change *changes);

// Bit i of marks[i / 64]: is byte i 1? Bits from `count` on are 0.
void mark_ones(const uint8_t *bytes, size_t count, uint64_t *marks);

// The colours of palette indices: a palette has 256 entries, and `transparent` (-1: none) leaves a place as it
// is.
struct palette_planes {
   const uint8_t *red, *green, *blue;
};
struct colour_rows {
   uint8_t *red, *green, *blue;
};
void show_indices(const uint8_t *indices, const palette_planes &palette, int32_t transparent,
                  const colour_rows &to, size_t count);

// Sums of a row of samples: adds to plain[i] the samples 8i to 8i + 7, to squared[i] the squares of 2i and 2i
// + 1. What does not fill eight is left out.
void add_short_sums(const uint8_t *row, size_t count, uint64_t *plain, int32_t *squared);
void add_sums_of_eight(const uint8_t *row, size_t count, uint64_t *plain);

// n^2 times the variance over time of each of `count` places, of which rows[i] holds the samples at time i < n;
// n is 30 at most.
void spread_over_time(const uint8_t *const *rows, size_t n, size_t count, int32_t *spread);

// The sum of (sample - middle)^2 as numpy adds floats of 32 bits.
float numpy_sum_of_squares(const uint8_t *samples, size_t count, float middle);

} // namespace giflab::classic
