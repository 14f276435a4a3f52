#pragma once
// What the vector twin does to single rows. Every function takes `count` samples from where its pointers point,
// in whole vectors: rows have room for the rest of the last one, which means nothing.

#include "difference.hpp"

namespace giflab::butteraugli {

inline constexpr int32_t most_lanes = 16; // floats of a vector

// Planes that are carried from band to band. Of B only the difference counts, and every step that B takes is
// linear.
enum carried { x_reference, y_reference, x_distorted, y_distorted, b_difference };
inline constexpr size_t carried_count = 5;
inline constexpr size_t detailed_count = 4; // all but B have fine bands

struct seeing_rows {
   const float *light[2][3], *around[2][3]; // of the reference, of the distorted picture; R, G, B
   float *xyb[carried_count];
};

struct low_rows {
   const float *xyb[carried_count], *blurred[carried_count];
   float *rest[carried_count]; // xyb less blurred
   float *difference;          // of the low band
};

// How the difference of two values of a band becomes that which is summed along lines.
struct line_scale {
   float both_ways, one_way, norm;
};
// How the square of a difference counts in the high band.
struct square_scale {
   float both_ways, one_way;
};
struct scales {
   line_scale middle_x, middle_y, high_x, high_y, ultra_x, ultra_y;
   square_scale high_x_squares, high_y_squares;
};

struct middle_rows {
   const float *rest[carried_count], *blurred[carried_count];
   float *finer[detailed_count]; // what the middle band leaves
   float *lines_x, *lines_y;     // differences for the line filters
   float *detail;                // set to the squares of the middle band
};

struct high_rows {
   const float *rest[detailed_count], *blurred[detailed_count];
   float *high_x, *high_y, *ultra_x, *ultra_y; // differences for the line filters
   float *activity[2];
   float *detail; // to which the squares of the high band are added
};

struct map_rows {
   const float *activity[3]; // erosion_step rows above, here, as many below
   const float *low, *detail;
   float *map;
};

struct row_kernels {
   // weights[0] * taps[reach] + the sum of weights[i] * (taps[reach - i] + taps[reach + i]), columns [first,
   // last)
   void (*blur)(const float *const *taps, const float *weights, int reach, int32_t first, int32_t last,
                float *result);
   // Means of 2x2; `count` of the result, for which twice as many samples are read, and none beyond.
   void (*halve)(const float *upper, const float *lower, int32_t count, float *result);
   void (*see)(const seeing_rows &rows, float nits, int32_t count);
   void (*split_low)(const low_rows &rows, int32_t count);
   void (*split_middle)(const middle_rows &rows, const scales &by, int32_t count);
   void (*split_high)(const high_rows &rows, const scales &by, int32_t count);
   // Adds to `detail` the squared sums along lines; `rows` are the differences from line_reach rows above on.
   void (*add_dense_lines)(const float *const *rows, int32_t count, float *detail);
   void (*add_sparse_lines)(const float *const *rows, int32_t count, float *detail);
   void (*add_activity)(const float *a, const float *b, int32_t count, float *detail);
   void (*make_map)(const map_rows &rows, int32_t count);
   // Joins the map with `half`, that of the halved pictures; sample 0 of both stand at the same place.
   void (*merge)(const float *half, int32_t count, float *map);
   // Exactly `count` samples are read.
   void (*sum_up)(const float *map, int32_t count, map_sums &sums);
};

// For the best instruction set of this machine; null where the plain twin must do.
const row_kernels *best_row_kernels();

} // namespace giflab::butteraugli
