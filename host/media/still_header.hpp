#pragma once
// What the headers of still formats claim, read by us so that limits are checked before anything decodes.

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace giflab::media {

enum class file_format { unknown, gif, png, jpeg, webp };

// By the first bytes alone.
file_format format_of(std::span<const uint8_t> bytes);

// "PNG", "JPEG", ...
const char *name_of(file_format format);

struct still_header {
   file_format format = file_format::unknown;
   int32_t width = 0, height = 0; // as stored, before EXIF turns it
   bool animated = false;         // APNG or animated WebP

   // Of a grey PNG: which grey is transparent, in samples of 8 bits, or 16 where the file has as many.
   std::optional<uint16_t> transparent_grey{};
};

// Nothing if the bytes are no PNG, JPEG or WebP or end before they say a size.
std::optional<still_header> read_still_header(std::span<const uint8_t> bytes);

// A JPEG goes on to its end marker. Nobody else looks: OpenCV leaves what is missing as it is, without a word.
bool reaches_jpeg_end(std::span<const uint8_t> bytes);

} // namespace giflab::media
