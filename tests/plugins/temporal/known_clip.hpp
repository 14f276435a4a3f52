#pragma once
// A clip whose values an independent program (numpy) computed from the formulas in plugins/temporal/README.md.

#include "clips.hpp"

namespace giflab::test {

inline constexpr int32_t known_width = 37, known_height = 23;
inline constexpr int known_frames = 4;

// Flat and still at the left, a moving slope with noise at the right.
inline int known_reference(int32_t x, int32_t y, int32_t c, int t) {
   const int64_t i = ((int64_t{t} * known_height + y) * known_width + x) * 3 + c;
   return x < 24 ? 200 - 10 * c : (7 * x + 5 * y + 40 * t + noise(1, i) % 32) % 256;
}

// The same under noise of -8 to 8.
inline int known_distorted(int32_t x, int32_t y, int32_t c, int t) {
   const int64_t i = ((int64_t{t} * known_height + y) * known_width + x) * 3 + c;
   return std::clamp(known_reference(x, y, c, t) + noise(2, i) % 17 - 8, 0, 255);
}

inline fake_clip known_clip(const clip_layout &layout = {}) {
   return {pictures_of(known_width, known_height, known_frames, known_reference),
           pictures_of(known_width, known_height, known_frames, known_distorted), layout};
}

} // namespace giflab::test
