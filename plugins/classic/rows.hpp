#pragma once
// Arithmetic on rows of samples, in vectors of each set of instructions and in plain loops where there are
// none. Sums are exact or added up in eight lanes of fixed order, so that no value depends on the machine.

#include <cstddef>
#include <cstdint>

namespace giflab::classic {

// Three neighbouring rows; samples at -1 and `count` are there too.
struct byte_rows {
   const uint8_t *above, *middle, *below;
};

// Sobel gradients and the sum of their absolute values, 2040 at most.
void sobel_row(byte_rows rows, int16_t *across, int16_t *down, int16_t *magnitude, size_t count);

// Adds the lengths of gradients, each to 6e-8 of itself, and their squares, exact. `work` has 2 * count
// elements.
struct length_sums {
   double lengths = 0, squares = 0;
};
void add_lengths(const int16_t *across, const int16_t *down, float *work, size_t count, length_sums &sums);

// Canny's choice before edges grow: where the gradient is above `low` (0 at least) and longest along its
// direction, of which there are four, `edge` if it is above `high` and else `perhaps`. Lengths at -1 and
// `count` are there too. Returns all marks of the row, one or'ed with the next.
enum : uint8_t { no_edge, edge, perhaps };
struct gradient_rows {
   const int16_t *across, *down;
   const int16_t *above, *here, *below;
};
uint8_t mark_ridges(const gradient_rows &rows, int16_t low, int16_t high, uint8_t *marks, size_t count);

// Sums over rows for the gradient metrics of two pictures.
struct gradient_sums {
   double fsim = 0, gms = 0, gms_squared = 0;
   int64_t laplacian[2] = {}, laplacian_squared[2] = {};
};
// `work` has 3 * count elements.
void add_gradient_row(byte_rows a, byte_rows b, float *work, size_t count, gradient_sums &sums);

// Means of squares of 2x2 samples: `count` of them, of two rows of twice as many.
void halve_row(const uint8_t *first, const uint8_t *second, float *means, size_t count);
void halve_row(const float *first, const float *second, float *means, size_t count);

// Of each target the weighted sum of the samples 2x, 2x + 1 and 2x + 2, added from left to right; a weight of 0
// leaves its sample unread. `weights` holds `count` of each.
struct three_weights {
   const float *first, *second, *third;
};
void halve_row_by_areas(const uint8_t *samples, const three_weights &weights, float *sums, size_t count);
void halve_row_by_areas(const float *samples, const three_weights &weights, float *sums, size_t count);

// In place: the spectra of the columns of 64 rows of 64 complex numbers, not normalised, row k in place of
// frequency k.
void transform_columns(double (*real)[64], double (*imaginary)[64]);

} // namespace giflab::classic
