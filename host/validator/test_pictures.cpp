#include "validator/test_pictures.hpp"

#include "media/difference.hpp"

#include <gif_lib.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <optional>

namespace giflab::validator {

namespace {

struct pixel {
   uint8_t red = 0, green = 0, blue = 0, alpha = 255;
};
using painter = std::function<pixel(int32_t x, int32_t y)>;

services::block_pool &pixel_memory() {
   static auto *pool = new services::block_pool(std::size_t{64} << 20);
   return *pool;
}

uint32_t word_of(const uint8_t *pixel) {
   uint32_t word = 0;
   std::memcpy(&word, pixel, sizeof word);
   return word;
}

// The palette entries of the colours met so far: open addressing, four slots for each entry there can be.
class colour_table {
 public:
   static constexpr std::size_t most = 256;

   // The entry of a colour, which is added if it is new; nothing if that would be one too many.
   std::optional<uint8_t> entry_of(uint32_t colour) {
      std::size_t at = colour * 0x9E3779B1u >> 22;
      while (used_[at] && colours_[at] != colour)
         at = (at + 1) % slots;
      if (!used_[at]) {
         if (order_.size() == most)
            return std::nullopt;
         used_[at] = true;
         colours_[at] = colour;
         entries_[at] = static_cast<uint8_t>(order_.size());
         order_.push_back(colour);
      }
      return entries_[at];
   }
   const std::vector<uint32_t> &colours() const { return order_; } // by entry

