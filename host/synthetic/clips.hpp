#pragma once
// 25 clips made by formulas, each a kind of content that encoders find easy or hard: those of GifLab 0.2.0. The
// same pixels on every machine.

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace giflab::synthetic {

using colour = std::array<uint8_t, 3>; // red, green, blue

struct drawing {
   int width = 0, height = 0;
   std::vector<colour> pixels; // row by row

   drawing(int wide, int high, colour ground);
   colour &at(int x, int y) {
      return pixels[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) +
                    static_cast<std::size_t>(x)];
   }
};

// What a recipe is asked for.
struct moment {
   int width, height;
   int frame, frames;

   // How much of the clip is over: 0 at its first frame, below 1 at its last.
   double share() const { return static_cast<double>(frame) / frames; }
};

struct clip {
   const char *name;
   int frames, width, height;
   const char *content; // in a few words
   drawing (*draw)(const moment &);
   bool targeted; // of the 17 that a shorter experiment takes
};

constexpr int frame_milliseconds = 100; // and every clip plays for ever

// In their order.
std::span<const clip> clips();

inline drawing drawn(const clip &of, int frame) { return of.draw({of.width, of.height, frame, of.frames}); }

} // namespace giflab::synthetic
