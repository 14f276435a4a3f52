// Inverts the colours of every picture.

#include "invert.h"

#include <giflab/plugin.h>

static giflab_status plan(void *instance, const giflab_clip *source, giflab_clip *result) {
   (void)instance;
   *result = *source; // as many pictures, as large, as long
   return GIFLAB_OK;
}

static giflab_status apply(void *instance, const giflab_call *call, const giflab_image *image,
                           const giflab_sink *sink) {
   (void)instance;
   giflab_canvas *canvas = sink->open(sink, image->start_us, image->duration_us);
   if (!canvas)
      return call->fail(call, GIFLAB_NO_MEMORY, "no memory for a picture");
   const giflab_plane plane = image->views[GIFLAB_RGBA8]->planes[0];
   for (int32_t y = 0; y < image->height; ++y) {
      if (call->cancelled(call))
         return GIFLAB_CANCELLED;
      invert((const uint8_t *)plane.data + (size_t)y * plane.stride,
             (uint8_t *)canvas->data + (size_t)y * canvas->stride, image->width);
   }
   return sink->put(sink, canvas);
}

static giflab_status create(const giflab_call *call, const giflab_setup *setup, void **instance) {
   (void)call, (void)setup, (void)instance; // there is no state
   return GIFLAB_OK;
}
static void destroy(void *instance) { (void)instance; }

static const giflab_filter filter = {.plan = plan, .apply = apply};
static const giflab_plugin plugin = {
    .size         = sizeof(giflab_plugin),
    .id           = "org.example.@name@",
    .label        = "@name@",
    .version      = "1",
    .vendor       = "example",
    .license      = "MIT",
    .help         = "Inverts the colours of every picture.",
    .inputs       = GIFLAB_BIT(GIFLAB_RGBA8),
    .memory       = GIFLAB_BIT(GIFLAB_MEMORY_HOST),
    .scope        = GIFLAB_SCOPE_FRAME,
    .threads      = GIFLAB_REENTRANT,
    .determinism  = GIFLAB_EXACT,
    .cost         = GIFLAB_COST_10NS,
    .least_width  = 1,
    .least_height = 1,
    .filter       = &filter,
    .create       = create,
    .destroy      = destroy,
};
static const giflab_plugin *const plugins[] = {&plugin};
GIFLAB_MODULE(plugins, "@name@");
