#include "modules/cuda.hpp"

#include "device/device.hpp"
#include "modules/call.hpp"

namespace giflab::modules {

// Finds the lane behind a call. A call in host memory has none: null, and no ordinal.
struct cuda_functions {
   static const device::lane *lane(const giflab_call *call) { return context_of(call).services().lane; }

   static void *context(const giflab_call *call) noexcept {
      return lane(call) ? lane(call)->context() : nullptr;
   }
   static void *stream(const giflab_call *call) noexcept { return lane(call) ? lane(call)->stream() : nullptr; }
   static int32_t ordinal(const giflab_call *call) noexcept { return lane(call) ? lane(call)->ordinal() : -1; }
};

const giflab_cuda &cuda_table() {
   static const giflab_cuda table = {cuda_functions::context, cuda_functions::stream, cuda_functions::ordinal};
   return table;
}

} // namespace giflab::modules
