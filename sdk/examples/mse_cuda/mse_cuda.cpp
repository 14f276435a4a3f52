// Mean squared error of luma, on a CUDA device where the host offers one, and on the processor elsewhere.
//
// It shows: giflab.cuda/1. The table allows both memories and the host chooses one for each instance, so that a
// picture that is on the device already need not come back, and a device that fails costs nothing but time. The
// module loads and works on a machine without a driver. Both ways give the same bits (squared_error.h).
//
// It has been compiled with nvcc, but its kernel has not yet run on a device.

#include "device.h"
#include "squared_error.h"

#include <giflab/plugin.hpp>

namespace {

constexpr giflab_output outputs[] = {
    {.id = "mse_y",
     .help = "Mean squared error of luma.",
     .unit = "1",
     .lowest = 0,
     .highest = 65025,
     .identical = 0,
     .direction = GIFLAB_LOWER_IS_BETTER,
     .level = GIFLAB_PER_FRAME,
     .pool = GIFLAB_POOL_MEAN},
};

class mean_squared_error {
 public:
   mean_squared_error(const giflab_call &call, const giflab_setup &setup) {
      if (setup.memory != GIFLAB_MEMORY_CUDA)
         return;
      cuda_ = static_cast<const giflab_cuda *>(call.host->query(call.host, GIFLAB_CUDA));
      if (!cuda_)
         throw giflab::failure(GIFLAB_UNSUPPORTED, "pictures in CUDA memory, but no giflab.cuda/1");
   }

   void measure(const giflab_call &call, std::span<const giflab_pair> pairs) const {
      const auto sums = giflab::scratch<uint64_t>(call, pairs.size());
      if (!cuda_)
         for (uint32_t i = 0; i < pairs.size(); ++i)
            sums[i] = host_squared_error(call, pairs[i]);
      else
         device_squared_errors(call, *cuda_, pairs, sums);
      for (uint32_t i = 0; i < pairs.size(); ++i) {
         const giflab_image &image = *pairs[i].distorted;
         call.score(&call, i, 0,
                    static_cast<double>(sums[i]) / (static_cast<double>(image.width) * image.height));
      }
   }

 private:
   static uint64_t host_squared_error(const giflab_call &call, const giflab_pair &pair) {
      uint64_t sum = 0;
      for (int32_t y = 0; y < pair.distorted->height; ++y) {
         giflab::stop_if_cancelled(call);
         const auto *a = giflab::row<uint8_t>(giflab::plane(*pair.reference, GIFLAB_LUMA8), y);
         const auto *b = giflab::row<uint8_t>(giflab::plane(*pair.distorted, GIFLAB_LUMA8), y);
         for (int32_t x = 0; x < pair.distorted->width; ++x)
            sum += squared_error(a[x], b[x]);
      }
      return sum;
   }

   const giflab_cuda *cuda_ = nullptr; // where pictures are in device memory
};

constexpr giflab_plugin plugin = {
    .size = sizeof(giflab_plugin),
    .id = "org.example.mse_cuda",
    .label = "Mean squared error",
    .version = "1",
    .vendor = "example",
    .license = "MIT",
    .help = "Mean squared error of luma, on a CUDA device where there is one.",
    GIFLAB_OUTPUTS(outputs),
    .inputs = GIFLAB_BIT(GIFLAB_LUMA8),
    .memory = GIFLAB_BIT(GIFLAB_MEMORY_HOST) | GIFLAB_BIT(GIFLAB_MEMORY_CUDA),
    .scope = GIFLAB_SCOPE_FRAME,
    .threads = GIFLAB_REENTRANT,
    .determinism = GIFLAB_EXACT,
    .cost = GIFLAB_COST_10NS,
    .batch = 8,
    .bytes_per_pixel = 1, // 8 bytes for each 16 rows of each pair
    .least_width = 1,
    .least_height = 1,
    .metric = &giflab::frame_metric<mean_squared_error>,
    .create = giflab::create<mean_squared_error>,
    .destroy = giflab::destroy<mean_squared_error>,
};
constexpr const giflab_plugin *plugins[] = {&plugin};

} // namespace

GIFLAB_MODULE(plugins, "example");
