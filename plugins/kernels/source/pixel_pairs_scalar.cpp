#include "scalar.hpp"

namespace giflab::kernels::scalar {

pixel_pairs find_pairs(const uint8_t *first, const uint8_t *second, size_t count, uint32_t *colours1,
                       uint32_t *colours2) {
   const auto colour_at = [](const uint8_t *rgb) {
      return rgb[0] | static_cast<uint32_t>(rgb[1]) << 8 | static_cast<uint32_t>(rgb[2]) << 16;
   };
   for (size_t i = 0; i < count; ++i) {
      colours1[i] = colour_at(first + 3 * i);
      colours2[i] = colour_at(second + 3 * i);
   }
   pixel_pairs found = {};
   for (size_t i = 0; i < count; ++i) {
      const bool ends = i + 1 == count || colours1[i] != colours1[i + 1] || colours2[i] != colours2[i + 1];
      found.differing |= uint64_t{colours1[i] != colours2[i]} << i;
      found.ending |= uint64_t{ends} << i;
   }
   return found;
}

} // namespace giflab::kernels::scalar
