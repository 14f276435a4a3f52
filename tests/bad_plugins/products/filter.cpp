// Inverts pictures, sound but for one fault: the macro that is defined names it.
#include <giflab/plugin.hpp>

namespace {

struct inverted {
   explicit inverted(const giflab_setup &) {}

   void plan(const giflab_clip &source, giflab_clip &result) {
      result = source;
#ifdef PASSES_WRONG_SIZE
      result.width = source.width + 1;
#endif
      put = 0;
   }

   void apply([[maybe_unused]] const giflab_call &call, const giflab_image &image, const giflab_sink &sink) {
      int64_t duration = image.duration_us;
#ifdef SHORTENS
      duration = duration / 2 + 1;
#elif defined OVERLAPS
      duration += put == 0 ? 1000 : put == 1 ? -1000 : 0; // all in all it is right
#elif defined NEVER_ENDS
      duration = INT64_MAX;
#elif defined DROPS_LAST
      if (put == 4)
         return;
#endif
      ++put;
#ifdef PASSES_WRONG_SIZE
      check(sink.pass(&sink, &image, image.start_us, duration));
#else
      paint(call, image, sink, duration);
#endif
   }

   void paint(const giflab_call &call, const giflab_image &image, const giflab_sink &sink, int64_t duration) {
      giflab_canvas *canvas = sink.open(&sink, image.start_us, duration);
      if (!canvas)
         throw giflab::failure(GIFLAB_NO_MEMORY, "no memory for a picture");
      for (int32_t y = 0; y < image.height; ++y) {
         giflab::stop_if_cancelled(call);
         const auto *source = giflab::row<uint8_t>(giflab::plane(image, GIFLAB_RGBA8), y);
         auto *target = static_cast<uint8_t *>(canvas->data) + static_cast<size_t>(y) * canvas->stride;
         for (size_t i = 0; i < static_cast<size_t>(image.width) * 4; ++i)
#ifdef COPIES_UNCHANGED
            target[i] = source[i];
#else
            target[i] = i % 4 == 3 ? source[i] : static_cast<uint8_t>(255 - source[i]);
#endif
      }
      check(sink.put(&sink, canvas));
   }

   static void check(giflab_status status) {
      if (status != GIFLAB_OK)
         throw giflab::failure(status, "the picture was not taken");
   }

   int put = 0; // pictures so far
};

giflab_status plan(void *instance, const giflab_clip *source, giflab_clip *result) noexcept {
   static_cast<inverted *>(instance)->plan(*source, *result);
   return GIFLAB_OK;
}

giflab_status apply(void *instance, const giflab_call *call, const giflab_image *image,
                    const giflab_sink *sink) noexcept {
   return giflab::guarded(call, [&] {
      if (image)
         static_cast<inverted *>(instance)->apply(*call, *image, *sink);
   });
}

constexpr giflab_filter filter = {.plan = plan, .apply = apply};
constexpr giflab_plugin plugin = {
    .size = sizeof(giflab_plugin),
    .id = "org.test.faulty",
    .label = "Faulty",
    .version = "1",
    .vendor = "test",
    .license = "MIT",
    .help = "Inverts the colours of every picture.",
    .inputs = GIFLAB_BIT(GIFLAB_RGBA8),
    .memory = GIFLAB_BIT(GIFLAB_MEMORY_HOST),
    .scope = GIFLAB_SCOPE_CLIP,
    .threads = GIFLAB_PER_INSTANCE,
    .determinism = GIFLAB_EXACT,
    .cost = GIFLAB_COST_10NS,
    .least_width = 1,
    .least_height = 1,
    .filter = &filter,
    .create = giflab::create<inverted>,
    .destroy = giflab::destroy<inverted>,
};
constexpr const giflab_plugin *plugins[] = {&plugin};

} // namespace

GIFLAB_MODULE(plugins, "test");
