// Pictures at another size.

#include "resample.hpp"

#include <algorithm>
#include <cmath>
#include <giflab/plugin.hpp>
#include <giflab_kernels/images.hpp>
#include <optional>

namespace {

using namespace giflab::plugins;

constexpr const char *methods[] = {"nearest", "area", "bilinear", "bicubic", "lanczos", nullptr};
constexpr giflab_param params[] = {
    giflab::real_parameter("scale", "How wide and high pictures become.", "%", 1, 400, 50),
    giflab::choice_parameter("method", "How a pixel is made of those around it.", methods, 4),
};

class resizing {
 public:
   explicit resizing(const giflab_setup &setup)
       : scale_(giflab::parameters(params, setup).real("scale") / 100),
         method_(static_cast<method>(giflab::parameters(params, setup).choice("method"))) {}

   void plan(const giflab_clip &source, giflab_clip &result) {
      resampler_.reset();
      result = source;
      result.width = scaled(source.width);
      result.height = scaled(source.height);
   }

   void apply(const giflab_call &call, const giflab_image &image, const giflab_sink &sink) {
      const int32_t width = scaled(image.width), height = scaled(image.height);
      if (width == image.width && height == image.height)
         return check(sink.pass(&sink, &image, image.start_us, image.duration_us));
      if (!resampler_)
         resampler_.emplace(image.width, image.height, width, height, method_);
      giflab_canvas *canvas = sink.open(&sink, image.start_us, image.duration_us);
      if (!canvas)
         throw giflab::failure(GIFLAB_NO_MEMORY, "no memory for a picture");
      const auto source = giflab::kernels::plane_of<uint8_t>(image, GIFLAB_RGBA8);
      for (int32_t y = 0; y < height; ++y) {
         giflab::stop_if_cancelled(call);
         resampler_->row(source, y,
                         static_cast<uint8_t *>(canvas->data) + static_cast<std::size_t>(y) * canvas->stride);
      }
      check(sink.put(&sink, canvas));
   }

 private:
   int32_t scaled(int32_t length) const {
      return static_cast<int32_t>(std::clamp(std::round(length * scale_), 1.0, 65535.0));
   }
   static void check(giflab_status status) {
      if (status != GIFLAB_OK)
         throw giflab::failure(status, "the picture was not taken");
   }

   double scale_;
   method method_;
   std::optional<resampler> resampler_;
};

giflab_status plan(void *instance, const giflab_clip *source, giflab_clip *result) noexcept {
   static_cast<resizing *>(instance)->plan(*source, *result);
   return GIFLAB_OK;
}

giflab_status apply(void *instance, const giflab_call *call, const giflab_image *image,
                    const giflab_sink *sink) noexcept {
   return giflab::guarded(call, [&] { static_cast<resizing *>(instance)->apply(*call, *image, *sink); });
}

constexpr giflab_filter filter = {.plan = plan, .apply = apply};
constexpr giflab_plugin plugin = {
    .size = sizeof(giflab_plugin),
    .id = "org.giflab.resize",
    .label = "Resize",
    .version = "1",
    .vendor = "giflab",
    .license = "MIT",
    .help = "Makes every picture smaller or larger, in proportion; colours are weighted by alpha.",
    GIFLAB_PARAMS(params),
    .inputs = GIFLAB_BIT(GIFLAB_RGBA8),
    .memory = GIFLAB_BIT(GIFLAB_MEMORY_HOST),
    .scope = GIFLAB_SCOPE_FRAME,
    .threads = GIFLAB_PER_INSTANCE,
    .determinism = GIFLAB_EXACT,
    .cost = GIFLAB_COST_100NS,
    .bytes_per_pixel = 16,
    .least_width = 1,
    .least_height = 1,
    .filter = &filter,
    .create = giflab::create<resizing>,
    .destroy = giflab::destroy<resizing>,
};
constexpr const giflab_plugin *plugins[] = {&plugin};

} // namespace

GIFLAB_MODULE(plugins, "giflab built-in");
