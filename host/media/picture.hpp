#pragma once
// A decoded picture: what every reader hands on, whatever the file was.

#include "services/block_pool.hpp"

#include <giflab/frame.h>

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

namespace giflab::media {

struct rectangle {
   int32_t x = 0, y = 0, width = 0, height = 0;

   bool empty() const { return width <= 0 || height <= 0; }
   bool operator==(const rectangle &) const = default;
};

// The smallest rectangle that holds both; an empty one holds nothing.
rectangle united(const rectangle &a, const rectangle &b);

// What differs from the picture before.
struct changes {
   rectangle area;               // the smallest that holds it all; empty if nothing differs
   std::vector<uint8_t> squares; // as in giflab_image; empty where no more than the rectangle is known

   const uint8_t *squares_or_null() const { return squares.empty() ? nullptr : squares.data(); }
};

// Rows of pixels: 64-byte aligned, stride a multiple of 64.
struct pixel_plane {
   services::block memory;
   std::size_t stride = 0;

   template <class T> T *row(int32_t y) const {
      return reinterpret_cast<T *>(memory.data() + static_cast<std::size_t>(y) * stride);
   }
};

// A plane of `height` rows of `row_bytes`.
pixel_plane make_plane(services::block_pool &pool, std::size_t row_bytes, int32_t height);

// A canvas of at most 256 colours, by palette index.
struct indexed_pixels {
   pixel_plane indices; // one byte a pixel
   pixel_plane palette; // one row of 256 RGBA8 colours
   int32_t colours = 0; // so many of them, the first, are all different, and no other is used; 0 if unknown

   // No index is as large.
   std::size_t met() const { return colours > 0 ? static_cast<std::size_t>(colours) : 256; }
};

// What there is to know of a picture beside its pixels.
struct picture_facts {
   int32_t width = 0, height = 0;
   int64_t index = 0; // in its file
   int64_t start_us = 0, duration_us = 0;
   uint64_t content = 0; // content_id of the RGBA8 pixels
   changes changed;      // against the picture before it in the file; the whole for the first
};

// Immutable once made. Straight alpha, sRGB.
class picture : public picture_facts {
 public:
   // 4 bytes a pixel. Those of an indexed picture are made when somebody asks for the first time; any thread
   // may. Throws std::bad_alloc.
   const pixel_plane &rgba() const;

   // Pixels are given in one of these ways, or in both: a plane of `height` rows of `width` RGBA8 pixels;
   void give(pixel_plane rgba) { rgba_ = std::move(rgba); }
   // indices, with the pool that RGBA8 pixels will come from.
   void give(indexed_pixels pixels, const services::block_pool &pool) {
      indexed_ = std::move(pixels);
      pool_ = pool;
   }

   // Null where there are more than 256 colours, or a file that knows no indices.
   const indexed_pixels *indexed() const { return indexed_ ? &*indexed_ : nullptr; }

 private:
   std::optional<indexed_pixels> indexed_;
   mutable std::optional<services::block_pool> pool_;
   mutable std::once_flag expanded_;
   mutable pixel_plane rgba_;
};
using picture_pointer = std::shared_ptr<const picture>;

// Hashes of a picture's rows, from which its content id is made: where few rows changed, few are read again.
class row_hashes {
 public:
   explicit row_hashes(int32_t rows) : rows_(static_cast<std::size_t>(rows)) {}

   // These rows have changed.
   void read(const picture &shown, std::span<const int32_t> rows);

   void read_all(const picture &shown);

   // XXH3-128 over the width and the rows' own XXH3-128, folded to 64 bits; never 0.
   uint64_t content_id(int32_t width) const;

 private:
   std::vector<std::array<uint64_t, 2>> rows_;
   std::vector<uint32_t> expanded_; // of an indexed picture
};

// Of all rows.
uint64_t content_id(const picture &shown);

} // namespace giflab::media
