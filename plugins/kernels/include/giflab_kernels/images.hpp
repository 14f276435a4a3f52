#pragma once
// From the plugin ABI to kernels: planes of images, the twin that a level asks for, bands of rows.

#include <algorithm>
#include <giflab/plugin.hpp>
#include <giflab_kernels/plane.hpp>

namespace giflab::kernels {

// A plane of an image in a representation that the plugin declared in .inputs.
template <class T> plane<T> plane_of(const giflab_image &image, uint32_t representation, uint32_t index = 0) {
   const giflab_plane &source = giflab::plane(image, representation, index);
   return {static_cast<const T *>(source.data), source.stride};
}

// Level 0 asks for the code that judges the rest.
inline arithmetic arithmetic_of(const giflab_setup &setup) {
   return setup.level == 0 ? arithmetic::scalar : arithmetic::vector;
}

// Calls body(first, count) for bands of at most `pixels_per_band` pixels (one row at least) from top to
// bottom, and looks for cancellation before each. The caller picks a band that takes well under 10 ms.
template <class Body>
void for_each_band(const giflab_call &call, int32_t width, int32_t rows, int32_t pixels_per_band, Body &&body) {
   const int32_t step = std::max(1, pixels_per_band / std::max(1, width));
   for (int32_t first = 0; first < rows; first += std::min(step, rows - first)) {
      stop_if_cancelled(call);
      body(first, std::min(step, rows - first));
   }
}

} // namespace giflab::kernels
