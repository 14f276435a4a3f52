// Reduces the colours of every picture.

#include "dithering.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <giflab/plugin.hpp>
#include <giflab_kernels/images.hpp>
#include <optional>

namespace {

using namespace giflab::plugins;
using giflab::kernels::colour_histogram;
using giflab::kernels::palette_lookup;
using giflab::kernels::rgb;

constexpr const char *dithers[] = {"none", "floyd_steinberg", "ordered", nullptr};
constexpr const char *palettes[] = {"held", "each", nullptr};

constexpr giflab_param params[] = {
    giflab::integer_parameter("colours", "How many colours a picture has at most, a transparent one included.",
                              nullptr, 2, 256, 256),
    giflab::choice_parameter("dither", "How colours between those of the palette are suggested.", dithers, 1),
    giflab::choice_parameter("palette",
                             "Whether a palette is held for as long as it serves, or each picture has its own.",
                             palettes, 0),
};

constexpr std::size_t most_lookups = std::size_t{1} << 16;

class colour_reduction {
 public:
   explicit colour_reduction(const giflab_setup &setup)
       : colours_(static_cast<std::size_t>(giflab::parameters(params, setup).integer("colours"))),
         dither_(static_cast<dither>(giflab::parameters(params, setup).choice("dither"))),
         held_(giflab::parameters(params, setup).choice("palette") == 0) {}

   // A new clip starts here.
   void start() {
      lookup_.reset();
      before_.reset();
   }
   void apply(const giflab_call &call, const giflab_image &image, const giflab_sink &sink);

 private:
   bool serves(const colour_histogram &histogram, const giflab_call &call);
   double error_of(const colour_histogram &histogram, const giflab_call &call);
   void choose_palette(const colour_histogram &histogram, std::size_t size, std::size_t pixels,
                       const giflab_call &call);

