#include "device.hpp"

#include <algorithm>

namespace giflab::gpu_check {

guarded_memory::guarded_memory(size_t bytes, uint8_t poison) : bytes_(bytes), poison_(poison) {
   check(cudaMalloc(&memory_, bytes + 2 * guard));
   check(cudaMemset(memory_, poison, bytes + 2 * guard));
   check(cudaDeviceSynchronize()); // streams that do not block do not wait for it
}

guarded_memory::~guarded_memory() { cudaFree(memory_); }

bool guarded_memory::intact() const {
   std::vector<uint8_t> bytes(guard);
   for (const uint8_t *side : {memory_, memory_ + guard + bytes_}) {
      check(cudaMemcpy(bytes.data(), side, guard, cudaMemcpyDeviceToHost));
      if (std::any_of(bytes.begin(), bytes.end(), [this](uint8_t byte) { return byte != poison_; }))
         return false;
   }
   return true;
}

device_image::device_image(const test::fake_image &source, uint8_t poison) : image(source.image) {
   for (const uint32_t each : {GIFLAB_RGB8, GIFLAB_LUMA8, GIFLAB_INDEX8}) {
      if (!source.has(each))
         continue;
      const giflab_view &from = *source.image.views[each];
      view_[each] = from;
      view_[each].memory = GIFLAB_MEMORY_CUDA;
      view_[each].planes[0] = copied(from.planes[0], static_cast<size_t>(image.height),
                                     static_cast<size_t>(image.width) * from.bytes_per_pixel, poison);
      if (each == GIFLAB_INDEX8)
         view_[each].planes[1] = copied(from.planes[1], 1, 1024, poison);
      views_[each] = &view_[each];
   }
   image.views = views_.data();
}

const giflab_plane device_image::copied(const giflab_plane &from, size_t rows, size_t row_bytes,
                                        uint8_t poison) {
   auto &memory = memory_.emplace_back(std::make_unique<guarded_memory>(rows * from.stride, poison));
   check(cudaMemcpy2D(memory->data(), from.stride, from.data, from.stride, row_bytes, rows,
                      cudaMemcpyHostToDevice));
   return {memory->data(), from.stride};
}

bool device_image::intact() const {
   return std::all_of(memory_.begin(), memory_.end(), [](const auto &memory) { return memory->intact(); });
}

namespace {

// A call that lends a stream and device memory. `fake` must stay first: its functions find it by its address.
struct lending_call {
   test::fake_call fake;
   cudaStream_t stream = nullptr;
   std::vector<std::unique_ptr<guarded_memory>> memory;
   std::string text;

   lending_call() {
      check(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
      fake.host.query = [](const giflab_host *, const char *id) noexcept -> const void * {
         static const giflab_cuda table = {
             [](const giflab_call *) noexcept -> void * { return nullptr; },
             [](const giflab_call *call) noexcept -> void * { return self(call).stream; },
             [](const giflab_call *) noexcept -> int32_t { return 0; }};
         return std::strcmp(id, GIFLAB_CUDA) == 0 ? &table : nullptr;
      };
      fake.c.scratch = [](const giflab_call *call, uint32_t memory, size_t bytes) noexcept -> void * {
         lending_call &mine = self(call);
         if (memory == GIFLAB_MEMORY_HOST)
            return mine.fake.arena.emplace_back(test::aligned(bytes, 0xEE)).get();
         return mine.memory.emplace_back(std::make_unique<guarded_memory>(bytes, 0xEE))->data();
      };
      fake.c.fail = [](const giflab_call *call, giflab_status status, const char *message) noexcept {
         self(call).text = message;
         return status;
      };
   }
   ~lending_call() { cudaStreamDestroy(stream); }
   static lending_call &self(const giflab_call *call) {
      return reinterpret_cast<lending_call &>(test::fake_call::self(call));
   }
};

} // namespace

std::vector<test::values> measure_on_device(const giflab_plugin &plugin,
                                            const std::vector<giflab_pair> &pairs) {
   lending_call call;
   const std::vector<giflab_value> chosen = test::default_values(plugin);
   giflab_setup setup = {};
   setup.clip.width = pairs[0].distorted->width;
   setup.clip.height = pairs[0].distorted->height;
   setup.memory = GIFLAB_MEMORY_CUDA;
   setup.level = 2;
   setup.values = chosen.data();
   void *instance = nullptr;
   if (plugin.create(&call.fake.c, &setup, &instance) != GIFLAB_OK)
      throw std::runtime_error(std::string(plugin.id) + " could not be made: " + call.text);
   const giflab_status status =
       plugin.metric->measure(instance, &call.fake.c, pairs.data(), static_cast<uint32_t>(pairs.size()));
   plugin.destroy(instance);
   if (status != GIFLAB_OK)
      throw std::runtime_error(std::string(plugin.id) + " failed: " + call.text);
   if (call.fake.twice || call.fake.scores.size() != pairs.size() * plugin.output_count)
      throw std::runtime_error(std::string(plugin.id) + " did not score each output of each pair once");
   for (const auto &memory : call.memory)
      if (!memory->intact())
         throw std::runtime_error(std::string(plugin.id) + " wrote beside its scratch memory");
   std::vector<test::values> results(pairs.size());
   for (const auto &[key, value] : call.fake.scores)
      results.at(key.first)[plugin.outputs[key.second].id] = value;
   return results;
}

} // namespace giflab::gpu_check
