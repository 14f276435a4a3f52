// Metrics that can take their pictures on a device, some of which fail there. For tests whose device is made of
// host memory: they read device memory as their own.
#include <giflab/plugin.hpp>

#include <cmath>
#include <limits>

namespace {

using pairs = std::span<const giflab_pair>;

struct placed {
   explicit placed(const giflab_setup &setup) : there(setup.memory == GIFLAB_MEMORY_CUDA) {}

   // The mean luma of `distorted`, read from where the host says that it is; -1 if that is not where it should
   // be.
   double mean(const giflab_pair &pair) const {
      const giflab_image &image = *pair.distorted;
      const giflab_view &view = *image.views[GIFLAB_LUMA8];
      if (view.memory != (there ? GIFLAB_MEMORY_CUDA : GIFLAB_MEMORY_HOST))
         return -1;
      double sum = 0;
      for (int32_t y = 0; y < image.height; ++y)
         for (int32_t x = 0; x < image.width; ++x)
            sum += giflab::row<uint8_t>(view.planes[0], y)[x];
      return sum / (static_cast<double>(image.width) * image.height);
   }

   bool there;
};

// The stream, the ordinal and scratch memory are there exactly where the pictures are on a device.
struct placed_luma : placed {
   using placed::placed;
   void measure(const giflab_call &call, pairs given) {
      const auto *cuda = static_cast<const giflab_cuda *>(call.host->query(call.host, GIFLAB_CUDA));
      const bool lent = cuda->stream(&call) && cuda->context(&call) && cuda->ordinal(&call) == 0 &&
                        call.scratch(&call, GIFLAB_MEMORY_CUDA, 1000);
      for (uint32_t i = 0; i < given.size(); ++i)
         call.score(&call, i, 0, lent == there ? mean(given[i]) : -1);
   }
};

// Fails at the third picture, and on a device only.
struct device_fault : placed {
   using placed::placed;
   void measure(const giflab_call &call, pairs given) {
      for (uint32_t i = 0; i < given.size(); ++i) {
         if (there && given[i].distorted->index == 2)
            throw giflab::failure(GIFLAB_DEVICE, "the third picture burns");
         call.score(&call, i, 0, mean(given[i]));
      }
   }
};

struct device_without_room : placed {
   using placed::placed;
   void measure(const giflab_call &call, pairs given) {
      if (there && !call.scratch(&call, GIFLAB_MEMORY_CUDA, size_t{1} << 40))
         throw giflab::failure(GIFLAB_NO_MEMORY, "no scratch memory on the device");
      for (uint32_t i = 0; i < given.size(); ++i)
         call.score(&call, i, 0, mean(given[i]));
   }
};

// The same over a clip: a whole clip or nothing.
struct device_clip_fault : placed {
   using placed::placed;
   void begin(const giflab_call &, const giflab_clip &) { seen = 0; }
   void measure(const giflab_call &call, pairs given) {
      for (uint32_t i = 0; i < given.size(); ++i) {
         if (there && given[i].distorted->index == 2)
            throw giflab::failure(GIFLAB_DEVICE, "the third picture burns");
         call.score(&call, i, 0, mean(given[i]));
         ++seen;
      }
   }
   void finish(const giflab_call &call) { call.score(&call, 0, 1, seen); }
   double seen = 0;
};

constexpr giflab_output output(const char *id, uint32_t level = GIFLAB_PER_FRAME) {
   return {id,    "For tests.",     "", -1, 1000, std::nan(""), 0, GIFLAB_HIGHER_IS_BETTER,
           level, GIFLAB_POOL_MEAN, 0};
}

template <class T>
constexpr giflab_plugin plugin(const char *id, const giflab_output *outputs, uint32_t count = 1) {
   giflab_plugin table{};
   table.size = sizeof table;
   table.id = id;
   table.label = table.vendor = table.help = "Test";
   table.version = "1";
   table.license = "MIT";
   table.outputs = outputs;
   table.output_count = count;
   table.output_size = sizeof(giflab_output);
   table.inputs = GIFLAB_BIT(GIFLAB_LUMA8);
   table.memory = GIFLAB_BIT(GIFLAB_MEMORY_HOST) | GIFLAB_BIT(GIFLAB_MEMORY_CUDA);
   table.flags = GIFLAB_FLAG_ON_REQUEST;
   table.batch = 4;
   table.cost = GIFLAB_COST_10NS;
   table.least_width = table.least_height = 1;
   table.metric = &giflab::frame_metric<T>;
   table.create = giflab::create<T>;
   table.destroy = giflab::destroy<T>;
   return table;
}

constexpr giflab_output luma_outputs[] = {output("placed_luma")};
constexpr giflab_plugin luma_plugin = plugin<placed_luma>("org.test.placed_luma", luma_outputs);
constexpr giflab_output fault_outputs[] = {output("device_fault")};
constexpr giflab_plugin fault_plugin = plugin<device_fault>("org.test.device_fault", fault_outputs);
constexpr giflab_output room_outputs[] = {output("device_without_room")};
constexpr giflab_plugin room_plugin = plugin<device_without_room>("org.test.device_without_room", room_outputs);
constexpr giflab_output clip_outputs[] = {output("device_clip_fault"),
                                          output("device_clip_total", GIFLAB_PER_CLIP)};
constexpr giflab_plugin clip_plugin = [] {
   giflab_plugin table = plugin<device_clip_fault>("org.test.device_clip_fault", clip_outputs, 2);
   table.scope = GIFLAB_SCOPE_CLIP;
   table.metric = &giflab::clip_metric<device_clip_fault>;
   return table;
}();
constexpr giflab_output only_outputs[] = {output("device_only")};
constexpr giflab_plugin only_plugin = [] {
   giflab_plugin table = plugin<placed_luma>("org.test.device_only", only_outputs);
   table.memory = GIFLAB_BIT(GIFLAB_MEMORY_CUDA);
   return table;
}();

const giflab_plugin *const plugins[] = {&luma_plugin, &fault_plugin, &room_plugin, &clip_plugin, &only_plugin};

} // namespace

GIFLAB_MODULE(plugins, "test");