   std::size_t colours_;
   dither dither_;
   bool held_;
   std::optional<palette_lookup> lookup_;
   double error_when_made_ = 0;            // mean squared distance of the picture that the palette was made for
   std::optional<reduced_picture> before_; // by the same palette
};

reduced_picture copy_of(const giflab_call &call, const giflab_image &image) {
   reduced_picture made{image.width, image.height, {}, {}};
   const auto pixels = giflab::kernels::plane_of<uint8_t>(image, GIFLAB_RGBA8);
   const auto row_bytes = static_cast<std::size_t>(image.width) * 4;
   made.source.reserve(row_bytes * static_cast<std::size_t>(image.height));
   for (int32_t y = 0; y < image.height; ++y) {
      giflab::stop_if_cancelled(call);
      made.source.insert(made.source.end(), pixels.row(y), pixels.row(y) + row_bytes);
   }
   return made;
}

// Of the pixels that are to be seen; true if there are others.
bool count_colours(const giflab_call &call, const reduced_picture &of, colour_histogram &histogram) {
   bool holes = false;
   for (std::size_t at = 0; at < of.source.size(); at += 4) {
      if (at % 16384 == 0)
         giflab::stop_if_cancelled(call);
      if (of.source[at + 3] < least_opaque_alpha)
         holes = true;
      else
         histogram.add({of.source[at], of.source[at + 1], of.source[at + 2]});
   }
   return holes;
}

// Whether the picture can go through as it is: what a GIF shows, and few enough colours.
bool is_reduced(const reduced_picture &of, const colour_histogram &histogram, std::size_t size) {
   if (!histogram.exact() || histogram.size() > size)
      return false;
   for (std::size_t at = 0; at < of.source.size(); at += 4)
      if (of.source[at + 3] != 255 && std::memcmp(&of.source[at], "\0\0\0\0", 4) != 0)
         return false;
   return true;
}

void hand_over(const giflab_call &call, const giflab_image &image, const reduced_picture &made,
               const giflab_sink &sink) {
   giflab_canvas *canvas = sink.open(&sink, image.start_us, image.duration_us);
   if (!canvas)
      throw giflab::failure(GIFLAB_NO_MEMORY, "no memory for a picture");
   const auto row_bytes = static_cast<std::size_t>(made.width) * 4;
   for (int32_t y = 0; y < made.height; ++y) {
      giflab::stop_if_cancelled(call);
      std::memcpy(static_cast<uint8_t *>(canvas->data) + static_cast<std::size_t>(y) * canvas->stride,
                  made.result.data() + static_cast<std::size_t>(y) * row_bytes, row_bytes);
   }
   if (const giflab_status status = sink.put(&sink, canvas); status != GIFLAB_OK)
      throw giflab::failure(status, "the picture was not taken");
}

double colour_reduction::error_of(const colour_histogram &histogram, const giflab_call &call) {
   double sum = 0, count = 0;
   std::size_t seen = 0;
   for (const colour_histogram::entry &one : histogram.entries()) {
      if (seen++ % 1024 == 0)
         giflab::stop_if_cancelled(call);
      const rgb colour = {static_cast<uint8_t>(one.red), static_cast<uint8_t>(one.green),
                          static_cast<uint8_t>(one.blue)};
      sum +=
          one.count * giflab::kernels::squared_distance(colour, lookup_->palette()[lookup_->nearest(colour)]);
      count += one.count;
   }
   return count > 0 ? sum / count : 0;
}

// A palette serves until it does half as badly again as for the picture that it was made for.
bool colour_reduction::serves(const colour_histogram &histogram, const giflab_call &call) {
   return held_ && lookup_ && error_of(histogram, call) <= 1.5 * error_when_made_;
}

void colour_reduction::choose_palette(const colour_histogram &histogram, std::size_t size, std::size_t pixels,
                                      const giflab_call &call) {
   const auto palette = giflab::kernels::palette_for(histogram, size, [&] { giflab::stop_if_cancelled(call); });
   lookup_.emplace(palette, std::clamp<std::size_t>(std::bit_floor(pixels), 64, most_lookups));
   error_when_made_ = error_of(histogram, call);
   before_.reset();
}

void colour_reduction::apply(const giflab_call &call, const giflab_image &image, const giflab_sink &sink) {
   reduced_picture now = copy_of(call, image);
   colour_histogram histogram;
   const bool holes = count_colours(call, now, histogram);
   const std::size_t size = colours_ - holes;
   if (is_reduced(now, histogram, size)) {
      before_.reset();
      if (const giflab_status status = sink.pass(&sink, &image, image.start_us, image.duration_us);
          status != GIFLAB_OK)
         throw giflab::failure(status, "the picture was not taken");
      return;
   }
   const bool fits = lookup_ && lookup_->palette().size() <= size;
   if (histogram.size() > 0 && (!fits || !serves(histogram, call)))
      choose_palette(histogram, size, now.source.size() / 4, call);
   if (!lookup_) // nothing to be seen: only holes to be emptied
      lookup_.emplace(std::vector<rgb>{{}}, 64);
   map_to_palette(now, before_ ? &*before_ : nullptr, *lookup_, dither_,
                  [&] { giflab::stop_if_cancelled(call); });
   hand_over(call, image, now, sink);
   if (held_)
      before_ = std::move(now);
}

giflab_status plan(void *instance, const giflab_clip *source, giflab_clip *result) noexcept {
   static_cast<colour_reduction *>(instance)->start();
   *result = *source;
   return GIFLAB_OK;
}

giflab_status apply(void *instance, const giflab_call *call, const giflab_image *image,
                    const giflab_sink *sink) noexcept {
   return giflab::guarded(call, [&] {
      if (image)
         static_cast<colour_reduction *>(instance)->apply(*call, *image, *sink);
   });
}

constexpr giflab_filter filter = {.plan = plan, .apply = apply};
constexpr giflab_plugin plugin = {
    .size = sizeof(giflab_plugin),
    .id = "org.giflab.palette",
    .label = "Palette",
    .version = "1",
    .vendor = "giflab",
    .license = "MIT",
    .help = "Reduces every picture to a number of colours: boxes split by variance, k-means, and a dither.",
    GIFLAB_PARAMS(params),
    .inputs = GIFLAB_BIT(GIFLAB_RGBA8),
    .memory = GIFLAB_BIT(GIFLAB_MEMORY_HOST),
    .scope = GIFLAB_SCOPE_CLIP,
    .threads = GIFLAB_PER_INSTANCE,
    .determinism = GIFLAB_EXACT,
    .cost = GIFLAB_COST_MORE,
    .bytes_per_pixel = 160,
    .least_width = 1,
    .least_height = 1,
    .filter = &filter,
    .create = giflab::create<colour_reduction>,
    .destroy = giflab::destroy<colour_reduction>,
};
constexpr const giflab_plugin *plugins[] = {&plugin};

} // namespace

GIFLAB_MODULE(plugins, "giflab built-in");
