#pragma once
// What each of a picture's 256 colours is in every form: with these tables a conversion is a look-up, on the
// processor as on a device.

#include "media/picture.hpp"

#include <type_traits>

namespace giflab::media {

struct colour {
   uint8_t red = 255, green = 255, blue = 255;

   bool operator==(const colour &) const = default;
};

// By palette index; a form that was not asked for holds anything. Lies on a device as it lies here.
struct palette_tables {
   uint32_t rgba[256]; // as the decoder gave them: bytes R, G, B, A
   uint32_t rgb[256];  // over the background: bytes R, G, B, 0
   uint8_t luma8[256];
   float luma[256];
   float rgb_f32[3][256], linear[3][256], xyb[3][256], lab[3][256];
};
static_assert(std::is_trivially_copyable_v<palette_tables>);

// What 256 colours look like over the background: bytes R, G, B, 0.
void fill_shown(const picture &source, colour background, uint32_t *colours);

// Fills the tables of the representations in `mask` from the palette of an indexed picture.
void fill_tables(const picture &source, colour background, uint32_t mask, palette_tables &tables);

} // namespace giflab::media
