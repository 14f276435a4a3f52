// What pictures are made of: colours, change, and kinds of surface.

#include "content.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace giflab::content {

using namespace kernels;

namespace {

constexpr std::size_t words_of_all_colours = (std::size_t{1} << 24) / 64;
constexpr std::size_t small = std::size_t{1} << 17; // pixels; from there on a bit for every colour is less

std::size_t pixels_of(int32_t width, int32_t height) {
   return static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
}

// Calls visit(colour) for every pixel.
template <class Visit>
void each_colour(const giflab_call &call, const rgb_plane &pixels, int32_t width, int32_t height,
                 Visit &&visit) {
   for_each_row(call, width, 0, height, [&](int32_t y) {
      const uint8_t *pixel = pixels.row(y);
      for (int32_t x = 0; x < width; ++x, pixel += 3)
         visit(pixel[0] | uint32_t{pixel[1]} << 8 | uint32_t{pixel[2]} << 16);
   });
}

} // namespace

std::size_t colour_room(int32_t width, int32_t height) {
   const std::size_t pixels = pixels_of(width, height);
   return pixels < small ? (pixels + 1) / 2 : words_of_all_colours;
}

int64_t distinct_colours(const giflab_call &call, const rgb_plane &pixels, int32_t width, int32_t height,
                         std::span<uint64_t> room) {
   if (pixels_of(width, height) < small) {
      auto *const colours = reinterpret_cast<uint32_t *>(room.data());
      uint32_t *end = colours;
      each_colour(call, pixels, width, height, [&](uint32_t colour) { *end++ = colour; });
      std::sort(colours, end);
      return std::unique(colours, end) - colours;
   }
   std::fill(room.begin(), room.end(), 0);
   int64_t count = 0;
   each_colour(call, pixels, width, height, [&](uint32_t colour) {
      uint64_t &word = room[colour / 64];
      const uint64_t bit = uint64_t{1} << (colour % 64);
      count += (word & bit) == 0;
      word |= bit;
   });
   return count;
}

int64_t differing_pixels(const giflab_call &call, const rgb_plane &now, const rgb_plane &before, int32_t width,
                         int32_t height) {
   int64_t count = 0;
   for_each_row(call, width, 0, height, [&](int32_t y) {
      const uint8_t *a = now.row(y), *b = before.row(y);
      if (std::memcmp(a, b, 3 * static_cast<std::size_t>(width)) == 0)
         return;
      for (int32_t x = 0; x < width; ++x, a += 3, b += 3)
         count += a[0] != b[0] || a[1] != b[1] || a[2] != b[2];
   });
   return count;
}

} // namespace giflab::content

