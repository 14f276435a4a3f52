#pragma once
// Percentiles between order statistics, interpolated linearly as numpy does.

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace giflab::kernels {

// Where among sorted values a percentile stands: between those of ranks `below` and `above`, from 0.
struct percentile_place {
   uint64_t below, above;
   double share; // of the value above
};

// Among `count` values, one at least; share 0..1.
inline percentile_place place_of_percentile(double share, uint64_t count) {
   const double place = share * static_cast<double>(count - 1);
   const double below = std::floor(place);
   const auto rank = static_cast<uint64_t>(below);
   return {rank, std::min(rank + 1, count - 1), place - below};
}

// The values of these two ranks.
struct percentile_values {
   float below, above;
};

} // namespace giflab::kernels
