// FSIM and FSIMc.

#include "similarity.hpp"

#include <cmath>
#include <giflab_kernels/images.hpp>
#include <variant>

namespace {

using namespace giflab::fsim;

// The filters of the one size that an instance sees, and what they are applied with.
struct fsim {
   std::variant<plain_similarity, lane_similarity> method;

   fsim(const giflab_call &call, const giflab_setup &setup) : method(method_for(call, setup)) {}
   void measure(const giflab_call &call, std::span<const giflab_pair> pairs) const;

   static decltype(method) method_for(const giflab_call &call, const giflab_setup &setup) {
      const sizes size(setup.clip.width, setup.clip.height);
      if (setup.level == 0)
         return plain_similarity(call, size);
      return lane_similarity(call, size);
   }
};

constexpr giflab_output outputs[] = {
    {.id = "fsim",
     .help = "Likeness of edges and lines of luma, weighted by how plainly they stand out; 1 where nothing "
             "differs.",
     .unit = "1",
     .lowest = 0,
     .highest = 1,
     .identical = NAN, // 1, but where both are flat there is none
     .tolerance = 1e-5,
     .direction = GIFLAB_HIGHER_IS_BETTER,
     .level = GIFLAB_PER_FRAME,
     .pool = GIFLAB_POOL_MEAN},
    {.id = "fsimc",
     .help = "The same times the likeness of the colours I and Q; 1 where nothing differs.",
     .unit = "1",
     .lowest = 0,
     .highest = 1,
     .identical = NAN, // 1, but where both are flat there is none
     .tolerance = 1e-5,
     .direction = GIFLAB_HIGHER_IS_BETTER,
     .level = GIFLAB_PER_FRAME,
     .pool = GIFLAB_POOL_MEAN},
};

void fsim::measure(const giflab_call &call, std::span<const giflab_pair> pairs) const {
   using giflab::kernels::plane_of;
   for (uint32_t i = 0; i < pairs.size(); ++i) {
      const picture_pair pair = {plane_of<uint8_t>(*pairs[i].reference, GIFLAB_RGB8),
                                 plane_of<uint8_t>(*pairs[i].distorted, GIFLAB_RGB8)};
      const similarity found = std::visit([&](const auto &with) { return with.of(call, pair); }, method);
      call.score(&call, i, 0, found.fsim);
      call.score(&call, i, 1, found.fsimc);
   }
}

constexpr giflab_plugin plugin = {
    .size = sizeof(giflab_plugin),
    .flags = GIFLAB_FLAG_ON_REQUEST,
    .id = "org.giflab.fsim",
    .label = "FSIM",
    .version = "2",
    .vendor = "giflab",
    .license = "MIT",
    .url = "https://doi.org/10.1109/TIP.2011.2109730",
    .help =
        "Feature similarity by phase congruency and gradients (Zhang et al. 2011), of luma and with colour.",
    GIFLAB_OUTPUTS(outputs),
    .inputs = GIFLAB_BIT(GIFLAB_RGB8),
    .memory = GIFLAB_BIT(GIFLAB_MEMORY_HOST),
    .scope = GIFLAB_SCOPE_FRAME,
    .threads = GIFLAB_REENTRANT,
    .determinism = GIFLAB_EXACT,
    .cost = GIFLAB_COST_1US,
    .batch = 1,
    .bytes_per_pixel = 344, // where nothing is shrunk: 232 at level 0; else 135, and more in rows below 16
    .least_width = 6,       // the shortest wavelength
    .least_height = 6,
    .metric = &giflab::frame_metric<fsim>,
    .create = giflab::create<fsim>,
    .destroy = giflab::destroy<fsim>,
};

constexpr const giflab_plugin *plugins[] = {&plugin};

} // namespace

GIFLAB_MODULE(plugins, "giflab built-in");
