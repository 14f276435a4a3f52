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

void expand_row(const indexed_pixels &from, int32_t y, int32_t width, uint32_t *to) {
   const auto *indices = from.indices.row<uint8_t>(y);
   const auto *colours = from.palette.row<uint32_t>(0);
   for (int32_t x = 0; x < width; ++x)
      to[x] = colours[indices[x]];
}

const pixel_plane &picture::rgba() const {
   if (indexed_)
      std::call_once(expanded_, [&] {
         if (rgba_.memory)
            return;
         pixel_plane made = make_plane(*pool_, static_cast<std::size_t>(width) * 4, height);
         for (int32_t y = 0; y < height; ++y)
            expand_row(*indexed_, y, width, made.row<uint32_t>(y));
         rgba_ = std::move(made);
      });
   return rgba_;
}

void row_hashes::read(const picture &shown, int32_t y) {
   const uint32_t *row = nullptr;
   if (shown.indexed()) {
      expanded_.resize(static_cast<std::size_t>(shown.width));
      expand_row(*shown.indexed(), y, shown.width, expanded_.data());
      row = expanded_.data();
   } else {
      row = shown.rgba().row<uint32_t>(y);
   }
   const XXH128_hash_t hash = XXH3_128bits(row, static_cast<std::size_t>(shown.width) * sizeof(uint32_t));
   rows_[static_cast<std::size_t>(y)] = {hash.low64, hash.high64};
}

uint64_t row_hashes::content_id(int32_t width) const {
   const XXH128_hash_t hash =
       XXH3_128bits_withSeed(rows_.data(), rows_.size() * sizeof rows_[0], static_cast<uint64_t>(width));
   const uint64_t folded = hash.low64 ^ hash.high64;
   return folded != 0 ? folded : 1;
}

uint64_t content_id(const picture &shown) {
   row_hashes rows(shown.height);
   for (int32_t y = 0; y < shown.height; ++y)
      rows.read(shown, y);
   return rows.content_id(shown.width);
}

} // namespace giflab::media
