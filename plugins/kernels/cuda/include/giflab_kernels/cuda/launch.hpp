#pragma once
// From the plugin ABI to device kernels: the pairs of a call, its stream, memory, and the way back of results.

#include <algorithm>
#include <giflab/plugin.hpp>
#include <giflab_kernels/cuda/pairs.hpp>
#include <giflab_kernels/cuda/tiles.hpp>
#include <giflab_kernels/images.hpp>
#include <vector>

namespace giflab::kernels::cuda {

// Were device kernels compiled? Where they were not, nothing else here may be called.
#ifdef GIFLAB_WITH_CUDA
inline constexpr bool built = true;
#else
inline constexpr bool built = false;
#endif

// What a plugin with device kernels puts in giflab_plugin.memory.
inline constexpr uint32_t memories =
    GIFLAB_BIT(GIFLAB_MEMORY_HOST) | (built ? GIFLAB_BIT(GIFLAB_MEMORY_CUDA) : 0u);

// Does this instance get its pictures in device memory?
inline bool on_device(const giflab_setup &setup) { return built && setup.memory == GIFLAB_MEMORY_CUDA; }

// One call of a plugin whose pictures are in device memory. Throws giflab::failure throughout:
// GIFLAB_DEVICE where CUDA fails, GIFLAB_NO_MEMORY where memory does.
class device_call {
 public:
   explicit device_call(const giflab_call &call);

   const giflab_call &call() const { return *call_; }
   cudaStream_t stream() const { return stream_; }

   // `count` objects of device memory, aligned to 256 bytes, uninitialised, gone when the call returns.
   template <class T> T *scratch(size_t count) const { return static_cast<T *>(bytes(count * sizeof(T))); }

   // Copies `count` objects into host memory, after all that was started on the stream, and waits for them.
   template <class T> std::vector<T> fetch(const T *objects, size_t count) const {
      std::vector<T> here(count);
      fetch_bytes(objects, here.data(), count * sizeof(T));
      return here;
   }

 private:
   void *bytes(size_t count) const;
   void fetch_bytes(const void *from, void *to, size_t count) const;

   const giflab_call *call_;
   cudaStream_t stream_;
};

// The planes of at most most_pairs pairs in a representation that the plugin declared.
template <class T>
pair_list<T> planes_of(std::span<const giflab_pair> pairs, uint32_t representation, uint32_t index = 0) {
   pair_list<T> list = {};
   for (size_t i = 0; i < pairs.size(); ++i)
      list.at[i] = {plane_of<T>(*pairs[i].reference, representation, index),
                    plane_of<T>(*pairs[i].distorted, representation, index)};
   return list;
}

// Calls body(first, part) for parts of at most most_pairs pairs, and looks for cancellation before each.
template <class Body>
void for_each_launch(const giflab_call &call, std::span<const giflab_pair> pairs, Body &&body) {
   for (size_t first = 0; first < pairs.size(); first += most_pairs) {
      stop_if_cancelled(call);
      body(static_cast<uint32_t>(first),
           pairs.subspan(first, std::min<size_t>(most_pairs, pairs.size() - first)));
   }
}

} // namespace giflab::kernels::cuda
