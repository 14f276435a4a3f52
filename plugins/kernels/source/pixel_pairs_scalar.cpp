#include "scalar.hpp"

namespace giflab::kernels::scalar {

void find_pairs(const uint8_t *first, const uint8_t *second, size_t count, pixel_pairs &found) {
   const auto colour_at = [](const uint8_t *rgb) {
      return rgb[0] | static_cast<uint32_t>(rgb[1]) << 8 | static_cast<uint32_t>(rgb[2]) << 16;
   };
   for (size_t i = 0; i < count; ++i) {
      found.first[i] = colour_at(first + 3 * i);
      found.second[i] = colour_at(second + 3 * i);
   }
   found.differing = found.ending = 0;
   for (size_t i = 0; i < count; ++i) {
      const bool ends =
          i + 1 == count || found.first[i] != found.first[i + 1] || found.second[i] != found.second[i + 1];
      found.differing |= uint64_t{found.first[i] != found.second[i]} << i;
      found.ending |= uint64_t{ends} << i;
   }
}

} // namespace giflab::kernels::scalar
