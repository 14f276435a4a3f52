#include "media/picture.hpp"

#define XXH_STATIC_LINKING_ONLY // for a hash state on the stack
#include <xxhash.h>

#include <algorithm>

namespace giflab::media {

namespace {

constexpr std::size_t row_alignment = 64;

} // namespace

rectangle united(const rectangle &a, const rectangle &b) {
   if (a.empty())
      return b.empty() ? rectangle{} : b;
   if (b.empty())
      return a;
   const int32_t left = std::min(a.x, b.x), top = std::min(a.y, b.y);
   const int32_t right = std::max(a.x + a.width, b.x + b.width);
   const int32_t bottom = std::max(a.y + a.height, b.y + b.height);
   return {left, top, right - left, bottom - top};
}

pixel_plane make_plane(services::block_pool &pool, std::size_t row_bytes, int32_t height) {
   const std::size_t stride = (row_bytes + row_alignment - 1) / row_alignment * row_alignment;
   return {pool.acquire(stride * static_cast<std::size_t>(height)), stride};
}

uint64_t content_id(const pixel_plane &rgba, int32_t width, int32_t height) {
   XXH3_state_t state;
   XXH3_INITSTATE(&state); // the reset below reads a field of it
   XXH3_128bits_reset(&state);
   XXH3_128bits_update(&state, &width, sizeof width);
   XXH3_128bits_update(&state, &height, sizeof height);
   const std::size_t row_bytes = static_cast<std::size_t>(width) * 4;
   if (row_bytes == rgba.stride) {
      XXH3_128bits_update(&state, rgba.row<uint8_t>(0), row_bytes * static_cast<std::size_t>(height));
   } else {
      for (int32_t y = 0; y < height; ++y)
         XXH3_128bits_update(&state, rgba.row<uint8_t>(y), row_bytes);
   }
   const XXH128_hash_t hash = XXH3_128bits_digest(&state);
   const uint64_t folded = hash.low64 ^ hash.high64;
   return folded != 0 ? folded : 1;
}

} // namespace giflab::media
