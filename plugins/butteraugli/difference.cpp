#include "difference.hpp"

#include "difference_scalar.hpp"

#include <cmath>

namespace giflab::butteraugli {

size_t scratch_bytes(int32_t, int32_t, kernels::arithmetic) { return 0; }

map_sums measure(const light_pair &pair, const viewing &conditions, std::byte *,
                 const std::function<void()> &pause, kernels::arithmetic) {
   return scalar::measure(pair, conditions, pause);
}

double three_norm(const map_sums &sums, double pixels) {
   return (std::pow(sums.cubes / pixels, 1.0 / 3) + std::pow(sums.sixths / pixels, 1.0 / 6) +
           std::pow(sums.twelfths / pixels, 1.0 / 12)) /
          3;
}

} // namespace giflab::butteraugli
