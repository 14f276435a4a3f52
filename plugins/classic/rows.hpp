#pragma once
// Arithmetic on rows of samples. Each function is plain loops, compiled for each set of instructions; sums are
// exact or added up in eight lanes of fixed order, so that no value depends on the machine.

#include <cstddef>
#include <cstdint>

namespace giflab::classic {

// Of all `count` bytes; at most 2^32 of them.
uint64_t squared_differences(const uint8_t *a, const uint8_t *b, size_t count);
uint64_t absolute_differences(const uint8_t *a, const uint8_t *b, size_t count);

// The grey of OpenCV: (9798 R + 19235 G + 3735 B + 2^14) / 2^15.
void gray8(const uint8_t *red, const uint8_t *green, const uint8_t *blue, uint8_t *gray, size_t count);

// How many of `count` have all three above 240, and a sum of absolute differences above 90.
size_t count_bright(const uint8_t *red, const uint8_t *green, const uint8_t *blue, size_t count);
size_t count_changed(const uint8_t *const a[3], const uint8_t *const b[3], size_t count);

// Three neighbouring rows; samples at -1 and `count` are there too.
struct byte_rows {
   const uint8_t *above, *middle, *below;
};

// Sobel gradients and the sum of their absolute values. `|across| + |down|` <= 2040.
void sobel_row(byte_rows rows, int16_t *across, int16_t *down, int32_t *magnitude, size_t count);

// Canny's choice before edges grow: where the gradient is above `low` and longest along its direction, of which
// there are four, `edge` if it is above `high` and else `perhaps`. Lengths at -1 and `count` are there too.
enum : uint8_t { no_edge, edge, perhaps };
struct gradient_rows {
   const int16_t *across, *down;
   const int32_t *above, *here, *below;
};
void mark_ridges(const gradient_rows &rows, int32_t low, int32_t high, uint8_t *marks, size_t count);

// Sums over rows for the gradient metrics of two pictures.
struct gradient_sums {
   double fsim = 0, gms = 0, gms_squared = 0;
   int64_t laplacian[2] = {}, laplacian_squared[2] = {};
};
// What it needs to work in: 6 * count whole numbers and 2 * count real ones.
struct gradient_work {
   int32_t *whole;
   float *real;
};
void add_gradient_row(byte_rows a, byte_rows b, const gradient_work &work, size_t count, gradient_sums &sums);

// Local binary patterns of one row: bit p of pattern[x] says that neighbour p is not below the middle. Rows are
// doubles with samples at -1 and `count`. The fractions are those of the diagonal neighbours: `up`, `down` of
// this row, left[x] and right[x] of each column.
struct double_rows {
   const double *above, *middle, *below;
};
void pattern_row(double_rows rows, double up, double down, const double *left, const double *right,
                 double *pattern, size_t count);

// Sums over windows of 7x7 for SSIM: adds a row of products to the sums of columns, or takes it away.
template <class Sample, class Sum> struct ssim_columns { Sum *a, *b, *aa, *bb, *ab; };
void add_ssim_row(const uint8_t *a, const uint8_t *b, const ssim_columns<uint8_t, int32_t> &columns,
                  size_t count, int32_t sign);
void add_ssim_row(const float *a, const float *b, const ssim_columns<float, double> &columns, size_t count,
                  double sign);
// The sum of SSIM over the count - 6 windows of a row. `work` has 5 * count elements; c1 and c2 are the
// constants.
double ssim_row(const ssim_columns<uint8_t, int32_t> &columns, double c1, double c2, double *work,
                size_t count);
double ssim_row(const ssim_columns<float, double> &columns, double c1, double c2, double *work, size_t count);

// In place: the spectra of the columns of 64 rows of 64 complex numbers, not normalised, row k in place of
// frequency k.
void transform_columns(double (*real)[64], double (*imaginary)[64]);

} // namespace giflab::classic
