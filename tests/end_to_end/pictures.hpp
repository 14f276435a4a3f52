#pragma once
// Picture files for the tests. Small ones are put together byte by byte, so that they can have faults and
// features that encoders do not offer.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace end_to_end {

struct small_frame {
   uint8_t colour = 0; // of every pixel: 0 black, 1 white, 2 red, ... 7 blue
   int delay_hundredths = 10;
   int transparent = -1; // a colour, or none
};

struct small_gif {
   int width = 8, height = 6;
   std::vector<small_frame> frames = {{}};
   int canvas_width = 0, canvas_height = 0; // 0: that of the frames
};

std::string bytes_of(const small_gif &gif);

// Grey and uncompressed.
std::string png_bytes(uint32_t width, uint32_t height, uint8_t grey);

// A GIF with motion, gradients and noise, made once for each size; its path.
std::string synthetic_gif(int width, int height, int frames);

} // namespace end_to_end
