// A library of the author's own, which exports what another library exports too.
#include <stdint.h>

__attribute__((visibility("default"))) uint32_t crc32(uint32_t sum, const uint8_t *bytes, uint32_t count) {
   for (uint32_t i = 0; i < count; ++i)
      sum += bytes[i];
   return sum;
}
