// The mean absolute difference of luma.

#include "absolute_difference.h"

#include <giflab/plugin.h>

static const uint8_t *luma_row(const giflab_image *image, int32_t y) {
   const giflab_plane plane = image->views[GIFLAB_LUMA8]->planes[0];
   return (const uint8_t *)plane.data + (size_t)y * plane.stride;
}

static giflab_status measure(void *instance, const giflab_call *call, const giflab_pair *pairs,
                             uint32_t count) {
   (void)instance;
   for (uint32_t i = 0; i < count; ++i) {
      const int32_t width = pairs[i].distorted->width, height = pairs[i].distorted->height;
      uint64_t      sum = 0;
      for (int32_t y = 0; y < height; ++y) {
         if (call->cancelled(call))
            return GIFLAB_CANCELLED;
         sum += absolute_difference(luma_row(pairs[i].reference, y), luma_row(pairs[i].distorted, y), width);
      }
      call->score(call, i, 0, (double)sum / ((double)width * height));
   }
   return GIFLAB_OK;
}

static giflab_status create(const giflab_call *call, const giflab_setup *setup, void **instance) {
   (void)call, (void)setup, (void)instance; // there is no state
   return GIFLAB_OK;
}
static void destroy(void *instance) { (void)instance; }

static const giflab_output outputs[] = {
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
static const giflab_metric metric = {.measure = measure};
static const giflab_plugin plugin = {
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
    .metric       = &metric,
    .create       = create,
    .destroy      = destroy,
};
static const giflab_plugin *const plugins[] = {&plugin};
GIFLAB_MODULE(plugins, "@name@");
