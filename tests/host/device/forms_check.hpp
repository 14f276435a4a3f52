#pragma once
// The forms of a picture on a device against those in host memory.

#include "device/picture_forms.hpp"
#include "pictures.hpp"

#include <cmath>
#include <doctest/doctest.h>
#include <functional>
#include <vector>

namespace giflab::tests {

constexpr uint32_t every_form = (1u << media::representation_count) - 1;

// Copies device memory here.
using reader = std::function<std::vector<std::byte>(const void *from, std::size_t bytes)>;

inline bool is_float(uint32_t form) {
   return form != GIFLAB_RGBA8 && form != GIFLAB_RGB8 && form != GIFLAB_INDEX8 && form != GIFLAB_LUMA8;
}

// Steps between two floats of the same sign; 0 and -0 are one.
inline int64_t steps_apart(float a, float b) {
   const auto ordered = [](float value) {
      int32_t bits = 0;
      std::memcpy(&bits, &value, sizeof bits);
      return int64_t{bits < 0 ? INT32_MIN - bits : bits};
   };
   return std::abs(ordered(a) - ordered(b));
}

// Floats through a palette have the host's bits. Those of pixels may differ in the last place where a cube root
// has: a difference of cube roots near 0 then differs by more of its own steps, but not by more in absolute
// terms.
inline bool agree(float host, float device, bool exact) {
   if (exact)
      return steps_apart(host, device) == 0;
   return steps_apart(host, device) <= 1 || std::abs(host - device) <= 1e-13f;
}

// One plane, row by row; the number of pixels' values that differ.
inline int64_t differences(const giflab_view &host, const giflab_view &device, uint32_t plane, int32_t width,
                           int32_t height, bool exact, const reader &read) {
   const giflab_plane &there = device.planes[plane];
   const std::size_t row_bytes = static_cast<std::size_t>(width) * host.bytes_per_pixel;
   const auto fetched = read(there.data, there.stride * static_cast<std::size_t>(height));
   int64_t wrong = 0;
   for (int32_t y = 0; y < height; ++y) {
      const auto *expected = static_cast<const std::byte *>(host.planes[plane].data) +
                             static_cast<std::size_t>(y) * host.planes[plane].stride;
      const std::byte *found = fetched.data() + static_cast<std::size_t>(y) * there.stride;
      if (!is_float(host.representation)) {
         wrong += std::memcmp(expected, found, row_bytes) != 0;
         continue;
      }
      for (int32_t x = 0; x < width; ++x)
         wrong += !agree(reinterpret_cast<const float *>(expected)[x],
                         reinterpret_cast<const float *>(found)[x], exact);
   }
   return wrong;
}

inline void check_forms(const media::picture_pointer &source, const device::picture_forms &made,
                        media::colour background, const reader &read) {
   media::representations host(source, background, media::conversion::pixels, picture_pool());
   host.make(every_form);
   for (uint32_t form = 0; form < media::representation_count; ++form) {
      CAPTURE(form);
      const giflab_view *expected = host.views()[form], *found = made.views()[form];
      REQUIRE((expected != nullptr) == (found != nullptr));
      if (!expected)
         continue;
      CHECK(found->representation == form);
      CHECK(found->memory == GIFLAB_MEMORY_CUDA);
      CHECK(found->bytes_per_pixel == expected->bytes_per_pixel);
      REQUIRE(found->plane_count == expected->plane_count);
      for (uint32_t plane = 0; plane < found->plane_count; ++plane) {
         CHECK(reinterpret_cast<uintptr_t>(found->planes[plane].data) % 256 == 0);
         CHECK(found->planes[plane].stride % 64 == 0);
      }
      const uint32_t pictures = form == GIFLAB_INDEX8 ? 1 : found->plane_count;
      for (uint32_t plane = 0; plane < pictures; ++plane)
         CHECK(differences(*expected, *found, plane, source->width, source->height,
                           source->indexed() != nullptr, read) == 0);
      if (form == GIFLAB_INDEX8) {
         const auto palette = read(found->planes[1].data, 1024);
         CHECK(std::memcmp(palette.data(), expected->planes[1].data, 1024) == 0);
      }
   }
}

} // namespace giflab::tests
