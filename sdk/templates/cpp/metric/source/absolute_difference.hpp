#pragma once
// The arithmetic, apart from giflab, so that it can be tested alone.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

// The sum of |a[x] - b[x]|; both have the same length.
inline uint64_t absolute_difference(std::span<const uint8_t> a, std::span<const uint8_t> b) {
   uint64_t sum = 0;
   for (size_t x = 0; x < a.size(); ++x)
      sum += static_cast<uint64_t>(std::abs(a[x] - b[x]));
   return sum;
}
