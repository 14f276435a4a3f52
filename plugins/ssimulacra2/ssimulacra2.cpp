// SSIMULACRA 2.1.

#include "score.hpp"

#include <algorithm>
#include <cmath>
#include <giflab/plugin.hpp>
#include <giflab_kernels/images.hpp>

namespace {

using namespace giflab::kernels;

constexpr const char *arithmetics[] = {"reference", "exact", nullptr};
constexpr const char *transparencies[] = {"background", "greys", nullptr};
constexpr giflab_param parameters[] = {
    giflab::choice_parameter(
        "arithmetic",
        "reference: the digits of the 2.1 tool, the drift of its blur included; exact: the "
        "same metric without that drift, and faster.",
        arithmetics, 0),
    giflab::choice_parameter(
        "transparency",
        "background: pictures over the run's background, as for other metrics; greys: "
        "transparent ones over dark and over light grey, the worse counting, as the tool does.",
        transparencies, 0),
};

struct ssimulacra2 {
   arithmetic choice;
   ssimulacra2_blur blur;
   bool on_greys;

   explicit ssimulacra2(const giflab_setup &setup)
       : choice(arithmetic_of(setup)),
         blur(giflab::parameters(parameters, setup).choice("arithmetic") == 0 ? ssimulacra2_blur::recursive
                                                                              : ssimulacra2_blur::direct),
         on_greys(giflab::parameters(parameters, setup).choice("transparency") == 1) {}
   void measure(const giflab_call &call, std::span<const giflab_pair> pairs) const;
   double of(const giflab_call &call, const giflab_pair &pair, std::byte *scratch) const;
};

constexpr giflab_output outputs[] = {
    {.id = "ssimulacra2",
     .help = "Perceived quality: 100 where nothing differs, 90 hardly visible, 70 high, 50 medium, 30 low; "
             "below 0 for a wreck.",
     .unit = "1",
     .lowest = -INFINITY,
     .highest = 100,
     .identical = 100,
     .tolerance = 1e-3,
     .direction = GIFLAB_HIGHER_IS_BETTER,
     .level = GIFLAB_PER_FRAME,
     .pool = GIFLAB_POOL_MEAN},
};

bool is_opaque(const giflab_image &image) {
   const auto pixels = plane_of<uint8_t>(image, GIFLAB_RGBA8);
   for (int32_t y = 0; y < image.height; ++y) {
      const uint8_t *row = pixels.row(y);
      uint8_t least = 255;
      for (int32_t x = 0; x < image.width; ++x)
         least = std::min(least, row[4 * static_cast<size_t>(x) + 3]);
      if (least != 255)
         return false;
   }
   return true;
}

double ssimulacra2::of(const giflab_call &call, const giflab_pair &pair, std::byte *scratch) const {
   const bool transparent = on_greys && !(is_opaque(*pair.reference) && is_opaque(*pair.distorted));
   const uint32_t form = transparent ? GIFLAB_RGBA8 : GIFLAB_RGB8;
   ssimulacra2_pair pictures = {plane_of<uint8_t>(*pair.reference, form),
                                plane_of<uint8_t>(*pair.distorted, form),
                                transparent ? 4 : 3,
                                pair.distorted->width,
                                pair.distorted->height,
                                0.1F};
   const auto wanted = giflab::plugins::weighted_maps(ssimulacra2_scale_count(pictures.width, pictures.height));
   const auto score = [&] {
      const ssimulacra2_result sums = measure_ssimulacra2(
          pictures, wanted, blur, scratch, [&] { giflab::stop_if_cancelled(call); }, choice);
      return giflab::plugins::ssimulacra2_score(sums, pictures.width, pictures.height);
   };
   const double on_dark = score();
   if (!transparent)
      return on_dark;
   pictures.background = 0.9F;
   return std::min(on_dark, score());
}

void ssimulacra2::measure(const giflab_call &call, std::span<const giflab_pair> pairs) const {
   const giflab_image &first = *pairs[0].distorted;
   const auto scratch =
       giflab::scratch<std::byte>(call, ssimulacra2_scratch(first.width, first.height, blur, choice));
   for (uint32_t i = 0; i < pairs.size(); ++i)
      call.score(&call, i, 0, of(call, pairs[i], scratch.data()));
}

constexpr giflab_plugin plugin = {
    .size = sizeof(giflab_plugin),
    .flags = GIFLAB_FLAG_ON_REQUEST,
    .id = "org.giflab.ssimulacra2",
    .label = "SSIMULACRA 2",
    .version = "2",
    .vendor = "giflab",
    .license = "MIT",
    .url = "https://github.com/cloudinary/ssimulacra2",
    .help = "Perceived quality of still pictures by SSIMULACRA 2.1 (Sneyers, Cloudinary 2023).",
    GIFLAB_PARAMS(parameters),
    GIFLAB_OUTPUTS(outputs),
    .inputs = GIFLAB_BIT(GIFLAB_RGB8) | GIFLAB_BIT(GIFLAB_RGBA8),
    .memory = GIFLAB_BIT(GIFLAB_MEMORY_HOST),
    .scope = GIFLAB_SCOPE_FRAME,
    .threads = GIFLAB_REENTRANT,
    .determinism = GIFLAB_EXACT,
    .cost = GIFLAB_COST_100NS,
    .batch = 8,
    .bytes_per_pixel = 44, // 6 to 13 of large pictures, whose rings of rows count for less
    .least_width = ssimulacra2_least,
    .least_height = ssimulacra2_least,
    .metric = &giflab::frame_metric<ssimulacra2>,
    .create = giflab::create<ssimulacra2>,
    .destroy = giflab::destroy<ssimulacra2>,
};

constexpr const giflab_plugin *plugins[] = {&plugin};

} // namespace

GIFLAB_MODULE(plugins, "giflab built-in");
