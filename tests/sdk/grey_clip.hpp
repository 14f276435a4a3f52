#pragma once
// Clips whose every pixel a test knows: grey levels, one byte each, which are their own luma.

#include <cstdint>
#include <string>
#include <vector>

namespace sdk {

struct grey_clip {
   int width = 0, height = 0;
   std::vector<std::vector<uint8_t>> frames = {}; // row by row
   std::vector<int> delays = {};                  // hundredths of a second

   // The nearest pixel of the picture.
   int at(std::size_t frame, int x, int y) const;
};

// Smooth shades with a disc that moves, and grain in one corner.
grey_clip moving_clip(int width, int height, int frames);

// The same with noise of up to `strength` levels that is drawn anew in every frame.
grey_clip noisy(const grey_clip &clip, int strength);

// Writes it as a GIF in the tests' scratch folder; its path.
std::string write_gif(const grey_clip &clip, const std::string &name);

} // namespace sdk
