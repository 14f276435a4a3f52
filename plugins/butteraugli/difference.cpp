#include "difference.hpp"

#include "difference_scalar.hpp"
#include "difference_vector.hpp"
#include "picture.hpp"
#include "rows.hpp"

#include <cmath>

namespace giflab::butteraugli {

namespace {

// In a few hundred pixels the strips would take more memory than all planes, and there is no time to be saved.
bool is_plain(int32_t width, int32_t height, kernels::arithmetic choice) {
   const extension whole(width, height);
   return choice == kernels::arithmetic::scalar || int64_t{whole.width} * whole.height < 512 ||
          !best_row_kernels();
}

} // namespace

size_t scratch_bytes(int32_t width, int32_t height, kernels::arithmetic choice) {
   return is_plain(width, height, choice) ? 0 : vector::scratch_bytes(width, height);
}

map_sums measure(const light_pair &pair, const viewing &conditions, std::byte *scratch,
                 const std::function<void()> &pause, kernels::arithmetic choice) {
   return is_plain(pair.width, pair.height, choice) ? scalar::measure(pair, conditions, pause)
                                                    : vector::measure(pair, conditions, scratch, pause);
}

double three_norm(const map_sums &sums, double pixels) {
   return (std::pow(sums.cubes / pixels, 1.0 / 3) + std::pow(sums.sixths / pixels, 1.0 / 6) +
           std::pow(sums.twelfths / pixels, 1.0 / 12)) /
          3;
}

} // namespace giflab::butteraugli
