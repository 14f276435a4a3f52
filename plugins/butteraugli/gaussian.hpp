#pragma once
// Taps of a cut Gaussian and what becomes of them at a border.

#include "constants.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace giflab::butteraugli {

struct gaussian {
   int reach;
   double taps[low_reach + 1] = {}; // [|i|]; their sum over both sides is 1
   double sums[low_reach + 1] = {}; // [n] of the taps 1 to n

   explicit gaussian(double sigma) : reach(radius_of(sigma)) {
      double total = 0;
      for (int i = 0; i <= reach; ++i) {
         taps[i] = std::exp(-i * i / (2 * sigma * sigma));
         total += i == 0 ? taps[i] : 2 * taps[i];
      }
      for (int i = 0; i <= reach; ++i) {
         taps[i] /= total;
         sums[i] = i == 0 ? 0 : sums[i - 1] + taps[i];
      }
   }

   // The sum of the taps that meet samples, at `position` of `length` samples. What is beyond them has no part:
   // the rest is divided by this.
   double met(int32_t position, int32_t length) const {
      return taps[0] + sums[std::min(position, reach)] + sums[std::min(length - 1 - position, reach)];
   }
};

// The place of sample `position` where the edge is a mirror, edge sample included.
inline int32_t mirrored(int32_t position, int32_t length) {
   return position < 0 ? -1 - position : position >= length ? 2 * length - 1 - position : position;
}

} // namespace giflab::butteraugli
