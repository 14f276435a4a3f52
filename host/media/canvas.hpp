#pragma once
// What a GIF player has on screen: frames drawn over one another, by colour and, while 256 are enough, by
// index into one palette.

#include "media/gif_records.hpp"
#include "media/picture.hpp"

#include <array>
#include <span>

namespace giflab::media {

// Colours as the four bytes R, G, B, A lie in memory.
using packed_colour = uint32_t;

// One frame's pixels, decoded but not drawn.
struct gif_pixels {
   std::span<const uint8_t> indices; // in the order of the file: interlaced frames by passes
   std::array<packed_colour, 256> colours;
   std::array<bool, 256> used; // which indices appear
};

// Composes pictures. Transparent pixels are 0, 0, 0, 0, so that hidden colours never matter. Keeps the last
// picture, and one before it where a frame asks to be taken back.
class canvas {
 public:
   // The pool must outlive the canvas.
   canvas(int32_t width, int32_t height, services::block_pool &pool)
       : width_(width), height_(height), pool_(&pool), rows_(height) {}

   int32_t width() const { return width_; }
   int32_t height() const { return height_; }

   // The part of a frame's area that lies on the canvas.
   rectangle clipped(const rectangle &area) const;

   // What is on show once this frame is drawn: pixels, changed rectangle and content; index and times are
   // the caller's to set. Throws std::bad_alloc.
   std::shared_ptr<picture> draw(const gif_image &frame, const gif_pixels &pixels);

 private:
   struct drawing;
   void choose_palette(drawing &now) const;
   void lay_base(drawing &now) const;
   void finish(drawing &now);
   void dispose(const drawing &now);

   int32_t width_, height_;
   services::block_pool *pool_;

   // Null: an empty canvas.
   picture_pointer last_; // what was shown last
   picture_pointer base_; // what the next frame is drawn over,
   rectangle cleared_;    // once this part of it is made transparent
   rectangle stale_;      // where that differs from what was shown last
   row_hashes rows_;      // of what was shown last
};

} // namespace giflab::media
