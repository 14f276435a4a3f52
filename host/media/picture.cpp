#include "media/picture.hpp"

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

void row_hashes::read(const pixel_plane &rgba, int32_t width, int32_t first, int32_t count) {
   const std::size_t row_bytes = static_cast<std::size_t>(width) * 4;
   for (int32_t y = first; y < first + count; ++y) {
      const XXH128_hash_t hash = XXH3_128bits(rgba.row<uint8_t>(y), row_bytes);
      rows_[static_cast<std::size_t>(y)] = {hash.low64, hash.high64};
   }
}

uint64_t row_hashes::content_id(int32_t width) const {
   const XXH128_hash_t hash =
       XXH3_128bits_withSeed(rows_.data(), rows_.size() * sizeof rows_[0], static_cast<uint64_t>(width));
   const uint64_t folded = hash.low64 ^ hash.high64;
   return folded != 0 ? folded : 1;
}

uint64_t content_id(const pixel_plane &rgba, int32_t width, int32_t height) {
   row_hashes rows(height);
   rows.read(rgba, width, 0, height);
   return rows.content_id(width);
}

} // namespace giflab::media
