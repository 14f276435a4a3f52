// The change of mean luma, summed over a clip; sound but for what it keeps between clips.
#include <giflab/plugin.hpp>

#include <cmath>

namespace {

constexpr giflab_output outputs[] = {{.id = "change",
                                      .help = "Sum over the clip of the change of mean luma.",
                                      .unit = "levels",
                                      .lowest = 0,
                                      .highest = 1e6,
                                      .identical = 0,
                                      .direction = GIFLAB_NEITHER_IS_BETTER,
                                      .level = GIFLAB_PER_CLIP,
                                      .pool = GIFLAB_POOL_MEAN}};

struct change {
   explicit change(const giflab_setup &) {}

   // Relies on whoever ended the clip before to have cleaned up, and nobody does where it was broken off.
   void begin(const giflab_call &, const giflab_clip &) {}
   void measure(const giflab_call &call, std::span<const giflab_pair> pairs) {
      try {
         for (const giflab_pair &pair : pairs)
            sum += std::abs(mean(call, *pair.distorted) - mean(call, *pair.reference));
      } catch (...) {
         sum = 0;
         throw;
      }
   }
   void finish(const giflab_call &call) {
      call.score(&call, 0, 0, sum);
      sum = 0;
   }

   static double mean(const giflab_call &call, const giflab_image &image) {
      double total = 0;
      for (int32_t y = 0; y < image.height; ++y) {
         giflab::stop_if_cancelled(call);
         const auto *row = giflab::row<uint8_t>(giflab::plane(image, GIFLAB_LUMA8), y);
         for (int32_t x = 0; x < image.width; ++x)
            total += row[x];
      }
      return total / image.width / image.height;
   }

   double sum = 0;
};

constexpr giflab_plugin plugin = {
    .size = sizeof(giflab_plugin),
    .id = "org.test.clip_scores",
    .label = "Change",
    .version = "1",
    .vendor = "Test",
    .license = "MIT",
    .help = "Sound but for one fault.",
    GIFLAB_OUTPUTS(outputs),
    .inputs = GIFLAB_BIT(GIFLAB_LUMA8),
    .memory = GIFLAB_BIT(GIFLAB_MEMORY_HOST),
    .scope = GIFLAB_SCOPE_CLIP,
    .threads = GIFLAB_PER_INSTANCE,
    .determinism = GIFLAB_EXACT,
    .cost = GIFLAB_COST_10NS,
    .batch = 4,
    .bytes_per_pixel = 1,
    .least_width = 1,
    .least_height = 1,
    .metric = &giflab::clip_metric<change>,
    .create = giflab::create<change>,
    .destroy = giflab::destroy<change>,
};
constexpr const giflab_plugin *plugins[] = {&plugin};

} // namespace

GIFLAB_MODULE(plugins, "test");