namespace {

using namespace giflab::kernels;
namespace content = giflab::content;

enum { REFERENCE, DISTORTED, CHANGE };

content::rgb_plane pixels_of(const giflab_image &image) { return plane_of<uint8_t>(image, GIFLAB_RGB8); }

double percent(int64_t part, double whole) { return 100 * static_cast<double>(part) / whole; }

struct colours {
   explicit colours(const giflab_setup &) {}
   void measure(const giflab_call &call, std::span<const giflab_pair> pairs) const {
      const giflab_image &any = *pairs[0].reference; // pictures of a pair, and of a clip, have one size
      const auto seen = giflab::scratch<uint64_t>(call, content::colour_room(any.width, any.height));
      const auto count = [&](const giflab_image &image) {
         return static_cast<double>(
             content::distinct_colours(call, pixels_of(image), image.width, image.height, seen));
      };
      for (uint32_t i = 0; i < pairs.size(); ++i) {
         const giflab_image &a = *pairs[i].reference, &b = *pairs[i].distorted;
         const double reference = count(a), distorted = a.content == b.content ? reference : count(b);
         call.score(&call, i, REFERENCE, reference);
         call.score(&call, i, DISTORTED, distorted);
         call.score(&call, i, CHANGE, distorted - reference);
      }
   }
};

struct changed_area {
   explicit changed_area(const giflab_setup &) {}
   void measure(const giflab_call &call, std::span<const giflab_pair> pairs) const {
      const auto share = [&](const giflab_image &image) {
         if (image.previous == nullptr)
            return static_cast<double>(NAN);
         const double all = static_cast<double>(image.width) * image.height;
         return percent(content::differing_pixels(call, pixels_of(image), pixels_of(*image.previous),
                                                  image.width, image.height),
                        all);
      };
      for (uint32_t i = 0; i < pairs.size(); ++i) {
         const double reference = share(*pairs[i].reference), distorted = share(*pairs[i].distorted);
         call.score(&call, i, REFERENCE, reference);
         call.score(&call, i, DISTORTED, distorted);
         call.score(&call, i, CHANGE, distorted - reference);
      }
   }
};

enum { FLAT, SLOPING, DRAWN, TEXTURED };

struct surface {
   explicit surface(const giflab_setup &) {}
   void measure(const giflab_call &call, std::span<const giflab_pair> pairs) const {
      for (uint32_t i = 0; i < pairs.size(); ++i) {
         const giflab_image &image = *pairs[i].reference;
         const content::surface_counts found = content::surfaces(call, luma_of(image), pixels_of(image));
         const auto all = static_cast<double>(found.all());
         call.score(&call, i, FLAT, percent(found.flat, all));
         call.score(&call, i, SLOPING, percent(found.sloping, all));
         call.score(&call, i, DRAWN, percent(found.drawn, all));
         call.score(&call, i, TEXTURED, percent(found.textured, all));
      }
   }
};

// ---- Tables

constexpr giflab_output output(const char *id, const char *help, const char *unit, double lowest,
                               double highest, double identical) {
   return {.id = id,
           .help = help,
           .unit = unit,
           .lowest = lowest,
           .highest = highest,
           .identical = identical,
           .direction = GIFLAB_NEITHER_IS_BETTER,
           .level = GIFLAB_PER_FRAME,
           .pool = GIFLAB_POOL_MEAN,
           .least_side = 0};
}

constexpr double most_colours = 1 << 24;
constexpr giflab_output colour_outputs[] = {
    output("colours_reference", "How many colours the original's picture has.", "1", 1, most_colours, NAN),
    output("colours_distorted", "How many colours the distorted picture has.", "1", 1, most_colours, NAN),
    output("colours_change", "Colours of the distorted picture less the original's.", "1", -most_colours,
           most_colours, 0),
};
constexpr giflab_output change_outputs[] = {
    output("changed_area_reference",
           "Share of the original that differs from the picture before; undefined for the first.", "%", 0, 100,
           NAN),
    output("changed_area_distorted", "The same of the distorted clip.", "%", 0, 100, NAN),
    output("changed_area_change", "The latter less the former: above 0 what stood still began to move.", "%",
           -100, 100, 0),
};
constexpr giflab_output surface_outputs[] = {
    output("flat_area", "Share of the original's blocks of 8x8 with luma within 2 levels.", "%", 0, 100, NAN),
    output("sloping_area", "Share of its other blocks that are within 3 levels of a slope: gradients.", "%", 0,
           100, NAN),
    output("drawn_area", "Share of its other blocks with at most 4 colours: drawings, text.", "%", 0, 100, NAN),
    output("textured_area", "Share of the rest: texture, noise, dither.", "%", 0, 100, NAN),
};

struct description {
   const char *id, *label, *help;
   uint32_t inputs, bytes_per_pixel, cost, lookback;
   int32_t least;
};

template <class Instance, size_t N>
constexpr giflab_plugin described(const description &what, const giflab_output (&outputs)[N]) {
   return {
       .size = sizeof(giflab_plugin),
       .flags = GIFLAB_FLAG_ON_REQUEST,
       .id = what.id,
       .label = what.label,
       .version = "1",
       .vendor = "giflab",
       .license = "MIT",
       .help = what.help,
       GIFLAB_OUTPUTS(outputs),
       .inputs = what.inputs,
       .memory = GIFLAB_BIT(GIFLAB_MEMORY_HOST),
       .scope = GIFLAB_SCOPE_FRAME,
       .threads = GIFLAB_REENTRANT,
       .determinism = GIFLAB_EXACT,
       .cost = what.cost,
       .lookback = what.lookback,
       .batch = 8,
       .bytes_per_pixel = what.bytes_per_pixel,
       .least_width = what.least,
       .least_height = what.least,
       .metric = &giflab::frame_metric<Instance>,
       .create = giflab::create<Instance>,
       .destroy = giflab::destroy<Instance>,
   };
}

constexpr giflab_plugin colours_plugin = described<colours>({.id = "org.giflab.colours",
                                                             .label = "Colours",
                                                             .help = "How many colours each picture has.",
                                                             .inputs = GIFLAB_BIT(GIFLAB_RGB8),
                                                             .bytes_per_pixel = 17,
                                                             .cost = GIFLAB_COST_100NS,
                                                             .lookback = 0,
                                                             .least = 1},
                                                            colour_outputs);
constexpr giflab_plugin changed_area_plugin =
    described<changed_area>({.id = "org.giflab.changed_area",
                             .label = "Changed area",
                             .help = "How much of the picture differs from the one before.",
                             .inputs = GIFLAB_BIT(GIFLAB_RGB8),
                             .bytes_per_pixel = 0,
                             .cost = GIFLAB_COST_10NS,
                             .lookback = 1,
                             .least = 1},
                            change_outputs);
constexpr giflab_plugin surface_plugin =
    described<surface>({.id = "org.giflab.surfaces",
                        .label = "Surfaces",
                        .help = "What blocks of 8x8 of the original are: flat, sloping, drawn or textured.",
                        .inputs = GIFLAB_BIT(GIFLAB_RGB8) | GIFLAB_BIT(GIFLAB_LUMA8),
                        .bytes_per_pixel = 0,
                        .cost = GIFLAB_COST_10NS,
                        .lookback = 0,
                        .least = content::block},
                       surface_outputs);

constexpr const giflab_plugin *plugins[] = {&colours_plugin, &changed_area_plugin, &surface_plugin};

} // namespace

GIFLAB_MODULE(plugins, "giflab built-in");
