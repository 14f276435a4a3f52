// What the files weigh.

#include <cmath>
#include <giflab/plugin.hpp>

namespace {

struct file_size {
   explicit file_size(const giflab_setup &) {}
   void inspect(const giflab_call &call, const giflab_comparison &comparison) const;
};

enum { COMPRESSION_RATIO, KILOBYTES };
constexpr giflab_output outputs[] = {
    {.id = "compression_ratio",
     .help = "Bytes of the reference file for each byte of the distorted one.",
     .unit = "1",
     .lowest = 0,
     .highest = INFINITY,
     .identical = 1,
     .direction = GIFLAB_HIGHER_IS_BETTER,
     .level = GIFLAB_PER_CLIP,
     .pool = GIFLAB_POOL_MEAN},
    {.id = "kilobytes",
     .help = "Size of the distorted file in units of 1024 bytes.",
     .unit = "KiB",
     .lowest = 0,
     .highest = INFINITY,
     .identical = NAN,
     .direction = GIFLAB_LOWER_IS_BETTER,
     .level = GIFLAB_PER_CLIP,
     .pool = GIFLAB_POOL_MEAN},
};

void file_size::inspect(const giflab_call &call, const giflab_comparison &comparison) const {
   const auto reference = static_cast<double>(comparison.reference->bytes);
   const auto distorted = static_cast<double>(comparison.distorted->bytes);
   call.score(&call, 0, COMPRESSION_RATIO, distorted > 0 ? reference / distorted : NAN);
   call.score(&call, 0, KILOBYTES, distorted / 1024);
}

constexpr giflab_plugin plugin = {
    .size = sizeof(giflab_plugin),
    .id = "org.giflab.file_size",
    .label = "File size",
    .version = "1",
    .vendor = "giflab",
    .license = "MIT",
    .help = "Size of the distorted file, and how much smaller it is than the reference.",
    GIFLAB_OUTPUTS(outputs),
    .inputs = 0,
    .memory = GIFLAB_BIT(GIFLAB_MEMORY_HOST),
    .scope = GIFLAB_SCOPE_FILE,
    .threads = GIFLAB_REENTRANT,
    .determinism = GIFLAB_EXACT,
    .cost = GIFLAB_COST_1NS,
    .least_width = 1,
    .least_height = 1,
    .metric = &giflab::file_metric<file_size>,
    .create = giflab::create<file_size>,
    .destroy = giflab::destroy<file_size>,
};

constexpr const giflab_plugin *plugins[] = {&plugin};

} // namespace

GIFLAB_MODULE(plugins, "giflab built-in");
