#pragma once
// The one call of OpenCV's that resizes, in a library of its own: see services/companion.hpp.

#include "media/resize.hpp"

#include <cstdint>
#include <string>

namespace giflab::media {

// Rows of `width` pixels of four floats, without gaps.
template <class Float> struct float_pixels {
   Float *pixels;
   int32_t width, height;
};

// Fills `to` from `from`; gives why it cannot be done, or "". One thread at work. Any thread.
using resize_function = std::string(const float_pixels<const float> &from, const float_pixels<float> &to,
                                    resize_filter filter);

} // namespace giflab::media
