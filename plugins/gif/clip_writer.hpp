#pragma once
// From pictures to the frames of a GIF: what has changed, how it is painted, when it is on show.

#include "gif_file.hpp"

namespace giflab::plugins {

// Keeps three canvases and the frames written so far. A picture is written when the one after it is known,
// because only then it is known what must be cleared behind it. Throws giflab::failure; afterwards only good to
// be thrown away.
class clip_writer {
 public:
   clip_writer(int32_t width, int32_t height, int32_t loop_count);

   // The next picture, which is given up. `poll` is called now and then, and may throw.
   void add(canvas picture, int64_t duration_us, const std::function<void()> &poll);

   // The whole file. Nothing may be added afterwards.
   bytes finish(const std::function<void()> &poll);

 private:
   struct painting;
   struct encoded;

   void write_pending(const area &cleared, const std::function<void()> &poll);
   void write_frame(const area &place, bool restore_background, uint16_t delay_cs,
                    const std::function<void()> &poll);
   painting paint(const area &place, bool whole, const std::function<void()> &poll) const;
   std::vector<painting> paintings(const area &place, const std::function<void()> &poll) const;
   std::optional<encoded> with_global(const painting &painted, stored_frame frame,
                                      const std::function<void()> &poll);
   encoded with_local(const painting &painted, stored_frame frame, const std::function<void()> &poll);

   int32_t loop_count_;
   canvas before_, shown_; // what the pending picture is drawn on, and what is then seen
   bool pending_ = false;
   int64_t end_us_ = 0;     // of the pending picture
   int64_t written_cs_ = 0; // the time that the frames written so far take
   frame_palette global_;
   std::size_t global_size_ = 0; // entries that frames refer to
   frame_writer writer_;
   bytes frames_;
};

} // namespace giflab::plugins
