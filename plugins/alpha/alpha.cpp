// How differently two pictures look over several backgrounds, and where their opacity differs.

#include <array>
#include <cmath>
#include <giflab/plugin.hpp>
#include <giflab_kernels/images.hpp>

namespace {

using namespace giflab::kernels;

struct alpha {
   explicit alpha(const giflab_setup &) {}
   void measure(const giflab_call &call, std::span<const giflab_pair> pairs) const;
};

enum { WHITE, BLACK, CHECKER, backgrounds, DISAGREEMENT = backgrounds };
constexpr giflab_output outputs[] = {
    {.id = "alpha_mismatch_white",
     .help = "Root mean squared error of RGB with both pictures over white.",
     .unit = "levels",
     .lowest = 0,
     .highest = 255,
     .identical = 0,
     .direction = GIFLAB_LOWER_IS_BETTER,
     .level = GIFLAB_PER_FRAME,
     .pool = GIFLAB_POOL_MEAN},
    {.id = "alpha_mismatch_black",
     .help = "Root mean squared error of RGB with both pictures over black.",
     .unit = "levels",
     .lowest = 0,
     .highest = 255,
     .identical = 0,
     .direction = GIFLAB_LOWER_IS_BETTER,
     .level = GIFLAB_PER_FRAME,
     .pool = GIFLAB_POOL_MEAN},
    {.id = "alpha_mismatch_checker",
     .help = "Root mean squared error of RGB with both pictures over a checkerboard of #999999 and #666666.",
     .unit = "levels",
     .lowest = 0,
     .highest = 255,
     .identical = 0,
     .direction = GIFLAB_LOWER_IS_BETTER,
     .level = GIFLAB_PER_FRAME,
     .pool = GIFLAB_POOL_MEAN},
    {.id = "alpha_disagreement",
     .help = "Pixels whose opacity differs.",
     .unit = "%",
     .lowest = 0,
     .highest = 100,
     .identical = 0,
     .direction = GIFLAB_LOWER_IS_BETTER,
     .level = GIFLAB_PER_FRAME,
     .pool = GIFLAB_POOL_MEAN},
};

// Squared error over each background, and pixels of different opacity.
struct totals {
   std::array<uint64_t, backgrounds> squared = {};
   uint64_t disagreeing = 0;
};

constexpr int32_t square = 8; // side of the checkerboard's squares, pixels
constexpr int light = 0x99, dark = 0x66;

int checker_at(int32_t x, int32_t y) { return (x / square + y / square) % 2 == 0 ? light : dark; }

// One channel of straight alpha over a background, rounded to nearest.
int over(int value, int opacity, int background) {
   return (opacity * value + (255 - opacity) * background + 127) / 255;
}

int squared_error(const uint8_t *a, const uint8_t *b, int background) {
   int sum = 0;
   for (int channel = 0; channel < 3; ++channel) {
      const int difference = over(a[channel], a[3], background) - over(b[channel], b[3], background);
      sum += difference * difference;
   }
   return sum;
}

int squared_error_of_opaque(const uint8_t *a, const uint8_t *b) {
   const int red = a[0] - b[0], green = a[1] - b[1], blue = a[2] - b[2];
   return red * red + green * green + blue * blue;
}

void add_row(const uint8_t *a, const uint8_t *b, int32_t width, int32_t y, totals &sums) {
   uint64_t opaque = 0; // shown alike over any background
   for (int32_t x = 0; x < width; ++x, a += 4, b += 4) {
      sums.disagreeing += a[3] != b[3];
      if (a[3] == 255 && b[3] == 255) {
         opaque += static_cast<uint64_t>(squared_error_of_opaque(a, b));
         continue;
      }
      const int behind[backgrounds] = {255, 0, checker_at(x, y)};
      for (size_t i = 0; i < backgrounds; ++i)
         sums.squared[i] += static_cast<uint64_t>(squared_error(a, b, behind[i]));
   }
   for (uint64_t &sum : sums.squared)
      sum += opaque;
}

totals totals_of(const giflab_call &call, const giflab_pair &pair) {
   const auto a = plane_of<uint8_t>(*pair.reference, GIFLAB_RGBA8);
   const auto b = plane_of<uint8_t>(*pair.distorted, GIFLAB_RGBA8);
   const int32_t width = pair.distorted->width;
   totals sums;
   for_each_band(call, width, pair.distorted->height, 1 << 16, [&](int32_t first, int32_t rows) {
      for (int32_t y = first; y < first + rows; ++y)
         add_row(a.row(y), b.row(y), width, y, sums);
   });
   return sums;
}

void alpha::measure(const giflab_call &call, std::span<const giflab_pair> pairs) const {
   for (uint32_t i = 0; i < pairs.size(); ++i) {
      const giflab_image &image = *pairs[i].distorted;
      const double pixels = static_cast<double>(image.width) * image.height;
      const totals sums = totals_of(call, pairs[i]);
      for (uint32_t k = 0; k < backgrounds; ++k)
         call.score(&call, i, k, std::sqrt(static_cast<double>(sums.squared[k]) / (3 * pixels)));
      call.score(&call, i, DISAGREEMENT, 100 * static_cast<double>(sums.disagreeing) / pixels);
   }
}

constexpr giflab_plugin plugin = {
    .size = sizeof(giflab_plugin),
    .flags = GIFLAB_FLAG_ON_REQUEST,
    .id = "org.giflab.alpha",
    .label = "Transparency",
    .version = "1",
    .vendor = "giflab",
    .license = "MIT",
    .help =
        "How differently two pictures with transparency look over white, over black and over a checkerboard.",
    GIFLAB_OUTPUTS(outputs),
    .inputs = GIFLAB_BIT(GIFLAB_RGBA8),
    .memory = GIFLAB_BIT(GIFLAB_MEMORY_HOST),
    .scope = GIFLAB_SCOPE_FRAME,
    .threads = GIFLAB_REENTRANT,
    .determinism = GIFLAB_EXACT,
    .cost = GIFLAB_COST_100NS, // translucent on both sides; 10 ns where opaque
    .batch = 8,
    .least_width = 1,
    .least_height = 1,
    .metric = &giflab::frame_metric<alpha>,
    .create = giflab::create<alpha>,
    .destroy = giflab::destroy<alpha>,
};

constexpr const giflab_plugin *plugins[] = {&plugin};

} // namespace

GIFLAB_MODULE(plugins, "giflab built-in");
