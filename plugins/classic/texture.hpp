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

   // Of one coordinate: the fractions, as numbers of the list of all that occur.
   struct place {
      uint8_t before, behind;
      bool operator==(const place &) const = default;
   };
   place at(size_t coordinate) const { return places_[coordinate]; }
   double fraction(uint8_t number) const { return fractions_[number]; }
   // Are `count` places from there on alike?
   bool same_from(size_t coordinate, size_t count) const {
      return same_until_[coordinate] >= coordinate + count;
   }
   // Where all samples are `level`, the bits of the pattern that its diagonal neighbours set.
   uint8_t bits_of_level(place y, place x, uint8_t level) const {
      return static_cast<uint8_t>(
          (not_below(y.before, x.behind, level) << 1) | (not_below(y.before, x.before, level) << 3) |
          (not_below(y.behind, x.before, level) << 5) | (not_below(y.behind, x.behind, level) << 7));
   }

 private:
   uint8_t number_of(double fraction);
   uint8_t not_below(uint8_t down, uint8_t right, uint8_t level) const {
      return not_below_[(size_t{down} * fractions_.size() + right) * 256 + level];
   }

   std::vector<double> fractions_;
   std::vector<place> places_;
   std::vector<uint32_t> same_until_;
   std::vector<uint8_t> not_below_;
};

// Bins: how many neighbours are not below the pixel, if their circle, cut open before the first, changes at
// most twice; else 9. Adds a row's pixels to `histogram`. Beyond the picture `rows` hold 0. `patterns` has
// `count` elements to work in.
void add_texture_row(byte_rows rows, const diagonal_places &places, size_t y, uint8_t *patterns, size_t count,
                     std::array<uint32_t, 10> &histogram);

} // namespace giflab::classic
