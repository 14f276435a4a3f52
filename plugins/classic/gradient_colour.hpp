#pragma once
// Banding, colour differences and dithering, of pictures paired by index.

#include "clip.hpp"
#include "regions.hpp"
#include "work.hpp"

#include <optional>
#include <vector>

namespace giflab::classic {

struct banding_values {
   double mean = 0, p95 = 0; // within the square at the upper left whose side is the shorter one
   size_t regions = 0;
};
struct colour_values {
   double mean = 0, p95 = 0, max = 0; // of up to 16 patches of 64x64, within the same square
   double above[4] = {};              // percent of the patches above 1, 2, 3 and 5
   size_t patches = 0;
};
struct dither_values {
   double mean = 0, p95 = 0, score = 0; // of windows of 64x64 that are flat in `a`
   size_t windows = 0;
};

// A value, or the place of the same value in the list of the picture before.
struct value_or_before {
   double value;
   std::optional<size_t> place_before = {};
};

class gradients_and_colours {
 public:
   // Of the first `count` pictures.
   gradients_and_colours(const clip &a, const clip &b, uint32_t count);
   void plan(jobs &work);
   // Once the work has run.
   banding_values banding() const;
   colour_values colours() const;
   dither_values dither() const;

 private:
   void look_at(uint32_t i, pulse &beat);

   const clip &a_, &b_;
   std::vector<rectangle> patches_;
   // Of each picture.
   std::vector<std::vector<double>> severities_;
   std::vector<std::vector<value_or_before>> differences_, ratios_;
};

} // namespace giflab::classic
