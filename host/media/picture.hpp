#pragma once
// A decoded picture: what every reader hands on, whatever the file was.

#include "services/block_pool.hpp"

#include <giflab/frame.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace giflab::media {

struct rectangle {
   int32_t x = 0, y = 0, width = 0, height = 0;

   bool empty() const { return width <= 0 || height <= 0; }
   bool operator==(const rectangle &) const = default;
};

// The smallest rectangle that holds both; an empty one holds nothing.
rectangle united(const rectangle &a, const rectangle &b);

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
};

// Immutable once made. Straight alpha, sRGB.
struct picture {
   int32_t width = 0, height = 0;
   int64_t index = 0; // in its file
   int64_t start_us = 0, duration_us = 0;
   uint64_t content = 0; // content_id of the RGBA8 pixels

   // Every pixel outside equals the picture before it in the file; the whole for the first.
   rectangle changed;
   pixel_plane rgba; // 4 bytes a pixel
   std::optional<indexed_pixels> indexed;
};
using picture_pointer = std::shared_ptr<const picture>;

// Hashes of a picture's rows, from which its content id is made: where few rows changed, few are read again.
class row_hashes {
 public:
   explicit row_hashes(int32_t rows) : rows_(static_cast<std::size_t>(rows)) {}

   // Rows [first, first + count) of an RGBA8 plane have changed.
   void read(const pixel_plane &rgba, int32_t width, int32_t first, int32_t count);

   // XXH3-128 over the width and the rows' own XXH3-128, folded to 64 bits; never 0.
   uint64_t content_id(int32_t width) const;

 private:
   std::vector<std::array<uint64_t, 2>> rows_;
};

// Of all rows of an RGBA8 plane.
uint64_t content_id(const pixel_plane &rgba, int32_t width, int32_t height);

} // namespace giflab::media
