// LPIPS: how far two pictures are apart in the eyes of a trained classifier, in all and layer by layer.

#include "plugins.hpp"
#include "trained_network.hpp"

#include <cmath>
#include <giflab_kernels/images.hpp>

namespace giflab::lpips {

namespace {

constexpr giflab_output distance_output(const char *id, const char *help, double highest) {
   return {.id = id,
           .help = help,
           .unit = "1",
           .lowest = 0,
           .highest = highest,
           .identical = 0,
           .tolerance = 1e-6,
           .direction = GIFLAB_LOWER_IS_BETTER,
           .level = GIFLAB_PER_FRAME,
           .pool = GIFLAB_POOL_MEAN};
}

constexpr giflab_output squeeze_outputs[] = {distance_output(
    "lpips_squeeze",
    "Distance of the features that SqueezeNet 1.1 sees in the two pictures; 0 where nothing differs.",
    11.32)}; // twice the largest weight of each head, summed
// What heads somebody imports is not known here, and so not how far their values reach.
constexpr giflab_output alex_outputs[] = {distance_output(
    "lpips_alex", "Distance of the features that AlexNet sees in the two pictures; 0 where nothing differs.",
    INFINITY)};
constexpr giflab_output vgg_outputs[] = {distance_output(
    "lpips_vgg", "Distance of the features that VGG16 sees in the two pictures; 0 where nothing differs.",
    INFINITY)};

// Twice the largest weight of the layer's head.
constexpr giflab_output layer_outputs[] = {
    distance_output("lpips_squeeze_layer1", "Part of lpips_squeeze that the first convolution makes: edges.",
                    1.76),
    distance_output("lpips_squeeze_layer2", "Part of lpips_squeeze that the second fire module makes.", 0.52),
    distance_output("lpips_squeeze_layer3", "Part of lpips_squeeze that the fourth fire module makes.", 2.54),
    distance_output("lpips_squeeze_layer4", "Part of lpips_squeeze that the fifth fire module makes.", 2.49),
    distance_output("lpips_squeeze_layer5", "Part of lpips_squeeze that the sixth fire module makes.", 1.88),
    distance_output("lpips_squeeze_layer6", "Part of lpips_squeeze that the seventh fire module makes.", 1.68),
    distance_output("lpips_squeeze_layer7", "Part of lpips_squeeze that the last fire module makes: things.",
                    0.48)};
static_assert(std::size(layer_outputs) == most_taps);

// A pair's distances, as `Score` scores them.
template <const giflab_plugin &Plugin, const training &Of, auto Score> class lpips {
 public:
   lpips(const giflab_call &call, const giflab_setup &setup)
       : choice_(kernels::arithmetic_of(setup)), network_(call, Plugin.id, Of) {}

   void measure(const giflab_call &call, std::span<const giflab_pair> pairs) const {
      for (uint32_t i = 0; i < pairs.size(); ++i)
         Score(call, i, (*network_).compare(call, *pairs[i].reference, *pairs[i].distorted, choice_));
   }

 private:
   kernels::arithmetic choice_;
   trained_network network_;
};

void score_total(const giflab_call &call, uint32_t pair, const distances &found) {
   call.score(&call, pair, 0, found.total);
}
void score_layers(const giflab_call &call, uint32_t pair, const distances &found) {
   for (uint32_t layer = 0; layer < most_taps; ++layer)
      call.score(&call, pair, layer, found.layers[layer]);
}

// What the four have in common; the rest is filled in below.
template <const giflab_plugin &Plugin, const training &Of, auto Score>
constexpr giflab_plugin plugin_of(giflab_plugin made) {
   made.size = sizeof(giflab_plugin);
   made.flags = GIFLAB_FLAG_ON_REQUEST;
   made.vendor = "giflab";
   made.license = "MIT";
   made.url = "https://doi.org/10.1109/CVPR.2018.00068";
   made.output_size = sizeof(giflab_output);
   made.models = &Of.model;
   made.model_count = 1;
   made.model_size = sizeof Of.model;
   made.needs = needs;
   made.inputs = GIFLAB_BIT(GIFLAB_RGB8);
   made.memory = GIFLAB_BIT(GIFLAB_MEMORY_HOST);
   made.scope = GIFLAB_SCOPE_FRAME;
   made.threads = GIFLAB_REENTRANT;
   made.determinism = GIFLAB_EXACT;
   made.batch = 1;
   made.metric = &frame_metric<lpips<Plugin, Of, Score>>;
   made.probe = probe<Of>;
   made.create = create<lpips<Plugin, Of, Score>>;
   made.destroy = destroy<lpips<Plugin, Of, Score>>;
   return made;
}

// Bytes for a pixel are those of small pictures, which take three times as many as large ones.
constexpr uint32_t squeeze_bytes = 192, alex_bytes = 96, vgg_bytes = 1536;

} // namespace

constexpr giflab_plugin distance_plugin = plugin_of<distance_plugin, squeeze_training, score_total>(
    {.id = "org.giflab.lpips",
     .label = "LPIPS",
     .version = "2",
     .help = "Learned perceptual image patch similarity 0.1 (Zhang et al. 2018) over SqueezeNet 1.1; needs its "
             "weights.",
     GIFLAB_OUTPUTS(squeeze_outputs),
     .cost = GIFLAB_COST_1US,
     .bytes_per_pixel = squeeze_bytes,
     .least_width = 17,
     .least_height = 17});

constexpr giflab_plugin alex_plugin = plugin_of<alex_plugin, alex_training, score_total>(
    {.id = "org.giflab.lpips_alex",
     .label = "LPIPS over AlexNet",
     .version = "1",
     .help = "Learned perceptual image patch similarity 0.1 (Zhang et "
             "al. 2018) over AlexNet; needs weights that you "
             "import with giflab models import.",
     GIFLAB_OUTPUTS(alex_outputs),
     .cost = GIFLAB_COST_MORE,
     .bytes_per_pixel = alex_bytes,
     .least_width = 31,
     .least_height = 31});

constexpr giflab_plugin vgg_plugin = plugin_of<vgg_plugin, vgg_training, score_total>(
    {.id = "org.giflab.lpips_vgg",
     .label = "LPIPS over VGG16",
     .version = "1",
     .help =
         "Learned perceptual image patch similarity 0.1 (Zhang et al. 2018) over VGG16; needs weights that you "
         "import with giflab models import.",
     GIFLAB_OUTPUTS(vgg_outputs),
     .cost = GIFLAB_COST_MORE,
     .bytes_per_pixel = vgg_bytes,
     .least_width = 16,
     .least_height = 16});

constexpr giflab_plugin layers_plugin = plugin_of<layers_plugin, squeeze_training, score_layers>(
    {.id = "org.giflab.lpips_layers",
     .label = "LPIPS by layer",
     .version = "1",
     .help = "The seven parts that lpips_squeeze is the sum of, from edges to things; needs its weights.",
     GIFLAB_OUTPUTS(layer_outputs),
     .cost = GIFLAB_COST_1US,
     .bytes_per_pixel = squeeze_bytes,
     .least_width = 17,
     .least_height = 17});

} // namespace giflab::lpips
