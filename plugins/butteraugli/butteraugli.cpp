// Butteraugli: the largest visible difference, and a mean of norms of them all.

#include "difference.hpp"

#include <cmath>
#include <giflab/plugin.hpp>
#include <giflab_kernels/images.hpp>

namespace {

using namespace giflab::butteraugli;
using giflab::kernels::arithmetic;

constexpr giflab_param parameters[] = {
    giflab::real_parameter("intensity_target", "Light of white on the screen that the pictures are judged on.",
                           "nits", 1, 10000, 80),
    giflab::real_parameter(
        "hf_asymmetry",
        "Weight of differences of fine detail; what goes beyond the original or falls short of "
        "it is weighed by the inverse.",
        "1", 0.01, 100, 1),
};

struct butteraugli {
   arithmetic choice;
   viewing conditions;

   explicit butteraugli(const giflab_setup &setup)
       : choice(giflab::kernels::arithmetic_of(setup)),
         conditions{giflab::parameters(parameters, setup).real("intensity_target"),
                    giflab::parameters(parameters, setup).real("hf_asymmetry")} {}
   void measure(const giflab_call &call, std::span<const giflab_pair> pairs) const;
};

constexpr giflab_output outputs[] = {
    {.id = "butteraugli",
     .help =
         "The largest visible difference: below 1 hardly anyone sees it, above 2 it is plain; 0 where nothing "
         "differs.",
     .unit = "1",
     .lowest = 0,
     .highest = INFINITY,
     .identical = 0,
     .tolerance = 1e-2,
     .direction = GIFLAB_LOWER_IS_BETTER,
     .level = GIFLAB_PER_FRAME,
     .pool = GIFLAB_POOL_MEAN},
    {.id = "butteraugli_3norm",
     .help =
         "The mean of the 3-, 6- and 12-norm of visible differences over the picture; 0 where nothing differs.",
     .unit = "1",
     .lowest = 0,
     .highest = INFINITY,
     .identical = 0,
     .tolerance = 1e-2,
     .direction = GIFLAB_LOWER_IS_BETTER,
     .level = GIFLAB_PER_FRAME,
     .pool = GIFLAB_POOL_MEAN},
};

light_pair light_of(const giflab_pair &pair) {
   light_pair light = {{}, {}, pair.distorted->width, pair.distorted->height};
   for (uint32_t c = 0; c < 3; ++c) {
      light.reference[c] = giflab::kernels::plane_of<float>(*pair.reference, GIFLAB_LINEAR_F32, c);
      light.distorted[c] = giflab::kernels::plane_of<float>(*pair.distorted, GIFLAB_LINEAR_F32, c);
   }
   return light;
}

void butteraugli::measure(const giflab_call &call, std::span<const giflab_pair> pairs) const {
   const int32_t width = pairs[0].distorted->width, height = pairs[0].distorted->height;
   const auto scratch = giflab::scratch<std::byte>(call, scratch_bytes(width, height, choice));
   for (uint32_t i = 0; i < pairs.size(); ++i) {
      const map_sums sums = giflab::butteraugli::measure(
          light_of(pairs[i]), conditions, scratch.data(), [&] { giflab::stop_if_cancelled(call); }, choice);
      call.score(&call, i, 0, sums.maximum);
      call.score(&call, i, 1, three_norm(sums, static_cast<double>(width) * height));
   }
}

constexpr giflab_plugin plugin = {
    .size = sizeof(giflab_plugin),
    .flags = GIFLAB_FLAG_ON_REQUEST,
    .id = "org.giflab.butteraugli",
    .label = "Butteraugli",
    .version = "2",
    .vendor = "giflab",
    .license = "MIT",
    .url = "https://github.com/libjxl/libjxl",
    .help =
        "Visible differences of still pictures by Butteraugli as in libjxl 0.8 and later (Alakuijala et al.).",
    GIFLAB_PARAMS(parameters),
    GIFLAB_OUTPUTS(outputs),
    .inputs = GIFLAB_BIT(GIFLAB_LINEAR_F32),
    .memory = GIFLAB_BIT(GIFLAB_MEMORY_HOST),
    .scope = GIFLAB_SCOPE_FRAME,
    .threads = GIFLAB_REENTRANT,
    .determinism = GIFLAB_EXACT,
    .cost = GIFLAB_COST_1US,
    .batch = 8,
    .bytes_per_pixel = 240, // 29 planes of doubles at level 0; vectors take 2 of large pictures
    .least_width = 1,
    .least_height = 1,
    .metric = &giflab::frame_metric<butteraugli>,
    .create = giflab::create<butteraugli>,
    .destroy = giflab::destroy<butteraugli>,
};

constexpr const giflab_plugin *plugins[] = {&plugin};

} // namespace

GIFLAB_MODULE(plugins, "giflab built-in");
