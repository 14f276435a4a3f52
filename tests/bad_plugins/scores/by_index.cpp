// The share of pixels whose colour differs, sound but for one fault: where index pairs are counted it compares
// indices, which say nothing of two palettes.
#include <giflab/plugin.hpp>

#include <cstring>

namespace {

constexpr giflab_output outputs[] = {{.id = "differing",
                                      .help = "Share of pixels whose colour differs.",
                                      .unit = "1",
                                      .lowest = 0,
                                      .highest = 1,
                                      .identical = 0,
                                      .direction = GIFLAB_LOWER_IS_BETTER,
                                      .level = GIFLAB_PER_FRAME,
                                      .pool = GIFLAB_POOL_MEAN}};

uint32_t colour_at(const giflab_image &image, int32_t x, int32_t y) {
   uint32_t colour = 0;
   if (image.views[GIFLAB_INDEX8])
      return giflab::row<uint32_t>(giflab::plane(image, GIFLAB_INDEX8, 2),
                                   0)[giflab::row<uint8_t>(giflab::plane(image, GIFLAB_INDEX8), y)[x]];
   std::memcpy(&colour, giflab::row<uint8_t>(giflab::plane(image, GIFLAB_RGB8), y) + ptrdiff_t{3} * x, 3);
   return colour;
}

struct differing {
   explicit differing(const giflab_setup &) {}

   static double of_index_pairs(const giflab_pair &pair) {
      double pixels = 0;
      for (const giflab_index_pair &one : giflab::index_pairs(pair))
         pixels += one.reference != one.distorted ? one.pixels : 0;
      return pixels;
   }

   static double of_pixels(const giflab_call &call, const giflab_pair &pair) {
      double pixels = 0;
      for (int32_t y = 0; y < pair.distorted->height; ++y) {
         giflab::stop_if_cancelled(call);
         for (int32_t x = 0; x < pair.distorted->width; ++x)
            pixels += colour_at(*pair.reference, x, y) != colour_at(*pair.distorted, x, y);
      }
      return pixels;
   }

   void measure(const giflab_call &call, std::span<const giflab_pair> pairs) {
      for (uint32_t i = 0; i < pairs.size(); ++i) {
         const bool counted = !giflab::index_pairs(pairs[i]).empty();
         const double pixels = counted ? of_index_pairs(pairs[i]) : of_pixels(call, pairs[i]);
         call.score(&call, i, 0, pixels / pairs[i].distorted->width / pairs[i].distorted->height);
      }
   }
};

constexpr giflab_plugin plugin = {
    .size = sizeof(giflab_plugin),
    .flags = GIFLAB_FLAG_INDEX8_ALONE,
    .id = "org.test.by_index",
    .label = "Differing",
    .version = "1",
    .vendor = "Test",
    .license = "MIT",
    .help = "Sound but for one fault.",
    GIFLAB_OUTPUTS(outputs),
    .inputs = GIFLAB_BIT(GIFLAB_RGB8) | GIFLAB_BIT(GIFLAB_INDEX8),
    .memory = GIFLAB_BIT(GIFLAB_MEMORY_HOST),
    .scope = GIFLAB_SCOPE_FRAME,
    .threads = GIFLAB_REENTRANT,
    .determinism = GIFLAB_EXACT,
    .cost = GIFLAB_COST_10NS,
    .batch = 4,
    .bytes_per_pixel = 1,
    .least_width = 1,
    .least_height = 1,
    .metric = &giflab::frame_metric<differing>,
    .create = giflab::create<differing>,
    .destroy = giflab::destroy<differing>,
};
constexpr const giflab_plugin *plugins[] = {&plugin};

} // namespace

GIFLAB_MODULE(plugins, "test");
