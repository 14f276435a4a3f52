#pragma once
// The arithmetic, apart from giflab, so that it can be tested alone.

#include <cstddef>
#include <cstdint>
#include <span>

// Writes RGBA pixels with their colours inverted; alpha stays. `to` is as long as `from`.
inline void invert(std::span<const uint8_t> from, std::span<uint8_t> to) {
   for (size_t i = 0; i < from.size(); ++i)
      to[i] = i % 4 == 3 ? from[i] : static_cast<uint8_t>(255 - from[i]);
}
