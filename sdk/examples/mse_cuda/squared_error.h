#pragma once
// The mathematics, once for the processor and the device. Squares of bytes add up in whole numbers, so both
// come to the same bits in whatever order they add.

#include <stdint.h>

#ifdef __CUDACC__
#   define ON_BOTH __host__ __device__
#else
#   define ON_BOTH
#endif

ON_BOTH inline uint32_t squared_error(uint8_t a, uint8_t b) {
   const int32_t difference = int32_t{a} - int32_t{b};
   return static_cast<uint32_t>(difference * difference);
}
