// LPIPS from each picture to the next: what changes in time in the eyes of a trained classifier, and how much
// more of that the encoding has than the original.

#include "plugins.hpp"
#include "trained_network.hpp"

#include <cmath>
#include <giflab_kernels/images.hpp>

namespace giflab::lpips {

namespace {

enum { T_CHANGE, T_REFERENCE, T_DISTORTED, OUTPUTS };

constexpr giflab_output per_frame(const char *id, const char *help, double lowest, double identical,
                                  uint32_t direction) {
   return {.id = id,
           .help = help,
           .unit = "1",
           .lowest = lowest,
           .highest = 11.32, // twice the largest weight of each head, summed
           .identical = identical,
           .tolerance = 2e-6, // of two distances
           .direction = direction,
           .level = GIFLAB_PER_FRAME,
           .pool = GIFLAB_POOL_MEAN};
}

constexpr giflab_output outputs[OUTPUTS] = {
    per_frame("lpips_t_change",
              "How much farther the distorted picture is from the one before it than the original's "
              "is: flicker that was added, or below 0 motion that was lost.",
              -11.32, 0, GIFLAB_NEITHER_IS_BETTER),
    per_frame("lpips_t_reference",
              "LPIPS over SqueezeNet 1.1 between the original's picture and the one before it.", 0, NAN,
              GIFLAB_NEITHER_IS_BETTER),
    per_frame("lpips_t_distorted",
              "LPIPS over SqueezeNet 1.1 between the distorted picture and the one before it.", 0, NAN,
              GIFLAB_NEITHER_IS_BETTER),
};

class temporal {
 public:
   temporal(const giflab_call &call, const giflab_setup &setup)
       : choice_(kernels::arithmetic_of(setup)), network_(call, temporal_plugin.id, squeeze_training) {}

   void measure(const giflab_call &call, std::span<const giflab_pair> pairs) const {
      for (uint32_t i = 0; i < pairs.size(); ++i)
         measure(call, i, *pairs[i].reference, *pairs[i].distorted);
   }

 private:
   void measure(const giflab_call &call, uint32_t pair, const giflab_image &reference,
                const giflab_image &distorted) const {
      if (!reference.previous || !distorted.previous) {
         for (uint32_t output = 0; output < OUTPUTS; ++output)
            call.score(&call, pair, output, NAN);
         return;
      }
      const double original = step(call, reference, {0, 0.5});
      const bool same =
          reference.content == distorted.content && reference.previous->content == distorted.previous->content;
      const double own = same ? original : step(call, distorted, {0.5, 1});
      call.score(&call, pair, T_CHANGE, own - original);
      call.score(&call, pair, T_REFERENCE, original);
      call.score(&call, pair, T_DISTORTED, own);
   }

   // From the picture before to this one.
   double step(const giflab_call &call, const giflab_image &image, network::share part) const {
      if (image.content == image.previous->content)
         return 0; // the network's answer to equal pictures
      return (*network_).compare(call, *image.previous, image, choice_, part).total;
   }

   kernels::arithmetic choice_;
   trained_network network_;
};

} // namespace

constexpr giflab_plugin temporal_plugin = {
    .size = sizeof(giflab_plugin),
    .flags = GIFLAB_FLAG_ON_REQUEST,
    .id = "org.giflab.lpips_temporal",
    .label = "LPIPS in time",
    .version = "1",
    .vendor = "giflab",
    .license = "MIT",
    .url = "https://doi.org/10.1109/CVPR.2018.00068",
    .help =
        "LPIPS over SqueezeNet 1.1 from each picture to the next, of both clips, and how much more of it the "
        "distorted one has; needs the weights.",
    GIFLAB_OUTPUTS(outputs),
    .models = &squeeze_training.model,
    .model_count = 1,
    .model_size = sizeof squeeze_training.model,
    .needs = needs,
    .inputs = GIFLAB_BIT(GIFLAB_RGB8),
    .memory = GIFLAB_BIT(GIFLAB_MEMORY_HOST),
    .scope = GIFLAB_SCOPE_FRAME,
    .threads = GIFLAB_REENTRANT,
    .determinism = GIFLAB_EXACT,
    .cost = GIFLAB_COST_MORE, // some 0.5 us, and on slow machines above 1
    .lookback = 1,
    .batch = 1,
    .bytes_per_pixel = 384, // two comparisons, and an arena forgets nothing before the call ends
    .least_width = 17,
    .least_height = 17,
    .metric = &frame_metric<temporal>,
    .probe = probe<squeeze_training>,
    .create = create<temporal>,
    .destroy = destroy<temporal>,
};

} // namespace giflab::lpips
