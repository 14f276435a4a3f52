#include "grey_clip.hpp"

#include "end_to_end/program.hpp"
#include "host/media/gif_writer.hpp"

#include <algorithm>
#include <cmath>

namespace sdk {

namespace {

// The finaliser of MurmurHash3.
uint32_t scattered(uint32_t x) {
   x = (x ^ x >> 16) * 0x85EBCA6Bu;
   x = (x ^ x >> 13) * 0xC2B2AE35u;
   return x ^ x >> 16;
}

uint8_t shade(int x, int y, int frame, const grey_clip &clip) {
   const double distance = std::hypot(x - clip.width * (0.3 + 0.05 * frame), y - clip.height * 0.5);
   if (distance < 0.2 * clip.height)
      return 230;
   if (x > 0.8 * clip.width && y > 0.7 * clip.height)
      return static_cast<uint8_t>(scattered(static_cast<uint32_t>(x * 977 + y)) % 200);
   return static_cast<uint8_t>(40 + 100 * x / clip.width + 60 * y / clip.height);
}

} // namespace

int grey_clip::at(std::size_t frame, int x, int y) const {
   const int column = std::clamp(x, 0, width - 1), row = std::clamp(y, 0, height - 1);
   return frames[frame][static_cast<std::size_t>(row) * static_cast<std::size_t>(width) +
                        static_cast<std::size_t>(column)];
}

grey_clip moving_clip(int width, int height, int frames) {
   grey_clip clip{.width = width, .height = height};
   for (int frame = 0; frame < frames; ++frame) {
      std::vector<uint8_t> pixels;
      for (int y = 0; y < height; ++y)
         for (int x = 0; x < width; ++x)
            pixels.push_back(shade(x, y, frame, clip));
      clip.frames.push_back(std::move(pixels));
      clip.delays.push_back(10);
   }
   return clip;
}

grey_clip noisy(const grey_clip &clip, int strength) {
   grey_clip made = clip;
   uint32_t seed = 1;
   for (std::vector<uint8_t> &pixels : made.frames)
      for (uint8_t &pixel : pixels) {
         const int noise =
             static_cast<int>(scattered(++seed) % static_cast<uint32_t>(2 * strength + 1)) - strength;
         pixel = static_cast<uint8_t>(std::clamp(pixel + noise, 0, 255));
      }
   return made;
}

std::string write_gif(const grey_clip &clip, const std::string &name) {
   giflab::tests::palette greys;
   for (int level = 0; level < 256; ++level)
      greys.push_back({static_cast<uint8_t>(level), static_cast<uint8_t>(level), static_cast<uint8_t>(level)});
   giflab::tests::gif_writer writer(clip.width, clip.height, greys);
   writer.loop(0);
   for (std::size_t i = 0; i < clip.frames.size(); ++i)
      writer.frame({.width = clip.width,
                    .height = clip.height,
                    .indices = clip.frames[i],
                    .delay_hundredths = clip.delays[i],
                    .code_size = 8});
   writer.trailer();
   const auto path = end_to_end::fresh_folder("clip_" + name) / (name + ".gif");
   end_to_end::write_file(path, {writer.file.begin(), writer.file.end()});
   return path;
}

} // namespace sdk
