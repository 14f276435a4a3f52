#pragma once
// The records of a GIF, written to memory through giflib.

#include "frame_palette.hpp"

#include <functional>
#include <gif_lib.h>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace giflab::plugins {

using bytes = std::vector<uint8_t>;

// An image as the file holds it.
struct stored_frame {
   area place;
   std::vector<uint8_t> indices;         // row by row
   const frame_palette *local = nullptr; // null: the global palette
   std::size_t local_size = 0;           // entries of the local palette, the transparent one included
   int transparent_index = -1;
   bool restore_background = false; // its area is cleared before the next frame
   uint16_t delay_cs = 0;
};

// Writes one frame after another, each to bytes of its own. A frame that is written may be thrown away. Throws
// giflab::failure.
class frame_writer {
 public:
   frame_writer(int32_t width, int32_t height);

   // `poll` is called before every row.
   bytes write(const stored_frame &frame, const std::function<void()> &poll);

 private:
   struct closing {
      void operator()(GifFileType *file) const;
   };
   [[noreturn]] void failed() const;

   std::unique_ptr<bytes> sink_; // where the file writes; its address stays
   std::unique_ptr<GifFileType, closing> file_;
};

// What stands before the frames and behind them. `loop_count`: how often the clip plays, 0 for ever.
// `global_size`: how many entries the global palette must have; those without a colour are black.
bytes head_of(int32_t width, int32_t height, int32_t loop_count, const frame_palette &global,
              std::size_t global_size);
constexpr uint8_t trailer = 0x3B;

} // namespace giflab::plugins
