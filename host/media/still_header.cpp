#include "media/still_header.hpp"

#include <algorithm>
#include <cstring>
#include <string_view>

namespace giflab::media {

namespace {

using byte_span = std::span<const uint8_t>;

bool has(byte_span bytes, std::size_t at, std::string_view text) {
   return bytes.size() >= at + text.size() && std::memcmp(bytes.data() + at, text.data(), text.size()) == 0;
}

uint32_t big16(byte_span bytes, std::size_t at) { return uint32_t{bytes[at]} << 8 | bytes[at + 1]; }
uint32_t big32(byte_span bytes, std::size_t at) { return big16(bytes, at) << 16 | big16(bytes, at + 2); }
uint32_t little16(byte_span bytes, std::size_t at) { return bytes[at] | uint32_t{bytes[at + 1]} << 8; }
uint32_t little24(byte_span bytes, std::size_t at) {
   return little16(bytes, at) | uint32_t{bytes[at + 2]} << 16;
}

// Sizes beyond int32_t are no sizes that anything here could show.
std::optional<still_header> sized(file_format format, uint32_t width, uint32_t height) {
   if (width == 0 || height == 0 || width > INT32_MAX || height > INT32_MAX)
      return std::nullopt;
   return still_header{format, static_cast<int32_t>(width), static_cast<int32_t>(height)};
}

// A sample as decoders give it: fewer bits than eight are stretched over them.
uint16_t stretched(uint32_t sample, uint32_t bits) {
   const uint32_t most = (1u << bits) - 1;
   return static_cast<uint16_t>(bits < 8 ? (sample & most) * 255 / most : sample & most);
}

// Signature, then chunks of length, name, content, checksum; IHDR is the first.
std::optional<still_header> read_png(byte_span bytes) {
   constexpr std::size_t first_chunk = 8, chunk_frame = 12;
   constexpr uint8_t grey = 0; // of colour types
   if (!has(bytes, first_chunk + 4, "IHDR") || bytes.size() < first_chunk + chunk_frame + 13)
      return std::nullopt;
   const uint32_t bits = bytes[first_chunk + 16];
   const bool is_grey = bytes[first_chunk + 17] == grey && bits >= 1 && bits <= 16;
   auto header = sized(file_format::png, big32(bytes, first_chunk + 8), big32(bytes, first_chunk + 12));
   std::size_t at = first_chunk;
   while (header && at + chunk_frame <= bytes.size() && !has(bytes, at + 4, "IDAT")) {
      header->animated = header->animated || has(bytes, at + 4, "acTL");
      if (is_grey && has(bytes, at + 4, "tRNS") && at + 10 <= bytes.size())
         header->transparent_grey = stretched(big16(bytes, at + 8), bits);
      at += chunk_frame + big32(bytes, at);
   }
   return header;
}

// Segments of marker, length, content; the size is in the one that starts the frame.
std::optional<still_header> read_jpeg(byte_span bytes) {
   constexpr uint8_t first_frame = 0xC0, last_frame = 0xCF, huffman = 0xC4, extension = 0xC8, arithmetic = 0xCC,
                     scan = 0xDA;
   std::size_t at = 2;
   while (at + 9 < bytes.size() && bytes[at] == 0xFF) {
      const uint8_t marker = bytes[at + 1];
      if (marker == 0xFF) { // padding
         ++at;
         continue;
      }
      if (marker == scan)
         return std::nullopt;
      if (marker >= first_frame && marker <= last_frame && marker != huffman && marker != extension &&
          marker != arithmetic)
         return sized(file_format::jpeg, big16(bytes, at + 7), big16(bytes, at + 5));
      at += 2 + std::max<std::size_t>(2, big16(bytes, at + 2));
   }
   return std::nullopt;
}

// RIFF: the first chunk is VP8 (lossy), VP8L (lossless) or VP8X (whatever follows, with a canvas).
std::optional<still_header> read_webp(byte_span bytes) {
   constexpr std::size_t content = 20;
   if (bytes.size() < content + 10)
      return std::nullopt;
   if (has(bytes, 12, "VP8 "))
      return sized(file_format::webp, little16(bytes, content + 6) & 0x3FFF,
                   little16(bytes, content + 8) & 0x3FFF);
   if (has(bytes, 12, "VP8L")) {
      const uint32_t packed = little24(bytes, content + 1) | uint32_t{bytes[content + 4]} << 24;
      return sized(file_format::webp, (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1);
   }
   if (!has(bytes, 12, "VP8X"))
      return std::nullopt;
   auto header = sized(file_format::webp, little24(bytes, content + 4) + 1, little24(bytes, content + 7) + 1);
   header->animated = (bytes[content] & 2) != 0;
   return header;
}

} // namespace

file_format format_of(byte_span bytes) {
   if (has(bytes, 0, "GIF8"))
      return file_format::gif;
   if (has(bytes, 0, "\x89PNG\r\n\x1a\n"))
      return file_format::png;
   if (has(bytes, 0, "\xFF\xD8\xFF"))
      return file_format::jpeg;
   if (has(bytes, 0, "RIFF") && has(bytes, 8, "WEBP"))
      return file_format::webp;
   return file_format::unknown;
}

const char *name_of(file_format format) {
   switch (format) {
   case file_format::gif:
      return "GIF";
   case file_format::png:
      return "PNG";
   case file_format::jpeg:
      return "JPEG";
   case file_format::webp:
      return "WebP";
   case file_format::unknown:
      break;
   }
   return "unknown format";
}

std::optional<still_header> read_still_header(byte_span bytes) {
   switch (format_of(bytes)) {
   case file_format::png:
      return read_png(bytes);
   case file_format::jpeg:
      return read_jpeg(bytes);
   case file_format::webp:
      return read_webp(bytes);
   default:
      return std::nullopt;
   }
}

// Segments are passed over by their length, coded data byte by byte: 0xFF comes before 0 there, or before a
// restart marker.
bool reaches_jpeg_end(byte_span bytes) {
   constexpr uint8_t temporary = 0x01, first_restart = 0xD0, last_restart = 0xD7, end = 0xD9;
   std::size_t at = 2;
   while (at + 1 < bytes.size()) {
      const uint8_t marker = bytes[at + 1];
      if (bytes[at] != 0xFF || marker == 0xFF)
         ++at;
      else if (marker == end)
         return true;
      else if (marker <= temporary || (marker >= first_restart && marker <= last_restart))
         at += 2;
      else if (at + 3 < bytes.size())
         at += 2 + big16(bytes, at + 2);
      else
         return false;
   }
   return false;
}

} // namespace giflab::media
