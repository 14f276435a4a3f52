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

// The palette: blends of two colours at several brightnesses, and greys. Neighbours are close, as in palettes
// made for photographs, so that a lossy encoder finds something to confuse.
constexpr int blends = 28, brightnesses = 8, greys = 256 - blends * brightnesses;

int nearest_step(double value, int steps) {
   return static_cast<int>(std::lround(std::clamp(value, 0.0, 1.0) * (steps - 1)));
}
GifByteType blend_index(double blend, double brightness) {
   return static_cast<GifByteType>(nearest_step(blend, blends) * brightnesses +
                                   nearest_step(brightness, brightnesses));
}
GifByteType grey_index(double level) {
   return static_cast<GifByteType>(blends * brightnesses + nearest_step(level, greys));
}

ColorMapObject *make_palette() {
   std::vector<GifColorType> colours;
   const auto byte = [](double level) { return static_cast<GifByteType>(std::lround(level * 255)); };
   for (int blend = 0; blend < blends; ++blend)
      for (int brightness = 0; brightness < brightnesses; ++brightness) {
         const double share = static_cast<double>(blend) / (blends - 1);
         const double light = 0.35 + 0.65 * brightness / (brightnesses - 1);
         colours.push_back({byte(light * (0.95 - 0.75 * share)), byte(light * (0.45 + 0.3 * share)),
                            byte(light * (0.2 + 0.7 * share))});
      }
   for (int grey = 0; grey < greys; ++grey)
      colours.insert(colours.end(), GifColorType{byte(grey / (greys - 1.0)), byte(grey / (greys - 1.0)),
                                                 byte(grey / (greys - 1.0))});
   return GifMakeMapObject(256, colours.data());
}

uint32_t noise(uint32_t x) { // the finaliser of MurmurHash3
   x = (x ^ x >> 16) * 0x85EBCA6Bu;
   x = (x ^ x >> 13) * 0xC2B2AE35u;
   return x ^ x >> 16;
}

GifByteType colour_at(int x, int y, int frame, const size_and_length &size) {
   const double u = static_cast<double>(x) / size.width, v = static_cast<double>(y) / size.height;
   const double time = static_cast<double>(frame) / size.frames;
   const double grain =
       noise(static_cast<uint32_t>((frame * size.height + y) * size.width + x)) % 1000 / 1000.0;
   const double distance =
       std::hypot(u - 0.5 - 0.3 * std::cos(6.2832 * time), v - 0.5 - 0.3 * std::sin(6.2832 * time));
   if (distance < 0.16)
      return grey_index(1 - 4 * distance); // the disc
   if (v > 0.8 && (x / 2 + y / 3) % 4 == 0 && u < 0.6)
      return grey_index(0); // strokes
   if (u > 0.7 && v > 0.7)
      return grey_index(grain); // noise
   // The gradient drifts, and half a step of grain keeps it from falling into bands.
   return blend_index(0.5 + 0.5 * std::sin(3 * u + 6.2832 * time) + (grain - 0.5) / blends,
                      0.5 + 0.5 * std::cos(4 * v) + (grain - 0.5) / brightnesses);
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
