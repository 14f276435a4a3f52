#pragma once
// A host with a device, as small as it can be: images in device memory between guard bytes, and calls that lend
// a stream and device scratch between guard bytes.

#include "fake_host.hpp"

#include <cuda_runtime.h>
#include <stdexcept>
#include <string>

namespace giflab::gpu_check {

inline void check(cudaError_t error) {
   if (error != cudaSuccess)
      throw std::runtime_error(std::string("CUDA: ") + cudaGetErrorString(error));
}

// Device memory with guard bytes on both sides.
class guarded_memory {
 public:
   // Uninitialised: filled with `poison`.
   guarded_memory(size_t bytes, uint8_t poison);
   ~guarded_memory();
   guarded_memory(const guarded_memory &) = delete;
   guarded_memory &operator=(const guarded_memory &) = delete;

   void *data() const { return memory_ + guard; }
   bool intact() const;

 private:
   static constexpr size_t guard = 4096;
   uint8_t *memory_ = nullptr;
   size_t bytes_;
   uint8_t poison_;
};

// The RGB8, LUMA8 and INDEX8 views of an image in host memory, copied to the device.
class device_image {
 public:
   device_image(const test::fake_image &source, uint8_t poison);
   device_image(const device_image &) = delete;
   device_image &operator=(const device_image &) = delete;

   giflab_image image;
   bool intact() const;

 private:
   const giflab_plane copied(const giflab_plane &from, size_t rows, size_t row_bytes, uint8_t poison);

   std::vector<std::unique_ptr<guarded_memory>> memory_;
   std::array<giflab_view, 9> view_ = {};
   std::array<const giflab_view *, 9> views_ = {};
};

// Measures pairs of images in device memory in one call. Throws if the call fails or writes where it may not.
std::vector<test::values> measure_on_device(const giflab_plugin &plugin, const std::vector<giflab_pair> &pairs);

} // namespace giflab::gpu_check
