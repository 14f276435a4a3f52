// The mean absolute difference of luma.

#include "absolute_difference.hpp"

#include <giflab/plugin.hpp>

namespace {

std::span<const uint8_t> luma_row(const giflab_image &image, int32_t y) {
   return {giflab::row<uint8_t>(giflab::plane(image, GIFLAB_LUMA8), y), static_cast<size_t>(image.width)};
}

struct metric {
   explicit metric(const giflab_setup &) {}

   void measure(const giflab_call &call, std::span<const giflab_pair> pairs) const {
      for (uint32_t i = 0; i < pairs.size(); ++i) {
         const giflab_image &reference = *pairs[i].reference, &distorted = *pairs[i].distorted;
         uint64_t            sum = 0;
         for (int32_t y = 0; y < distorted.height; ++y) {
            giflab::stop_if_cancelled(call);
            sum += absolute_difference(luma_row(reference, y), luma_row(distorted, y));
         }
         const double pixels = static_cast<double>(distorted.width) * distorted.height;
         call.score(&call, i, 0, static_cast<double>(sum) / pixels);
      }
   }
};

constexpr giflab_output outputs[] = {
    {.id        = "@name@",
     .help      = "Mean absolute difference of luma.",
     .unit      = "levels",
     .lowest    = 0,
     .highest   = 255,
     .identical = 0,
     .direction = GIFLAB_LOWER_IS_BETTER,
     .level     = GIFLAB_PER_FRAME,
     .pool      = GIFLAB_POOL_MEAN},
};
constexpr giflab_plugin plugin = {
    .size    = sizeof(giflab_plugin),
    .id      = "org.example.@name@",
    .label   = "@name@",
    .version = "1",
    .vendor  = "example",
    .license = "MIT",
    .help    = "Mean absolute difference of luma.",
    GIFLAB_OUTPUTS(outputs),
    .inputs       = GIFLAB_BIT(GIFLAB_LUMA8),
    .memory       = GIFLAB_BIT(GIFLAB_MEMORY_HOST),
    .scope        = GIFLAB_SCOPE_FRAME,
    .threads      = GIFLAB_REENTRANT,
    .determinism  = GIFLAB_EXACT,
    .cost         = GIFLAB_COST_10NS,
    .batch        = 8,
    .least_width  = 1,
    .least_height = 1,
    .metric       = &giflab::frame_metric<metric>,
    .create       = giflab::create<metric>,
    .destroy      = giflab::destroy<metric>,
};
constexpr const giflab_plugin *plugins[] = {&plugin};

} // namespace

GIFLAB_MODULE(plugins, "@name@");
