#pragma once
// The pictures that are looked at: those given, continued by their edges where they are too small, and their
// halves.

#include "constants.hpp"

#include <algorithm>
#include <cstdint>

namespace giflab::butteraugli {

// Pictures under least_side are continued by their edges, about as far on one side as on the other.
struct extension {
   int32_t width, height, left, top;

   extension(int32_t w, int32_t h)
       : width(std::max(least_side, w)), height(std::max(least_side, h)), left((width - w) / 2),
         top((height - h) / 2) {}
   // Whether halves are looked at as well.
   bool has_halves() const { return (width + 1) / 2 >= least_side && (height + 1) / 2 >= least_side; }
};

} // namespace giflab::butteraugli
