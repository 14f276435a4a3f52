#pragma once
// PNG, JPEG and WebP pictures, and folders of them, decoded by OpenCV.

#include "media/reader.hpp"
#include "media/still_header.hpp"

#include <span>

namespace giflab::media {

// One decoded picture: pixels, size, content; everything changed, no time. EXIF turns a JPEG as browsers
// do; colour profiles are ignored; 16 bits are rounded to 8; where alpha is 0 the colour is 0, too.
result<std::shared_ptr<picture>> decode_still(const std::string &path, std::span<const uint8_t> bytes,
                                              const limits &most, services::block_pool &pool);

// `path` is only what messages call the file. Errors as open() in reader.hpp.
result<std::unique_ptr<reader>> open_still(const std::string &path, std::span<const uint8_t> bytes,
                                           const reading_options &options, services::block_pool &pool);

// The PNG, JPEG and WebP files of a folder in the natural order of their names, all of one size.
result<std::unique_ptr<reader>> open_sequence(const std::string &folder, const reading_options &options,
                                              services::block_pool &pool);

} // namespace giflab::media
