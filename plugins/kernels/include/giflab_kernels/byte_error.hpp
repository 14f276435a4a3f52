#pragma once
// Sums of squared and absolute differences of bytes.

#include <giflab_kernels/plane.hpp>

namespace giflab::kernels {

struct byte_error {
   uint64_t squared = 0;
   uint64_t absolute = 0;

   byte_error &operator+=(const byte_error &other) {
      squared += other.squared;
      absolute += other.absolute;
      return *this;
   }
   byte_error &operator-=(const byte_error &other) {
      squared -= other.squared;
      absolute -= other.absolute;
      return *this;
   }
};

// Adds the differences of rows [first_row, first_row + rows) of two planes of `row_bytes` bytes a row to
// `sums`. Integers throughout: the same bits from either twin. Sums overflow beyond 2^48 bytes. [any thread]
void add_byte_error(plane<uint8_t> a, plane<uint8_t> b, size_t row_bytes, int64_t first_row, int64_t rows,
                    byte_error &sums, arithmetic choice);

} // namespace giflab::kernels
