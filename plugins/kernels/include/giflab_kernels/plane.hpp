#pragma once
// What every kernel shares: rows of samples in host memory, and the choice between its two twins.

#include <cstddef>
#include <cstdint>

// What processor and device share is written once, for both compilers; formulas of one pixel are such
// functions.
#ifdef __CUDACC__
#   define GIFLAB_BOTH __host__ __device__
#else
#   define GIFLAB_BOTH
#endif
#define GIFLAB_PIXEL GIFLAB_BOTH inline

namespace giflab::kernels {

// above / below. On a device to within two units in the last place, at a quarter of the exact division's cost.
GIFLAB_PIXEL float ratio(float above, float below) {
#ifdef __CUDA_ARCH__
   return __fdividef(above, below);
#else
   return above / below;
#endif
}
GIFLAB_PIXEL double ratio(double above, double below) { return above / below; }

// Which twin of a kernel runs. `scalar` is the plain one that judges; `vector` is Highway code for the best
// instruction set of this machine, chosen at run time.
enum class arithmetic { scalar, vector };

// A plane of samples; `stride` counts bytes between rows. Kernels read nothing past a row's last sample.
template <class T> struct plane {
   const T *data;
   size_t stride;

   GIFLAB_BOTH const T *row(int64_t y) const {
      return reinterpret_cast<const T *>(reinterpret_cast<const char *>(data) +
                                         static_cast<size_t>(y) * stride);
   }
};

// A plane that a kernel writes.
template <class T> struct target_plane {
   T *data;
   size_t stride;

   GIFLAB_BOTH T *row(int64_t y) const {
      return reinterpret_cast<T *>(reinterpret_cast<char *>(data) + static_cast<size_t>(y) * stride);
   }
   plane<T> read() const { return {data, stride}; }
};

} // namespace giflab::kernels
