#include "media/picture.hpp"

#include "media/byte_tables.hpp"

#ifdef GIFLAB_XXHASH_DISPATCHES
#   include <xxh_x86dispatch.h> // XXH3 as wide as the processor, not as the compiler's target
#else
#   include <xxhash.h>
#endif

#include <algorithm>
#include <numeric>

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

const pixel_plane &picture::rgba() const {
   if (indexed_)
      std::call_once(expanded_, [&] {
         if (rgba_.memory)
            return;
         pixel_plane made = make_plane(*pool_, static_cast<std::size_t>(width) * 4, height);
         const word_table colours(indexed_->palette.row<uint32_t>(0), indexed_->met());
         for (int32_t y = 0; y < height; ++y)
            look_up(colours, indexed_->indices.row<uint8_t>(y), static_cast<std::size_t>(width),
                    made.row<uint32_t>(y));
         rgba_ = std::move(made);
      });
   return rgba_;
}

void row_hashes::read(const picture &shown, std::span<const int32_t> rows) {
   const auto width = static_cast<std::size_t>(shown.width);
   const auto keep = [&](int32_t y, const uint32_t *row) {
      const XXH128_hash_t hash = XXH3_128bits(row, width * sizeof(uint32_t));
      rows_[static_cast<std::size_t>(y)] = {hash.low64, hash.high64};
   };
   if (!shown.indexed()) {
      for (const int32_t y : rows)
         keep(y, shown.rgba().row<uint32_t>(y));
      return;
   }
   const word_table colours(shown.indexed()->palette.row<uint32_t>(0), shown.indexed()->met());
   expanded_.resize(width);
   for (const int32_t y : rows) {
      look_up(colours, shown.indexed()->indices.row<uint8_t>(y), width, expanded_.data());
      keep(y, expanded_.data());
   }
}

void row_hashes::read_all(const picture &shown) {
   std::vector<int32_t> rows(rows_.size());
   std::iota(rows.begin(), rows.end(), 0);
   read(shown, rows);
}

uint64_t row_hashes::content_id(int32_t width) const {
   const XXH128_hash_t hash =
       XXH3_128bits_withSeed(rows_.data(), rows_.size() * sizeof rows_[0], static_cast<uint64_t>(width));
   const uint64_t folded = hash.low64 ^ hash.high64;
   return folded != 0 ? folded : 1;
}

uint64_t content_id(const picture &shown) {
   row_hashes rows(shown.height);
   rows.read_all(shown);
   return rows.content_id(shown.width);
}

} // namespace giflab::media
