#include "dithering.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>

namespace giflab::plugins {

namespace {

using kernels::rgb;

// ---- Floyd and Steinberg 1976, every second row backwards. Errors are in sixteenths of a level.

class error_diffusion {
 public:
   explicit error_diffusion(int32_t width) : here_(entries(width)), below_(entries(width)) {}

   void begin_row(int32_t y) {
      if (y > 0)
         here_.swap(below_);
      std::fill(below_.begin(), below_.end(), std::array<int32_t, 3>{});
      step_ = y % 2 == 0 ? 1 : -1;
   }
   int32_t step() const { return step_; }

   rgb wanted(int32_t x, rgb source) const {
      const auto &error = at(here_, x);
      return {moved(source.red, error[0]), moved(source.green, error[1]), moved(source.blue, error[2])};
   }

   // What `wanted` asked for and did not get goes to neighbours that come later.
   void spread(int32_t x, rgb wanted, rgb got) {
      const std::array<int32_t, 3> missed = {wanted.red - got.red, wanted.green - got.green,
                                             wanted.blue - got.blue};
      for (std::size_t c = 0; c < 3; ++c) {
         at(here_, x + step_)[c] += 7 * missed[c];
         at(below_, x - step_)[c] += 3 * missed[c];
         at(below_, x)[c] += 5 * missed[c];
         at(below_, x + step_)[c] += missed[c];
      }
   }

 private:
   using row = std::vector<std::array<int32_t, 3>>;

   // One more at either end, for what falls over the edge.
   static std::size_t entries(int32_t width) { return static_cast<std::size_t>(width) + 2; }
   static std::array<int32_t, 3> &at(row &of, int32_t x) { return of[static_cast<std::size_t>(x + 1)]; }
   static const std::array<int32_t, 3> &at(const row &of, int32_t x) {
      return of[static_cast<std::size_t>(x + 1)];
   }
   static uint8_t moved(uint8_t level, int32_t sixteenths) {
      const int32_t rounded = sixteenths >= 0 ? (sixteenths + 8) / 16 : -((8 - sixteenths) / 16);
      return static_cast<uint8_t>(std::clamp(level + rounded, 0, 255));
   }

   row here_, below_;
   int32_t step_ = 1;
};

// ---- Ordered (Bayer 1973)

// From -1/2 to 1/2, each of the 64 once in 8x8 pixels.
double bayer(int32_t x, int32_t y) {
   int32_t rank = 0;
   for (int32_t bit = 0; bit < 3; ++bit) {
      const int32_t a = x >> bit & 1, b = y >> bit & 1;
      rank |= (a ^ b) << (2 * (2 - bit) + 1) | b << (2 * (2 - bit));
   }
   return (rank + 0.5) / 64 - 0.5;
}

// How far apart neighbours of a palette lie in one channel: what a pattern has to bridge, and no more.
double spacing_of(const std::vector<rgb> &palette) {
   if (palette.size() < 2)
      return 0;
   double sum = 0;
   for (const rgb &one : palette) {
      int32_t least = std::numeric_limits<int32_t>::max();
      for (const rgb &other : palette)
         if (!(one == other))
            least = std::min(least, kernels::squared_distance(one, other));
      sum += std::sqrt(least / 9.0); // 2 + 4 + 3: the same step in every channel
   }
   return sum / static_cast<double>(palette.size());
}

class ordered_pattern {
 public:
   explicit ordered_pattern(double spacing) {
      for (int32_t y = 0; y < 8; ++y)
         for (int32_t x = 0; x < 8; ++x)
            offsets_[static_cast<std::size_t>(y * 8 + x)] =
                static_cast<int32_t>(std::lround(bayer(x, y) * spacing));
   }
   rgb wanted(int32_t x, int32_t y, rgb source) const {
      const int32_t offset = offsets_[static_cast<std::size_t>(y % 8 * 8 + x % 8)];
      const auto moved = [offset](uint8_t level) {
         return static_cast<uint8_t>(std::clamp(level + offset, 0, 255));
      };
      return {moved(source.red), moved(source.green), moved(source.blue)};
   }

 private:
   std::array<int32_t, 64> offsets_{};
};

// ---- What all have in common

std::size_t offset_of(const reduced_picture &of, int32_t x, int32_t y) {
   return (static_cast<std::size_t>(y) * static_cast<std::size_t>(of.width) + static_cast<std::size_t>(x)) * 4;
}

rgb colour_at(const uint8_t *pixel) { return {pixel[0], pixel[1], pixel[2]}; }

// True if the pixel is settled without a look at the palette.
bool settle(reduced_picture &now, const reduced_picture *before, std::size_t at) {
   if (now.source[at + 3] < least_opaque_alpha) {
      std::memset(&now.result[at], 0, 4);
      return true;
   }
   if (!before || std::memcmp(&now.source[at], &before->source[at], 4) != 0)
      return false;
   std::memcpy(&now.result[at], &before->result[at], 4);
   return true;
}

void put(reduced_picture &now, std::size_t at, rgb colour) {
   now.result[at] = colour.red;
   now.result[at + 1] = colour.green;
   now.result[at + 2] = colour.blue;
   now.result[at + 3] = 255;
}

void diffuse(reduced_picture &now, const reduced_picture *before, kernels::palette_lookup &lookup,
             const kernels::interruption &poll) {
   error_diffusion errors(now.width);
   for (int32_t y = 0; y < now.height; ++y) {
      poll();
      errors.begin_row(y);
      for (int32_t i = 0; i < now.width; ++i) {
         const int32_t x = errors.step() > 0 ? i : now.width - 1 - i;
         const std::size_t at = offset_of(now, x, y);
         if (settle(now, before, at))
            continue; // and errors end here, or a change would run on to the edge
         const rgb wanted = errors.wanted(x, colour_at(&now.source[at]));
         const rgb got = lookup.palette()[lookup.nearest(wanted)];
         put(now, at, got);
         errors.spread(x, wanted, got);
      }
   }
}

template <class Wanted>
void map_each(reduced_picture &now, const reduced_picture *before, kernels::palette_lookup &lookup,
              const kernels::interruption &poll, Wanted &&wanted) {
   for (int32_t y = 0; y < now.height; ++y) {
      poll();
      for (int32_t x = 0; x < now.width; ++x)
         if (const std::size_t at = offset_of(now, x, y); !settle(now, before, at))
            put(now, at, lookup.palette()[lookup.nearest(wanted(x, y, colour_at(&now.source[at])))]);
   }
}

} // namespace

void map_to_palette(reduced_picture &now, const reduced_picture *before, kernels::palette_lookup &lookup,
                    dither how, const kernels::interruption &poll) {
   now.result.resize(now.source.size());
   switch (how) {
   case dither::floyd_steinberg:
      return diffuse(now, before, lookup, poll);
   case dither::ordered:
      return map_each(now, before, lookup, poll,
                      [pattern = ordered_pattern(spacing_of(lookup.palette()))](
                          int32_t x, int32_t y, rgb colour) { return pattern.wanted(x, y, colour); });
   case dither::none:
      break;
   }
   map_each(now, before, lookup, poll, [](int32_t, int32_t, rgb colour) { return colour; });
}

} // namespace giflab::plugins
