#include "check.cuh"

#include <giflab_kernels/cuda/launch.hpp>

namespace giflab::kernels::cuda {

device_call::device_call(const giflab_call &call) : call_(&call) {
   const auto *cuda = static_cast<const giflab_cuda *>(call.host->query(call.host, GIFLAB_CUDA));
   if (!cuda)
      throw failure(GIFLAB_UNSUPPORTED, "pictures in device memory, but no " GIFLAB_CUDA);
   stream_ = static_cast<cudaStream_t>(cuda->stream(&call));
}

void *device_call::bytes(size_t count) const {
   void *memory = call_->scratch(call_, GIFLAB_MEMORY_CUDA, count);
   if (!memory)
      throw failure(GIFLAB_NO_MEMORY, "no scratch memory on the device");
   return memory;
}

void device_call::fetch_bytes(const void *from, void *to, size_t count) const {
   check(cudaMemcpyAsync(to, from, count, cudaMemcpyDeviceToHost, stream_));
   check(cudaStreamSynchronize(stream_)); // this stream alone: the rest of the device is not ours
}

} // namespace giflab::kernels::cuda
