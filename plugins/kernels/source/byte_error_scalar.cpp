#include "scalar.hpp"

#include <cstdlib>

namespace giflab::kernels::scalar {

void add_byte_error(plane<uint8_t> a, plane<uint8_t> b, size_t row_bytes, int64_t first_row, int64_t rows,
                    byte_error &sums) {
   for (int64_t y = first_row; y < first_row + rows; ++y)
      for (size_t x = 0; x < row_bytes; ++x) {
         const int difference = a.row(y)[x] - b.row(y)[x];
         sums.squared += static_cast<uint64_t>(difference * difference);
         sums.absolute += static_cast<uint64_t>(std::abs(difference));
      }
}

} // namespace giflab::kernels::scalar
