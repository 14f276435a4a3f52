#include <giflab_kernels/ssim.hpp>

namespace giflab::kernels {
namespace {

template <class T>
void halve_rows(plane<T> source, target_plane<uint16_t> target, int32_t width, int32_t height) {
   for (int64_t y = 0; y < height; ++y) {
      const T *upper = source.row(2 * y), *lower = source.row(2 * y + 1);
      uint16_t *sums = target.row(y);
      for (int64_t x = 0; x < width; ++x)
         sums[x] = static_cast<uint16_t>(upper[2 * x] + upper[2 * x + 1] + lower[2 * x] + lower[2 * x + 1]);
   }
}

} // namespace

// One twin is enough: integers, and the compiler's own vectors are as fast as memory.
void halve(plane<uint8_t> source, target_plane<uint16_t> target, int32_t width, int32_t height) {
   halve_rows(source, target, width, height);
}
void halve(plane<uint16_t> source, target_plane<uint16_t> target, int32_t width, int32_t height) {
   halve_rows(source, target, width, height);
}

} // namespace giflab::kernels
