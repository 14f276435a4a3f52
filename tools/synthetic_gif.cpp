// synthetic_gif FILE [WIDTH HEIGHT FRAMES [KIND [STEP]]]: writes an animated GIF; the same arguments give the
// same bytes. KIND is one of
//    scene   a little of everything encoders find hard: a smooth gradient, a moving disc with a soft edge, fine
//            text-like strokes and a noisy patch (the default)
//    text    a page of glyphs that scrolls by a line each frame
//    screen  a recording of a window: somebody types, a bar grows, the rest stands still
// With STEP every level of every colour is a multiple of it: the same pictures, worse.

#include <gif_lib.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <vector>

namespace {

enum class kind { scene, text, screen };

struct clip {
   int width = 320, height = 240, frames = 24;
   ::kind kind = kind::scene;
   int step = 1;
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

ColorMapObject *make_palette(int step) {
   std::vector<GifColorType> colours;
   const auto byte = [step](double level) {
      return static_cast<GifByteType>(std::min<long>(std::lround(level * 255 / step) * step, 255));
   };
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

GifByteType scene_at(int x, int y, int frame, const clip &wanted) {
   const double u = static_cast<double>(x) / wanted.width, v = static_cast<double>(y) / wanted.height;
   const double time = static_cast<double>(frame) / wanted.frames;
   const double grain =
       noise(static_cast<uint32_t>((frame * wanted.height + y) * wanted.width + x)) % 1000 / 1000.0;
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

constexpr int cell_width = 7, cell_height = 12, glyph_width = 5, glyph_height = 8, letters = 60;

// Whether a glyph has ink there: strokes of made-up letters, some cells blank as between words.
bool has_ink(int x, int y, int line, int column) {
   const int left = x % cell_width, top = y % cell_height;
   const uint32_t drawn = noise(static_cast<uint32_t>(line * 4099 + column));
   if (left >= glyph_width || top >= glyph_height || drawn % 7 == 0)
      return false;
   const uint32_t rows = noise(drawn % letters), columns = noise(drawn % letters + letters);
   return left == 0 ? columns & 1 : (rows >> top & 1) || (columns >> left & 1 && top % 3 != 1);
}

GifByteType text_at(int x, int y, int frame, const clip &) {
   const int line = y / cell_height + frame;
   if (!has_ink(x, y, line, x / cell_width))
      return grey_index(1);
   return line % 9 == 0 ? blend_index(1, 0.4) : grey_index(0.1); // a heading now and then
}

GifByteType screen_at(int x, int y, int frame, const clip &wanted) {
   const int bar = wanted.height / 12, side = wanted.width / 5;
   if (y < bar)
      return blend_index(1, 0.5 + 0.3 * y / bar); // the title
   if (y > wanted.height - bar)                   // the progress
      return x * wanted.frames < (frame + 1) * wanted.width ? blend_index(0.2, 1) : grey_index(0.8);
   const int line = (y - bar) / cell_height, column = x / cell_width, typed = 3 * frame;
   const int columns = std::max(1, (wanted.width - side) / cell_width);
   if (x < side)
      return has_ink(x, y - bar, line / 2, column) ? grey_index(0.4) : grey_index(0.85);
   const int place = line * columns + column - side / cell_width, first_typed = 2 * columns;
   const bool written = place < first_typed || place < first_typed + typed;
   if (place == first_typed + typed)
      return grey_index(0.3); // the cursor
   return written && has_ink(x, y - bar, line, column) ? grey_index(0) : grey_index(1);
}

GifByteType colour_at(int x, int y, int frame, const clip &wanted) {
   if (wanted.kind == kind::scene)
      return scene_at(x, y, frame, wanted);
   return wanted.kind == kind::text ? text_at(x, y, frame, wanted) : screen_at(x, y, frame, wanted);
}

using pixels = std::vector<GifByteType>;

pixels draw(int frame, const clip &wanted) {
   pixels drawn;
   drawn.reserve(static_cast<std::size_t>(wanted.width) * static_cast<std::size_t>(wanted.height));
   for (int y = 0; y < wanted.height; ++y)
      for (int x = 0; x < wanted.width; ++x)
         drawn.push_back(colour_at(x, y, frame, wanted));
   return drawn;
}

struct area {
   int left, top, right, bottom; // the last two beyond it
};

// What a frame has to repaint: all of a scene, else what is new; a pixel if nothing is.
area repainted(const pixels &now, const pixels &before, const clip &wanted) {
   if (wanted.kind == kind::scene || before.empty())
      return {0, 0, wanted.width, wanted.height};
   area found{wanted.width, wanted.height, 0, 0};
   for (int y = 0; y < wanted.height; ++y)
      for (int x = 0; x < wanted.width; ++x) {
         const auto place = static_cast<std::size_t>(y * wanted.width + x);
         if (now[place] != before[place])
            found = {std::min(found.left, x), std::min(found.top, y), std::max(found.right, x + 1),
                     std::max(found.bottom, y + 1)};
      }
   return found.right > 0 ? found : area{0, 0, 1, 1};
}

bool write_frame(GifFileType *gif, const pixels &drawn, const area &painted, const clip &wanted) {
   GraphicsControlBlock control{DISPOSE_DO_NOT, false, 8, NO_TRANSPARENT_COLOR};
   GifByteType extension[4];
   EGifGCBToExtension(&control, extension);
   const int width = painted.right - painted.left;
   if (EGifPutExtension(gif, GRAPHICS_EXT_FUNC_CODE, sizeof extension, extension) == GIF_ERROR ||
       EGifPutImageDesc(gif, painted.left, painted.top, width, painted.bottom - painted.top, false, nullptr) ==
           GIF_ERROR)
      return false;
   for (int y = painted.top; y < painted.bottom; ++y) {
      const auto start = drawn.begin() + std::ptrdiff_t{y} * wanted.width + painted.left;
      pixels row(start, start + width);
      if (EGifPutLine(gif, row.data(), width) == GIF_ERROR)
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

bool write_gif(const char *path, const clip &wanted) {
   int error = 0;
   GifFileType *gif = EGifOpenFileName(path, false, &error);
   if (!gif)
      return false;
   EGifSetGifVersion(gif, true);
   ColorMapObject *palette = make_palette(wanted.step);
   bool written = EGifPutScreenDesc(gif, wanted.width, wanted.height, 8, 0, palette) != GIF_ERROR &&
                  write_loop_for_ever(gif);
   pixels before;
   for (int frame = 0; written && frame < wanted.frames; ++frame) {
      pixels drawn = draw(frame, wanted);
      written = write_frame(gif, drawn, repainted(drawn, before, wanted), wanted);
      before = std::move(drawn);
   }
   GifFreeMapObject(palette);
   return EGifCloseFile(gif, &error) != GIF_ERROR && written;
}

// False if they make no sense.
bool read(int argc, char **argv, clip &wanted) {
   constexpr const char *kinds[] = {"scene", "text", "screen"};
   if (argc < 2 || argv[1][0] == '-' || (argc != 2 && (argc < 5 || argc > 7)))
      return false;
   if (argc >= 5) {
      wanted.width = std::atoi(argv[2]);
      wanted.height = std::atoi(argv[3]);
      wanted.frames = std::atoi(argv[4]);
   }
   if (argc >= 6) {
      const auto named = std::find_if(std::begin(kinds), std::end(kinds),
                                      [&](const char *name) { return std::strcmp(name, argv[5]) == 0; });
      if (named == std::end(kinds))
         return false;
      wanted.kind = static_cast<kind>(named - std::begin(kinds));
   }
   if (argc == 7)
      wanted.step = std::atoi(argv[6]);
   return wanted.width >= 1 && wanted.height >= 1 && wanted.frames >= 1 && wanted.width <= 65535 &&
          wanted.height <= 65535 && wanted.step >= 1 && wanted.step <= 255;
}

} // namespace

int main(int argc, char **argv) {
   clip wanted;
   if (!read(argc, argv, wanted)) {
      std::fprintf(stderr, "usage: synthetic_gif FILE [WIDTH HEIGHT FRAMES [scene|text|screen [STEP]]]\n");
      return 2;
   }
   if (!write_gif(argv[1], wanted)) {
      std::fprintf(stderr, "synthetic_gif: %s could not be written\n", argv[1]);
      return 1;
   }
   return 0;
}
