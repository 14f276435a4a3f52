#pragma once
// Histograms of uniform local binary patterns (8 neighbours at radius 1) as scikit-image finds them, rounding
// and all: it interpolates the diagonal neighbours in doubles, and where they equal the pixel rounding decides.

#include "clip.hpp"
#include "rows.hpp"

#include <array>
#include <vector>

namespace giflab::classic {

// How far the diagonal neighbours of each place lie behind a sample, and what rounding makes of them on level
// ground. For pictures of any size up to the longest side.
class diagonal_places {
 public:
   explicit diagonal_places(int32_t longest_side);

   // How far the neighbours before and behind a coordinate lie behind a sample.
   struct place {
      double before, behind;
      bool operator==(const place &) const = default;
   };
   const place &at(size_t coordinate) const { return kinds_[kind_of_[coordinate]]; }
   // Equal numbers are equal places.
   const uint8_t *kinds() const { return kind_of_.data(); }
   // Are `count` places from there on alike?
   bool same_from(size_t coordinate, size_t count) const {
      return same_until_[coordinate] >= coordinate + count;
   }
   // For each level: where all samples have it, the bits of the pattern that the diagonal neighbours set.
   const uint8_t *bits_of_levels(size_t y, size_t x) const {
      return bits_.data() + (size_t{kind_of_[y]} * kinds_.size() + kind_of_[x]) * 256;
   }

 private:
   std::vector<place> kinds_; // two for each power of two at the most
   std::vector<uint8_t> kind_of_;
   std::vector<uint32_t> same_until_;
   std::vector<uint8_t> bits_;
};

// Bins: how many neighbours are not below the pixel, if their circle, cut open before the first, changes at
// most twice; else 9. Adds a row's pixels to `histogram`. Beyond the picture `rows` hold 0. `patterns` has
// `count` elements to work in.
void add_texture_row(byte_rows rows, const diagonal_places &places, size_t y, uint8_t *patterns, size_t count,
                     std::array<uint32_t, 10> &histogram);

} // namespace giflab::classic
