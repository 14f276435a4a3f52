// Readings of each picture alone, of both sides and of what changed: spatial and temporal information,
// blockiness, blur, noise.

#include "readings.hpp"

#include <cmath>

namespace {

using namespace giflab::kernels;
namespace readings = giflab::readings;

using reader = double (*)(const giflab_call &call, const luma_picture &picture);

enum { REFERENCE, DISTORTED, CHANGE };

void score(const giflab_call &call, uint32_t pair, double reference, double distorted) {
   call.score(&call, pair, REFERENCE, reference);
   call.score(&call, pair, DISTORTED, distorted);
   call.score(&call, pair, CHANGE, distorted - reference);
}

template <reader read> struct reading {
   explicit reading(const giflab_setup &) {}
   void measure(const giflab_call &call, std::span<const giflab_pair> pairs) const {
      for (uint32_t i = 0; i < pairs.size(); ++i)
         score(call, i, read(call, luma_of(*pairs[i].reference)), read(call, luma_of(*pairs[i].distorted)));
   }
};

// NaN at the start of a clip.
double change_since_last(const giflab_call &call, const giflab_image &image) {
   return image.previous ? readings::temporal_information(call, luma_of(image), luma_of(*image.previous)) : NAN;
}

struct temporal_reading {
   explicit temporal_reading(const giflab_setup &) {}
   void measure(const giflab_call &call, std::span<const giflab_pair> pairs) const {
      for (uint32_t i = 0; i < pairs.size(); ++i)
         score(call, i, change_since_last(call, *pairs[i].reference),
               change_since_last(call, *pairs[i].distorted));
   }
};

// ---- Tables

struct range {
   double lowest, highest;
};

constexpr giflab_output side(const char *id, const char *help, const char *unit, range values, uint32_t pool) {
   return {.id = id,
           .help = help,
           .unit = unit,
           .lowest = values.lowest,
           .highest = values.highest,
           .identical = NAN,
           .direction = GIFLAB_NEITHER_IS_BETTER,
           .level = GIFLAB_PER_FRAME,
           .pool = pool,
           .least_side = 0};
}

constexpr giflab_output change(const char *id, const char *help, const char *unit, range values) {
   const double most = values.highest - values.lowest;
   return {.id = id,
           .help = help,
           .unit = unit,
           .lowest = -most,
           .highest = most,
           .identical = 0,
           .direction = GIFLAB_NEITHER_IS_BETTER,
           .level = GIFLAB_PER_FRAME,
           .pool = GIFLAB_POOL_MEAN,
           .least_side = 0};
}

// A Sobel gradient is at most 4 * 255 in each direction, and half the range bounds a deviation.
constexpr range spatial_range = {0, 722};
constexpr giflab_output spatial_outputs[] = {
    side("spatial_information_reference", "SI of the original: how much detail it has.", "1", spatial_range,
         GIFLAB_POOL_MAX),
    side("spatial_information_distorted", "SI of the distorted picture.", "1", spatial_range, GIFLAB_POOL_MAX),
    change("spatial_information_change",
           "SI of the distorted picture less the original's: below 0 detail went, above 0 edges or noise came.",
           "1", spatial_range),
};

constexpr range temporal_range = {0, 255};
constexpr giflab_output temporal_outputs[] = {
    side("temporal_information_reference",
         "TI of the original: how much changes from picture to picture; undefined for the first.", "levels",
         temporal_range, GIFLAB_POOL_MAX),
    side("temporal_information_distorted", "TI of the distorted clip.", "levels", temporal_range,
         GIFLAB_POOL_MAX),
    change("temporal_information_change",
           "TI of the distorted clip less the original's: above 0 flicker came, below 0 motion went.", "levels",
           temporal_range),
};

constexpr range block_range = {-255, 255};
constexpr giflab_output blockiness_outputs[] = {
    side("blockiness_reference",
         "How much larger steps are on the grid of 8x8 blocks than off it, in the original.", "levels",
         block_range, GIFLAB_POOL_MEAN),
    side("blockiness_distorted", "The same of the distorted picture.", "levels", block_range, GIFLAB_POOL_MEAN),
    change("blockiness_change", "Blockiness of the distorted picture less the original's: above 0 blocks came.",
           "levels", block_range),
};

constexpr range blur_range = {0, 1};
constexpr giflab_output blur_outputs[] = {
    side("blur_reference", "Blur of the original, 0 sharp to 1; undefined where nothing varies.", "1",
         blur_range, GIFLAB_POOL_MEAN),
    side("blur_distorted", "Blur of the distorted picture.", "1", blur_range, GIFLAB_POOL_MEAN),
    change(
        "blur_change",
        "Blur of the distorted picture less the original's: above 0 it is blurred, below 0 sharper or noisy.",
        "1", blur_range),
};

// A checkerboard of black and white: 8 * 255 everywhere, times 1.2533 / 6.
constexpr range noise_range = {0, 427};
constexpr giflab_output noise_outputs[] = {
    side("noise_reference", "Standard deviation of the noise in the original, estimated.", "levels",
         noise_range, GIFLAB_POOL_MEAN),
    side("noise_distorted", "The same of the distorted picture.", "levels", noise_range, GIFLAB_POOL_MEAN),
    change("noise_change",
           "Noise of the distorted picture less the original's: above 0 noise or dither came, below 0 it went.",
           "levels", noise_range),
};

struct description {
   const char *id, *label, *url, *help;
   uint32_t cost, lookback;
   int32_t least;
};

template <class Instance, size_t N>
constexpr giflab_plugin described(const description &what, const giflab_output (&outputs)[N]) {
   return {
       .size = sizeof(giflab_plugin),
       .flags = GIFLAB_FLAG_ON_REQUEST,
       .id = what.id,
       .label = what.label,
       .version = "1",
       .vendor = "giflab",
       .license = "MIT",
       .url = what.url,
       .help = what.help,
       GIFLAB_OUTPUTS(outputs),
       .inputs = GIFLAB_BIT(GIFLAB_LUMA8),
       .memory = GIFLAB_BIT(GIFLAB_MEMORY_HOST),
       .scope = GIFLAB_SCOPE_FRAME,
       .threads = GIFLAB_REENTRANT,
       .determinism = GIFLAB_EXACT,
       .cost = what.cost,
       .lookback = what.lookback,
       .batch = 8,
       .least_width = what.least,
       .least_height = what.least,
       .metric = &giflab::frame_metric<Instance>,
       .create = giflab::create<Instance>,
       .destroy = giflab::destroy<Instance>,
   };
}

constexpr giflab_plugin spatial_information =
    described<reading<readings::spatial_information>>({.id = "org.giflab.spatial_information",
                                                       .label = "Spatial information",
                                                       .url = "https://www.itu.int/rec/T-REC-P.910",
                                                       .help = "SI of ITU-T P.910: standard deviation of the "
                                                               "Sobel gradient of luma.",
                                                       .cost = GIFLAB_COST_10NS,
                                                       .lookback = 0,
                                                       .least = 3},
                                                      spatial_outputs);
constexpr giflab_plugin temporal_information =
    described<temporal_reading>({.id = "org.giflab.temporal_information",
                                 .label = "Temporal information",
                                 .url = "https://www.itu.int/rec/T-REC-P.910",
                                 .help = "TI of ITU-T P.910: standard deviation of the difference of luma from "
                                         "the picture before.",
                                 .cost = GIFLAB_COST_10NS,
                                 .lookback = 1,
                                 .least = 1},
                                temporal_outputs);
constexpr giflab_plugin blockiness =
    described<reading<readings::blockiness>>({.id = "org.giflab.blockiness",
                                              .label = "Blockiness",
                                              .url = "https://doi.org/10.1109/ICIP.2002.1038064",
                                              .help = "Steps on the grid of 8x8 blocks less those off it, in "
                                                      "luma (after Wang, Sheikh and Bovik 2002).",
                                              .cost = GIFLAB_COST_10NS,
                                              .lookback = 0,
                                              .least = readings::block + 1},
                                             blockiness_outputs);
constexpr giflab_plugin blur =
    described<reading<readings::blur>>({.id = "org.giflab.blur",
                                        .label = "Blur",
                                        .url = "https://doi.org/10.1117/12.702790",
                                        .help = "The blur effect of Crete et al. 2007: how little more blur "
                                                "would take from the steps of luma.",
                                        .cost = GIFLAB_COST_10NS,
                                        .lookback = 0,
                                        .least = readings::blur_reach + 1},
                                       blur_outputs);
constexpr giflab_plugin noise =
    described<reading<readings::noise>>({.id = "org.giflab.noise",
                                         .label = "Noise",
                                         .url = "https://doi.org/10.1006/cviu.1996.0060",
                                         .help = "Fast noise variance estimation (Immerkaer 1996) of luma, as "
                                                 "a standard deviation.",
                                         .cost = GIFLAB_COST_10NS,
                                         .lookback = 0,
                                         .least = 3},
                                        noise_outputs);

constexpr const giflab_plugin *plugins[] = {&spatial_information, &temporal_information, &blockiness, &blur,
                                            &noise};

} // namespace

GIFLAB_MODULE(plugins, "giflab built-in");
