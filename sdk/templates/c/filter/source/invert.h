#pragma once
// The arithmetic, apart from giflab, so that it can be tested alone.

#include <stdint.h>

// Writes `count` RGBA pixels with their colours inverted; alpha stays.
static inline void invert(const uint8_t *from, uint8_t *to, int32_t count) {
   for (int32_t x = 0; x < count; ++x, from += 4, to += 4) {
      to[0] = (uint8_t)(255 - from[0]);
      to[1] = (uint8_t)(255 - from[1]);
      to[2] = (uint8_t)(255 - from[2]);
      to[3] = from[3];
   }
}
