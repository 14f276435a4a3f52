// The device layer of a giflab that was built without CUDA.

#include "device/device.hpp"

namespace giflab::device {

bool built_with_cuda() { return false; }

result<std::unique_ptr<device>> open(int32_t) {
   return failed(problem::internal, "this giflab was built without CUDA");
}

} // namespace giflab::device
