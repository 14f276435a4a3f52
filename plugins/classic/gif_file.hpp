#pragma once
// GIF files as Pillow shows them after convert("RGB"): what is transparent takes the colour that the palette
// holds under the transparent index.

#include "clip.hpp"
#include "work.hpp"

#include <functional>
#include <string>
#include <vector>

namespace giflab::classic {

// One image of the file, with what the extensions before it say.
struct gif_image {
   int32_t left = 0, top = 0, width = 0, height = 0;
   bool interlaced = false;
   int32_t transparent = -1;         // index, or -1
   int32_t disposal = 0;             // the last method that any image so far asked for; 0: none did
   int32_t duration_ms = -1;         // -1: not said
   std::span<const uint8_t> palette; // RGB; empty: grey levels
   size_t codes = 0;                 // where in the file the minimum code size stands
};

struct gif_file {
   std::vector<uint8_t> bytes;
   extent size; // of the pictures: the screen, enlarged where the first image needs it
   int32_t background = 0;
   std::vector<gif_image> images; // one at least

   // Throw failure: GIFLAB_IO where the file cannot be read or is damaged before its first image is described,
   // GIFLAB_UNSUPPORTED where it is no GIF or beyond 2^26 pixels. Images whose description is cut short are
   // not counted.
   static gif_file read(const std::string &path);
   static gif_file parse(std::vector<uint8_t> bytes);
};

// Planes of one whole picture.
struct colour_planes {
   std::vector<uint8_t> red, green, blue;
};

// Paints all images up to the last in `chosen` (ascending) and shows the chosen ones. Throws
// failure(GIFLAB_IO) where their data is damaged or cut short.
void show_pictures(const gif_file &file, std::span<const uint32_t> chosen, pulse &beat,
                   const std::function<void(uint32_t ordinal, const colour_planes &)> &show);

// Expands the LZW codes behind `file.images[image].codes` into palette indices, one for each pixel of the
// image; `indices` has `lzw_slack` bytes more. Throws failure(GIFLAB_IO).
inline constexpr size_t lzw_slack = 32;
void expand_codes(const gif_file &file, size_t image, std::span<uint8_t> indices, pulse &beat);

} // namespace giflab::classic
