#include "scalar.hpp"

#include <algorithm>
#include <cmath>

namespace giflab::kernels::scalar {

void add_weighted(const float *values, const uint32_t *counts, size_t size, weighted_totals &totals) {
   for (size_t i = 0; i < size; ++i) {
      totals.sum += static_cast<uint64_t>(std::nearbyint(values[i] / total_unit)) * counts[i];
      totals.pixels += counts[i];
      totals.max = std::max(totals.max, values[i]);
      for (size_t j = 0; j < totals.over.size(); ++j)
         totals.over[j] += values[i] > weighted_totals::thresholds[j] ? counts[i] : 0;
   }
}

} // namespace giflab::kernels::scalar
