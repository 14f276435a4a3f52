#pragma once
// How much one file or plugin may ask for. Files are untrusted: a header of 30 bytes can claim four gigapixels.

#include <cstdint>

namespace giflab::media {

struct limits {
   int64_t max_pixels = int64_t{1} << 26; // of one picture
   int64_t max_frames = 100'000;          // of one file
   int64_t max_bytes = int64_t{1} << 30;  // of one file
};

// When pictures end at the latest: max_frames of GIF's longest delay.
inline constexpr int64_t latest_end_us = int64_t{100'000} * 655'350'000;

} // namespace giflab::media
