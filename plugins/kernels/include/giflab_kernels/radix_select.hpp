#pragma once
// The value of a rank among many floats >= 0, without sorting: bits of such floats are ordered as the floats
// are, so the value is found digit by digit, the highest first, by counting how many share the digits found so
// far.

#include <bit>
#include <giflab_kernels/plane.hpp>

namespace giflab::kernels {

struct radix_digit {
   int shift, bits;

   GIFLAB_BOTH constexpr uint32_t bins() const { return 1u << bits; }
   GIFLAB_BOTH constexpr uint32_t of(uint32_t key) const { return key >> shift & (bins() - 1); }
   // The digits above this one.
   GIFLAB_BOTH constexpr uint32_t prefix_of(uint32_t key) const { return key >> (shift + bits); }
};

// 31 bits: all but the sign.
inline constexpr radix_digit radix_digits[] = {{20, 11}, {10, 10}, {0, 10}};

// Another key of a float >= 0, its bits less one: a float that is the least of its bin by its bits lies in the
// bin below, so that a bin and those behind it tell what is above such a float, not at it. 0 gets the largest
// key of all, which has no digits.
GIFLAB_PIXEL uint32_t key_above(float value) { return std::bit_cast<uint32_t>(value) - 1; }
GIFLAB_PIXEL float float_of_key_above(uint32_t key) { return std::bit_cast<float>(key + 1); }

// How far the search has come.
struct radix_progress {
   uint32_t prefix = 0; // the digits found
   uint32_t below = 0;  // how many values have a smaller prefix
};

// Looks for the value of rank `rank` (from 0) in bins[0..count), which stand from bin `first` of `digit` on and
// have values of ranks from `below` on; it must be there.
GIFLAB_PIXEL radix_progress next_digit(const uint32_t *bins, uint32_t first, uint32_t prefix, uint32_t below,
                                       uint32_t rank, radix_digit digit) {
   uint32_t bin = 0;
   while (rank - below >= bins[bin])
      below += bins[bin++];
   return {prefix << digit.bits | (first + bin), below};
}

} // namespace giflab::kernels
