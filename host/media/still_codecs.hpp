#pragma once
// OpenCV's codecs, loaded when the first still is decoded: they bring well over a hundred libraries along,
// whose loading would cost every start of the program more than most comparisons take.

#include "media/still_header.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace giflab::media {

// What came out of the bytes of a file.
struct decoded_still {
   std::string undecodable;       // why there are no pixels, in OpenCV's words
   std::string unconvertible;     // why there are some, but no RGBA of 8 bits
   int32_t width = 0, height = 0; // 0 where there are no pixels
   const uint8_t *rgba = nullptr; // of the owner's, with 8 bits a channel
   std::size_t stride = 0;        // bytes from row to row
   std::shared_ptr<const void> owner;
};

// Decodes a PNG, WebP, or JPEG, which is turned as its EXIF says. `header` is what the bytes begin with. Any
// thread. Throws std::bad_alloc, and std::runtime_error with a sentence if the codecs cannot be loaded.
decoded_still decode_with_codecs(std::span<const uint8_t> bytes, const still_header &header);

} // namespace giflab::media
