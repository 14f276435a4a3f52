// synthetic_gif FILE [WIDTH HEIGHT FRAMES]: writes an animated GIF that has a little of everything encoders
// find hard: a smooth gradient, a moving disc with a soft edge, fine text-like strokes and a noisy patch. The
// same arguments give the same bytes.

#include <gif_lib.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace {

struct size_and_length {
   int width = 320, height = 240, frames = 24;
};

constexpr int colour_steps = 6; // a 6x6x6 cube, as in the web-safe palette

int cube_index(double red, double green, double blue) {
   const auto step = [](double value) {
      return static_cast<int>(std::lround(std::clamp(value, 0.0, 1.0) * (colour_steps - 1)));
   };
   return (step(red) * colour_steps + step(green)) * colour_steps + step(blue);
}

uint32_t noise(uint32_t x) { // the finaliser of MurmurHash3
   x = (x ^ x >> 16) * 0x85EBCA6Bu;
   x = (x ^ x >> 13) * 0xC2B2AE35u;
   return x ^ x >> 16;
}

GifByteType colour_at(int x, int y, int frame, const size_and_length &size) {
   const double u = static_cast<double>(x) / size.width, v = static_cast<double>(y) / size.height;
   const double time = static_cast<double>(frame) / size.frames;
   const double distance =
       std::hypot(u - 0.5 - 0.3 * std::cos(6.2832 * time), v - 0.5 - 0.3 * std::sin(6.2832 * time));
   const double disc = std::clamp((0.16 - distance) * 20, 0.0, 1.0);
   // An ordered threshold of half a step, so that the gradients do not end in six flat bands.
   const double dither = ((x * 3 + y * 5) % 8 - 3.5) / 8 / (colour_steps - 1);
   double red = u + dither, green = v + dither, blue = 1 - u + dither;
   if (v > 0.8 && (x / 2 + y / 3) % 4 == 0 && u < 0.6)
      red = green = blue = 0; // strokes
   if (u > 0.7 && v > 0.7)
      red = green = blue =
          noise(static_cast<uint32_t>((frame * size.height + y) * size.width + x)) % 1000 / 1000.0;
   return static_cast<GifByteType>(cube_index(red + (1 - red) * disc, green * (1 - disc), blue * (1 - disc)));
}

ColorMapObject *make_palette() {
   std::vector<GifColorType> colours(256);
   for (int i = 0; i < colour_steps * colour_steps * colour_steps; ++i) {
      const auto level = [](int step) { return static_cast<GifByteType>(step * 255 / (colour_steps - 1)); };
      colours[static_cast<std::size_t>(i)] = {level(i / (colour_steps * colour_steps)),
                                              level(i / colour_steps % colour_steps), level(i % colour_steps)};
   }
   return GifMakeMapObject(256, colours.data());
}

bool write_frame(GifFileType *gif, int frame, const size_and_length &size) {
   GraphicsControlBlock control{DISPOSE_DO_NOT, false, 8, NO_TRANSPARENT_COLOR};
   GifByteType extension[4];
   EGifGCBToExtension(&control, extension);
   if (EGifPutExtension(gif, GRAPHICS_EXT_FUNC_CODE, sizeof extension, extension) == GIF_ERROR ||
       EGifPutImageDesc(gif, 0, 0, size.width, size.height, false, nullptr) == GIF_ERROR)
      return false;
   std::vector<GifByteType> row(static_cast<std::size_t>(size.width));
   for (int y = 0; y < size.height; ++y) {
      for (int x = 0; x < size.width; ++x)
         row[static_cast<std::size_t>(x)] = colour_at(x, y, frame, size);
      if (EGifPutLine(gif, row.data(), size.width) == GIF_ERROR)
         return false;
   }
   return true;
}

bool write_loop_for_ever(GifFileType *gif) {
   const GifByteType forever[] = {1, 0, 0};
   return EGifPutExtensionLeader(gif, APPLICATION_EXT_FUNC_CODE) != GIF_ERROR &&
          EGifPutExtensionBlock(gif, 11, "NETSCAPE2.0") != GIF_ERROR &&
          EGifPutExtensionBlock(gif, sizeof forever, forever) != GIF_ERROR &&
          EGifPutExtensionTrailer(gif) != GIF_ERROR;
}

bool write_gif(const char *path, const size_and_length &size) {
   int error = 0;
   GifFileType *gif = EGifOpenFileName(path, false, &error);
   if (!gif)
      return false;
   EGifSetGifVersion(gif, true);
   ColorMapObject *palette = make_palette();
   bool written =
       EGifPutScreenDesc(gif, size.width, size.height, 8, 0, palette) != GIF_ERROR && write_loop_for_ever(gif);
   for (int frame = 0; written && frame < size.frames; ++frame)
      written = write_frame(gif, frame, size);
   GifFreeMapObject(palette);
   return EGifCloseFile(gif, &error) != GIF_ERROR && written;
}

} // namespace

int main(int argc, char **argv) {
   size_and_length size;
   if (argc == 5) {
      size.width = std::atoi(argv[2]);
      size.height = std::atoi(argv[3]);
      size.frames = std::atoi(argv[4]);
   }
   if ((argc != 2 && argc != 5) || size.width < 1 || size.height < 1 || size.frames < 1 || size.width > 65535 ||
       size.height > 65535) {
      std::fprintf(stderr, "usage: synthetic_gif FILE [WIDTH HEIGHT FRAMES]\n");
      return 2;
   }
   if (!write_gif(argv[1], size)) {
      std::fprintf(stderr, "synthetic_gif: %s could not be written\n", argv[1]);
      return 1;
   }
   return 0;
}
