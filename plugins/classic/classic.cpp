// The keys of GifLab 0.2.0 and its numbers, so that old data sets can be continued.

#include "comparison.hpp"
#include "outputs.hpp"

namespace {

using namespace giflab::classic;

struct classic {
   explicit classic(const giflab_setup &) {}
   void inspect(const giflab_call &call, const giflab_comparison &comparison) const;
};

void classic::inspect(const giflab_call &call, const giflab_comparison &comparison) const {
   const gif_file reference = gif_file::read(comparison.reference->path);
   const gif_file distorted = gif_file::read(comparison.distorted->path);
   const key_values values = compare_files(call, reference, distorted);
   for (uint32_t i = 0; i < KEY_COUNT; ++i)
      call.score(&call, 0, i, values[i]);
}

constexpr giflab_plugin plugin = {
    .size = sizeof(giflab_plugin),
    .flags = GIFLAB_FLAG_ON_REQUEST,
    .id = "org.giflab.classic",
    .label = "GifLab 0.2.0",
    .version = "2",
    .vendor = "giflab",
    .license = "MIT",
    .url = "https://github.com/lachyts/giflab",
    .help = "Every number of GifLab 0.2.0 that can be reproduced, as it was, for data sets that began with it.",
    GIFLAB_OUTPUTS(outputs),
    .inputs = 0,
    .memory = GIFLAB_BIT(GIFLAB_MEMORY_HOST),
    .scope = GIFLAB_SCOPE_FILE,
    .threads = GIFLAB_REENTRANT,
    .determinism = GIFLAB_EXACT,
    .cost = GIFLAB_COST_100NS,
    .bytes_per_pixel = 400, // 30 pictures of either file in four planes and bits, and what each thread works in
    .least_width = 1,
    .least_height = 1,
    .metric = &giflab::file_metric<classic>,
    .create = giflab::create<classic>,
    .destroy = giflab::destroy<classic>,
};

constexpr const giflab_plugin *plugins[] = {&plugin};

} // namespace

GIFLAB_MODULE(plugins, "giflab built-in");
