#pragma once
// The times in a GIF, read and set without touching a pixel.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace giflab::programs {

// What a GIF says about time.
struct gif_times {
   std::vector<uint16_t> delays;    // of each frame, in hundredths of a second; 0 where none is stored
   std::optional<uint16_t> repeats; // after the first showing, 0 for ever; nothing: it plays once

   uint64_t total() const;

   // The repeats as FFmpeg and gifski take them: "-1" for none, "0" for ever.
   std::string repeats_argument() const;
};

// Walks the blocks. A file that ends early gives its whole frames; throws giflab::failure(GIFLAB_UNSUPPORTED)
// for what is no GIF, or has no frame.
gif_times times_of(const std::string &gif);

// The file with other delays, one a frame. Throws giflab::failure(GIFLAB_IO) if their number is not that of the
// frames, or a frame has no place for one.
std::string with_delays(std::string gif, const std::vector<uint64_t> &delays);

// Which of so many frames stay if a share of them does: the first, and then whenever the share has grown by
// one.
std::vector<std::size_t> evenly_kept(std::size_t frames, double keep);

// How long each kept frame is on show: until the next one that is kept.
std::vector<uint64_t> delays_of_kept(const std::vector<uint16_t> &delays, const std::vector<std::size_t> &kept);

// The file, its last frame held until `total` hundredths of a second are over. Throws
// giflab::failure(GIFLAB_IO) if the others take longer than that.
std::string held_until(std::string gif, uint64_t total);

} // namespace giflab::programs