 private:
   static constexpr std::size_t slots = 1024;
   std::array<bool, slots> used_{};
   std::array<uint32_t, slots> colours_{};
   std::array<uint8_t, slots> entries_{};
   std::vector<uint32_t> order_;
};

// The indexed form, if the picture has at most 256 colours.
std::optional<media::indexed_pixels> indexed_form(const media::picture &source) {
   media::indexed_pixels made{
       media::make_plane(pixel_memory(), static_cast<std::size_t>(source.width), source.height),
       media::make_plane(pixel_memory(), 1024, 1)};
   colour_table table;
   for (int32_t y = 0; y < source.height; ++y)
      for (int32_t x = 0; x < source.width; ++x) {
         const auto entry = table.entry_of(word_of(source.rgba().row<uint8_t>(y) + 4 * x));
         if (!entry)
            return std::nullopt;
         made.indices.row<uint8_t>(y)[x] = *entry;
      }
   std::memset(made.palette.row<uint8_t>(0), 0, 1024);
   std::memcpy(made.palette.row<uint8_t>(0), table.colours().data(), 4 * table.colours().size());
   return made;
}

template <class Painter> media::picture_pointer painted(int32_t width, int32_t height, const Painter &paint) {
   auto made = std::make_shared<media::picture>();
   made->width = width;
   made->height = height;
   made->changed = {{0, 0, width, height}, {}};
   made->give(media::make_plane(pixel_memory(), static_cast<std::size_t>(width) * 4, height));
   for (int32_t y = 0; y < height; ++y)
      for (int32_t x = 0; x < width; ++x) {
         const pixel colour = paint(x, y);
         std::memcpy(made->rgba().row<uint8_t>(y) + 4 * x, &colour, 4);
      }
   made->content = media::content_id(*made);
   if (auto indexed = indexed_form(*made))
      made->give(std::move(*indexed), pixel_memory());
   return made;
}

uint8_t byte(double level) { return static_cast<uint8_t>(std::lround(std::clamp(level, 0.0, 255.0))); }

pixel grey(double level) { return {byte(level), byte(level), byte(level), 255}; }

// A number of each pixel, the same for equal seeds whatever the order of asking.
uint64_t hashed(uint64_t seed, int32_t x, int32_t y) {
   uint64_t mixed = seed * 0x9E3779B97F4A7C15u + static_cast<uint32_t>(x) * 0xBF58476D1CE4E5B9u +
                    static_cast<uint32_t>(y) * 0x94D049BB133111EBu;
   mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9u;
   mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EBu;
   return mixed ^ mixed >> 31;
}

// A soft gradient, a disc with a hard edge that moves with `moment`, strokes, and a little grain. 120 colours
// at most for a moment, as a GIF would have.
auto scene(int32_t width, int32_t height, uint64_t seed, int moment) {
   return [=](int32_t x, int32_t y) -> pixel {
      const double u = (x + 0.5) / width, v = (y + 0.5) / height;
      const double centre = 0.3 + 0.1 * moment;
      if ((u - centre) * (u - centre) + (v - 0.5) * (v - 0.5) < 0.04)
         return {210, 90, 40, 255};
      if (v > 0.8 && (x / 2 + moment) % 3 == 0)
         return {20, 20, 30, 255};
      const double grain = static_cast<double>(hashed(seed, x, y) % 3);
      const double step = std::floor(40 * (0.6 * u + 0.4 * v)) + grain;
      return {byte(40 + 4 * step), byte(70 + 3 * step), byte(150 + 2 * step), 255};
   };
}

painter painter_of(motif shown, int32_t width, int32_t height, uint64_t seed) {
   switch (shown) {
   case motif::scene:
      return scene(width, height, seed, 0);
   case motif::noise:
      return [=](int32_t x, int32_t y) -> pixel {
         const uint64_t bits = hashed(seed, x, y);
         return {static_cast<uint8_t>(bits), static_cast<uint8_t>(bits >> 8), static_cast<uint8_t>(bits >> 16),
                 255};
      };
   case motif::gradient:
      return [=](int32_t x, int32_t y) -> pixel {
         return {byte(255.0 * x / std::max(width - 1, 1)), byte(255.0 * y / std::max(height - 1, 1)), 128, 255};
      };
   case motif::black:
      return [](int32_t, int32_t) { return grey(0); };
   case motif::white:
      return [](int32_t, int32_t) { return grey(255); };
   case motif::single_pixel:
      return [=](int32_t x, int32_t y) { return grey(x == width / 2 && y == height / 2 ? 255 : 0); };
   case motif::checkerboard:
      return [](int32_t x, int32_t y) { return grey((x + y) % 2 ? 255 : 0); };
   case motif::transparent:
      return [=](int32_t x, int32_t y) -> pixel {
         return {static_cast<uint8_t>(hashed(seed, x, y)), 10, 200, 0};
      };
   case motif::translucent:
      return [=](int32_t x, int32_t y) -> pixel {
         return {200, 100, 50, static_cast<uint8_t>(hashed(seed, x, y))};
      };
   case motif::one_colour:
      return [](int32_t, int32_t) -> pixel { return {31, 127, 200, 255}; };
   case motif::many_colours:
      return [=](int32_t x, int32_t y) -> pixel {
         const auto entry = static_cast<uint8_t>(x + y * width);
         return {entry, static_cast<uint8_t>(entry * 7), static_cast<uint8_t>(255 - entry), 255};
      };
   case motif::dark:
      return [=](int32_t x, int32_t y) { return grey(static_cast<double>(hashed(seed, x, y) % 2)); };
   }
   return [](int32_t, int32_t) { return grey(0); };
}

// ---- GIF files

struct close_gif {
   void operator()(GifFileType *file) const {
      int ignored = 0; // what matters was written by then; the last byte is checked by its own call
      EGifCloseFile(file, &ignored);
   }
};
struct free_map {
   void operator()(ColorMapObject *map) const { GifFreeMapObject(map); }
};

// A picture of more than 256 colours falls back to 3, 3 and 2 bits a channel.
struct gif_picture {
   std::vector<GifByteType> indices;
   std::vector<GifColorType> palette;
};
gif_picture for_gif(const media::picture &source) {
   gif_picture made;
   made.palette.resize(256);
   for (int32_t y = 0; y < source.height; ++y)
      for (int32_t x = 0; x < source.width; ++x) {
         const uint8_t *pixel = source.rgba().row<uint8_t>(y) + 4 * x;
         made.indices.push_back(
             source.indexed()
                 ? source.indexed()->indices.row<uint8_t>(y)[x]
                 : static_cast<uint8_t>((pixel[0] & 0xE0) | (pixel[1] & 0xE0) >> 3 | pixel[2] >> 6));
      }
   for (std::size_t i = 0; i < 256; ++i) {
      const uint8_t *entry = source.indexed() ? source.indexed()->palette.row<uint8_t>(0) + 4 * i : nullptr;
      made.palette[i] =
          entry ? GifColorType{entry[0], entry[1], entry[2]}
                : GifColorType{static_cast<uint8_t>(i & 0xE0), static_cast<uint8_t>((i & 0x1C) << 3),
                               static_cast<uint8_t>((i & 3) << 6)};
   }
   return made;
}

bool put_frame(GifFileType *file, const media::picture &shown, int64_t duration_us) {
   GraphicsControlBlock control{};
   control.DisposalMode = DISPOSE_DO_NOT;
   control.DelayTime = static_cast<int>(duration_us / 10'000);
   control.TransparentColor = NO_TRANSPARENT_COLOR;
   GifByteType packed[4];
   EGifGCBToExtension(&control, packed);
   gif_picture made = for_gif(shown);
   const std::unique_ptr<ColorMapObject, free_map> palette(GifMakeMapObject(256, made.palette.data()));
   if (!palette || EGifPutExtension(file, GRAPHICS_EXT_FUNC_CODE, sizeof packed, packed) == GIF_ERROR ||
       EGifPutImageDesc(file, 0, 0, shown.width, shown.height, false, palette.get()) == GIF_ERROR)
      return false;
   for (int32_t y = 0; y < shown.height; ++y)
      if (EGifPutLine(file,
                      made.indices.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(shown.width),
                      shown.width) == GIF_ERROR)
         return false;
   return true;
}

bool put_endless_loop(GifFileType *file) {
   constexpr GifByteType endless[] = {1, 0, 0};
   return EGifPutExtensionLeader(file, APPLICATION_EXT_FUNC_CODE) != GIF_ERROR &&
          EGifPutExtensionBlock(file, 11, "NETSCAPE2.0") != GIF_ERROR &&
          EGifPutExtensionBlock(file, sizeof endless, endless) != GIF_ERROR &&
          EGifPutExtensionTrailer(file) != GIF_ERROR;
}

} // namespace

const char *motif_name(motif shown) {
   constexpr const char *names[] = {"scene",       "noise",        "gradient",     "black",
                                    "white",       "single pixel", "checkerboard", "transparent",
                                    "translucent", "one colour",   "many colours", "dark"};
   return names[static_cast<std::size_t>(shown)];
}

media::picture_pointer make_picture(motif shown, int32_t width, int32_t height, uint64_t seed) {
   return painted(width, height, painter_of(shown, width, height, seed));
}

media::picture_pointer damaged(const media::picture &source, int amplitude, uint64_t seed) {
   return painted(source.width, source.height, [&](int32_t x, int32_t y) -> pixel {
      const uint8_t *was = source.rgba().row<uint8_t>(y) + 4 * x;
      const uint64_t bits = hashed(seed, x, y);
      const int span = 2 * amplitude + 1;
      const auto moved = [&](int channel) {
         const int step = static_cast<int>((bits >> (16 * channel)) % static_cast<uint64_t>(span)) - amplitude;
         return byte(was[channel] + step);
      };
      return {moved(0), moved(1), moved(2), was[3]};
   });
}

int64_t test_clip::duration_us() const {
   return frames.empty() ? 0 : frames.back().start_us + frames.back().duration_us;
}

test_clip make_clip(int32_t width, int32_t height, std::size_t frames, uint64_t seed, int amplitude) {
   test_clip clip{width, height, {}};
   int64_t now = 0;
   for (std::size_t i = 0; i < frames; ++i) {
      auto reference = painted(width, height, scene(width, height, seed, static_cast<int>(i)));
      auto distorted = damaged(*reference, amplitude, seed + 1000 + i);
      const int64_t duration = 40'000 + 20'000 * static_cast<int64_t>(i % 3); // uneven, as in real GIFs
      clip.frames.push_back({std::move(reference), std::move(distorted), now, duration});
      now += duration;
   }
   return clip;
}

test_clip make_still(motif shown, int32_t width, int32_t height, uint64_t seed, int amplitude) {
   auto reference = make_picture(shown, width, height, seed);
   auto distorted = damaged(*reference, amplitude, seed + 1000);
   return {width, height, {{std::move(reference), std::move(distorted), 0, 100'000}}};
}

test_clip identical(const test_clip &source) {
   test_clip same = source;
   for (test_frame &frame : same.frames)
      frame.distorted = frame.reference;
   return same;
}

bool write_gif(const test_clip &clip, bool distorted, const std::string &path) {
   const std::unique_ptr<GifFileType, close_gif> file(EGifOpenFileName(path.c_str(), false, nullptr));
   if (!file)
      return false;
   EGifSetGifVersion(file.get(), true);
   if (EGifPutScreenDesc(file.get(), clip.width, clip.height, 8, 0, nullptr) == GIF_ERROR ||
       !put_endless_loop(file.get()))
      return false;
   return std::all_of(clip.frames.begin(), clip.frames.end(), [&](const test_frame &frame) {
      return put_frame(file.get(), distorted ? *frame.distorted : *frame.reference, frame.duration_us);
   });
}

} // namespace giflab::validator
