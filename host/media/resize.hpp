#pragma once
// Bringing one side of a comparison to the size of the other.

#include "media/reader.hpp"

namespace giflab::media {

enum class resize_filter { nearest, bilinear, bicubic, area, lanczos };

// A reader that gives the pictures of `source` at another size. Colours are weighted by alpha. Timing and
// facts are those of the source, except width and height.
std::unique_ptr<reader> resized(std::unique_ptr<reader> source, int32_t width, int32_t height,
                                resize_filter filter, services::block_pool &pool);

} // namespace giflab::media
