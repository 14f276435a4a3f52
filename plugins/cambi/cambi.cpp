// CAMBI: banding of either picture, and what the distorted one has more of.

#include "banding_index.hpp"

#include <algorithm>
#include <cmath>
#include <giflab/plugin.hpp>
#include <giflab_kernels/images.hpp>

namespace {

using namespace giflab::kernels;

struct cambi {
   giflab::plugins::cambi_thresholds visible = giflab::plugins::visible_steps();

   explicit cambi(const giflab_setup &) {}
   void measure(const giflab_call &call, std::span<const giflab_pair> pairs) const;
   double of(const giflab_call &call, const giflab_image &image, std::byte *scratch) const;
};

enum output : uint32_t { of_distorted, of_reference, change };

constexpr giflab_output banding(const char *id, const char *help) {
   return {.id = id,
           .help = help,
           .unit = "1",
           .lowest = 0,
           .highest = 31,
           .identical = NAN,
           .tolerance = 1e-6,
           .direction = GIFLAB_LOWER_IS_BETTER,
           .level = GIFLAB_PER_FRAME,
           .pool = GIFLAB_POOL_MEAN};
}

constexpr giflab_output change_of_banding() {
   giflab_output made =
       banding("cambi_change", "Banding that the distorted picture has and the reference has not.");
   made.identical = 0;
   return made;
}

constexpr giflab_output outputs[] = {
    banding("cambi",
            "Banding of the distorted picture: 0 none, 5 begins to disturb, 10 bad, 24 as bad as it gets."),
    banding("cambi_reference", "The same of the reference."),
    change_of_banding(),
};

double cambi::of(const giflab_call &call, const giflab_image &image, std::byte *scratch) const {
   return giflab::plugins::cambi(plane_of<uint8_t>(image, GIFLAB_LUMA8), image.width, image.height, visible,
                                 scratch, [&] { giflab::stop_if_cancelled(call); });
}

void cambi::measure(const giflab_call &call, std::span<const giflab_pair> pairs) const {
   const giflab_image &first = *pairs[0].distorted;
   const auto scratch =
       giflab::scratch<std::byte>(call, giflab::plugins::cambi_scratch(first.width, first.height, visible));
   for (uint32_t i = 0; i < pairs.size(); ++i) {
      const double distorted = of(call, *pairs[i].distorted, scratch.data());
      const double reference = of(call, *pairs[i].reference, scratch.data());
      call.score(&call, i, of_distorted, distorted);
      call.score(&call, i, of_reference, reference);
      call.score(&call, i, change, std::max(0.0, distorted - reference));
   }
}

constexpr giflab_plugin plugin = {
    .size = sizeof(giflab_plugin),
    .flags = GIFLAB_FLAG_ON_REQUEST,
    .id = "org.giflab.cambi",
    .label = "CAMBI",
    .version = "1",
    .vendor = "giflab",
    .license = "MIT",
    .url = "https://doi.org/10.1109/PCS50896.2021.9477464",
    .help = "Contrast aware multiscale banding index of luma (Tandon et al. 2021), as libvmaf computes it.",
    GIFLAB_OUTPUTS(outputs),
    .inputs = GIFLAB_BIT(GIFLAB_LUMA8),
    .memory = GIFLAB_BIT(GIFLAB_MEMORY_HOST),
    .scope = GIFLAB_SCOPE_FRAME,
    .threads = GIFLAB_REENTRANT,
    .determinism = GIFLAB_EXACT,
    .cost = GIFLAB_COST_100NS,
    .batch = 8,
    .bytes_per_pixel = 40, // 8 of large pictures, where the counts of a strip are little
    .least_width = giflab::plugins::cambi_least,
    .least_height = giflab::plugins::cambi_least,
    .metric = &giflab::frame_metric<cambi>,
    .create = giflab::create<cambi>,
    .destroy = giflab::destroy<cambi>,
};

constexpr const giflab_plugin *plugins[] = {&plugin};

} // namespace

GIFLAB_MODULE(plugins, "giflab built-in");
