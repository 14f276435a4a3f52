#pragma once
// How much one file may ask for. Files are untrusted: a header of 30 bytes can claim four gigapixels.

#include <cstdint>

namespace giflab::media {

struct limits {
   int64_t max_pixels = int64_t{1} << 26; // of one picture
   int64_t max_frames = 100'000;          // of one file
   int64_t max_bytes = int64_t{1} << 30;  // of one file
};

} // namespace giflab::media
