// Inverts the colours of every picture.

#include "invert.hpp"

#include <giflab/plugin.hpp>

namespace {

struct filter {
   explicit filter(const giflab_setup &) {}

   void apply(const giflab_call &call, const giflab_image &image, const giflab_sink &sink) const {
      giflab_canvas *canvas = sink.open(&sink, image.start_us, image.duration_us);
      if (!canvas)
         throw giflab::failure(GIFLAB_NO_MEMORY, "no memory for a picture");
      const size_t row_bytes = static_cast<size_t>(image.width) * 4;
      for (int32_t y = 0; y < image.height; ++y) {
         giflab::stop_if_cancelled(call);
         auto *to = static_cast<uint8_t *>(canvas->data) + static_cast<size_t>(y) * canvas->stride;
         invert({giflab::row<uint8_t>(giflab::plane(image, GIFLAB_RGBA8), y), row_bytes}, {to, row_bytes});
      }
      if (const giflab_status status = sink.put(&sink, canvas); status != GIFLAB_OK)
         throw giflab::failure(status, "the picture was not taken");
   }
};

giflab_status plan(void *, const giflab_clip *source, giflab_clip *result) noexcept {
   *result = *source; // as many pictures, as large, as long
   return GIFLAB_OK;
}

giflab_status apply(void *instance, const giflab_call *call, const giflab_image *image,
                    const giflab_sink *sink) noexcept {
   return giflab::guarded(call, [&] { static_cast<filter *>(instance)->apply(*call, *image, *sink); });
}

constexpr giflab_filter callbacks = {.plan = plan, .apply = apply};
constexpr giflab_plugin plugin    = {
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
       .filter       = &callbacks,
       .create       = giflab::create<filter>,
       .destroy      = giflab::destroy<filter>,
};
constexpr const giflab_plugin *plugins[] = {&plugin};

} // namespace

GIFLAB_MODULE(plugins, "@name@");
