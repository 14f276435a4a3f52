#pragma once
// The arithmetic, apart from giflab, so that it can be tested alone.

#include <stdint.h>
#include <stdlib.h>

// The sum of |a[x] - b[x]| over `count` samples.
static inline uint64_t absolute_difference(const uint8_t *a, const uint8_t *b, int32_t count) {
   uint64_t sum = 0;
   for (int32_t x = 0; x < count; ++x)
      sum += (uint64_t)abs(a[x] - b[x]);
   return sum;
}
