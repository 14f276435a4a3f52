#pragma once
// Sums over windows of 7x7 for SSIM, row by row, in vectors of each set of instructions.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace giflab::classic {

// Sums of columns over the last seven rows: of a, of b, of a^2 + b^2 and of 2 a b. Sums of bytes are exact.
template <class Sum, class Product> struct ssim_columns {
   Sum *a, *b;
   Product *squared, *crossed;
};
using ssim_byte_columns = ssim_columns<uint16_t, int32_t>;
using ssim_float_columns = ssim_columns<double, double>;

// Two rows of `count` samples, or none.
template <class Sample> struct row_pair { const Sample *a = nullptr, *b = nullptr; };

// Adds a row to the sums and takes away that of seven rows before, if there is one.
void move_columns(row_pair<uint8_t> added, row_pair<uint8_t> removed, const ssim_byte_columns &columns,
                  size_t count);
void move_columns(row_pair<float> added, row_pair<float> removed, const ssim_float_columns &columns,
                  size_t count);

// The sum of SSIM (sample covariance) over the count - 6 windows of a row; `count` is 7 at least. `work` has
// `count` elements; c1 and c2 are the constants.
double ssim_row(const ssim_byte_columns &columns, double c1, double c2, double *work, size_t count);
double ssim_row(const ssim_float_columns &columns, double c1, double c2, double *work, size_t count);

} // namespace giflab::classic
