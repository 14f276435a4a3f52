#include "texture.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "texture.cpp"
#include <hwy/foreach_target.h> // IWYU pragma: keep
#include <hwy/highway.h>

#include "vectors-inl.hpp"

#ifndef GIFLAB_CLASSIC_TEXTURE_ONCE
#   define GIFLAB_CLASSIC_TEXTURE_ONCE
namespace giflab::classic {

// As scikit-image interpolates: rounding and all.
inline double interpolated(double top_left, double top_right, double bottom_left, double bottom_right,
                           double down, double right) {
   const double top = (1 - right) * top_left + right * top_right;
   const double bottom = (1 - right) * bottom_left + right * bottom_right;
   return (1 - down) * top + down * bottom;
}

// The pattern of one pixel: bit p says that neighbour p is not below it.
inline uint8_t pattern_at(byte_rows rows, const diagonal_places &places, size_t y, size_t column) {
   const auto x = static_cast<ptrdiff_t>(column);
   const uint8_t *above = rows.above + x, *middle = rows.middle + x, *below = rows.below + x;
   const auto [up, down] = places.at(y);
   const auto [left, right] = places.at(column);
   const uint8_t m = middle[0];
   const bool bits[8] = {middle[1] >= m,  interpolated(above[0], above[1], m, middle[1], up, right) >= m,
                         above[0] >= m,   interpolated(above[-1], above[0], middle[-1], m, up, left) >= m,
                         middle[-1] >= m, interpolated(middle[-1], m, below[-1], below[0], down, left) >= m,
                         below[0] >= m,   interpolated(m, middle[1], below[0], below[1], down, right) >= m};
   uint8_t pattern = 0;
   for (size_t p = 0; p < 8; ++p)
      pattern |= static_cast<uint8_t>(bits[p] << p);
   return pattern;
}

// The number of ones where at most two neighbours differ from the next, else 9.
inline constexpr std::array<uint8_t, 256> bins_of_patterns = [] {
   std::array<uint8_t, 256> bins{};
   for (uint32_t pattern = 0; pattern < 256; ++pattern)
      bins[pattern] = static_cast<uint8_t>(
          std::popcount((pattern ^ pattern >> 1) & 0x7F) <= 2 ? std::popcount(pattern) : 9);
   return bins;
}();

} // namespace giflab::classic
#endif

HWY_BEFORE_NAMESPACE();
namespace giflab::classic::HWY_NAMESPACE {

#if HWY_TARGET != HWY_SCALAR
// Which way a diagonal neighbour differs from the pixel, in whole numbers. With d = 0.70711, a step along both
// axes, and with the differences of the three samples around it from the pixel, p on the axes and q on the
// diagonal, it lies above the pixel by d (1 - d) p + d^2 q. That is above 0 exactly where
// p + 2 q > floor(-q * 12133 / 29289), as 29289 p + 70711 q is a whole number; where p and q are both 0,
// rounding decides. It does nowhere else: the least other difference is 7e-6, and doubles err by 1e-9.
struct diagonal {
   vector16 above; // is above the pixel, where `undecided` is not set
   vector16 undecided;
};

HWY_INLINE diagonal look_along(vector16 axes, vector16 corner) {
   const whole16 d;
   const auto both = hn::Add(axes, hn::Add(corner, corner));
   const auto least = hn::MulHigh(hn::Neg(corner), hn::Set(d, 27148)); // 12133 / 29289 * 2^16
   return {hn::VecFromMask(d, hn::Gt(both, least)),
           hn::VecFromMask(d, hn::Eq(hn::Or(axes, corner), hn::Zero(d)))};
}

struct vector_patterns {
   vector16 bits, undecided;
   vector16 slanted; // not 0 where something undecided is no level ground
};

HWY_INLINE vector_patterns patterns_at(byte_rows rows, size_t column) {
   const whole16 d;
   const auto x = static_cast<ptrdiff_t>(column);
   const auto m = load16(rows.middle + x);
   const auto minus_m = [&](const uint8_t *row, ptrdiff_t step)
                            HWY_ATTR { return hn::Sub(load16(row + x + step), m); };
   const vector16 n = minus_m(rows.above, 0), s = minus_m(rows.below, 0), e = minus_m(rows.middle, 1),
                  w = minus_m(rows.middle, -1);
   const diagonal ne = look_along(hn::Add(n, e), minus_m(rows.above, 1)),
                  nw = look_along(hn::Add(n, w), minus_m(rows.above, -1)),
                  sw = look_along(hn::Add(s, w), minus_m(rows.below, -1)),
                  se = look_along(hn::Add(s, e), minus_m(rows.below, 1));
   const auto bit = [&](vector16 set, int16_t value) HWY_ATTR { return hn::And(set, hn::Set(d, value)); };
   const auto not_below = [&](vector16 difference, int16_t value) HWY_ATTR {
      return hn::AndNot(hn::BroadcastSignBit(difference), hn::Set(d, value));
   };
   const auto four = [&](vector16 a, vector16 b, vector16 c, vector16 f)
                         HWY_ATTR { return hn::Or(hn::Or(a, b), hn::Or(c, f)); };
   const auto axes = four(not_below(e, 1), not_below(n, 4), not_below(w, 16), not_below(s, 64));
   const auto diagonals = four(bit(ne.above, 2), bit(nw.above, 8), bit(sw.above, 32), bit(se.above, 128));
   const auto undecided =
       four(bit(ne.undecided, 2), bit(nw.undecided, 8), bit(sw.undecided, 32), bit(se.undecided, 128));
   const auto slanted =
       hn::Or(hn::And(hn::Or(ne.undecided, nw.undecided), n), hn::And(hn::Or(sw.undecided, se.undecided), s));
   return {hn::Or(axes, diagonals), undecided, slanted};
}

// What two levels give where all places are alike: most rows have no more.
class known_levels {
 public:
   HWY_INLINE known_levels() : bits_of_level_(nullptr) { forget(); }

   HWY_INLINE vector16 bits(vector16 undecided, const uint8_t *samples, const uint8_t *bits_of_level) {
      if (bits_of_level != bits_of_level_) {
         bits_of_level_ = bits_of_level;
         forget();
      }
      const whole16 d;
      const vector16 levels = load16(samples);
      const auto last = hn::Eq(levels, level_[0]), before = hn::Eq(levels, level_[1]);
      vector16 bits = hn::Or(hn::IfThenElseZero(last, bits_[0]), hn::IfThenElseZero(before, bits_[1]));
      auto left = hn::AndNot(hn::Or(last, before), hn::Ne(undecided, hn::Zero(d)));
      while (!hn::AllFalse(d, left)) {
         learn(samples[hn::FindFirstTrue(d, left)]);
         const auto here = hn::Eq(levels, level_[0]);
         bits = hn::Or(bits, hn::IfThenElseZero(here, bits_[0]));
         left = hn::AndNot(here, left);
      }
      return hn::And(bits, undecided);
   }

 private:
   HWY_INLINE void forget() {
      for (size_t i = 0; i < 2; ++i) {
         level_[i] = hn::Set(whole16(), -1);
         bits_[i] = hn::Zero(whole16());
      }
   }
   HWY_INLINE void learn(uint8_t level) {
      level_[1] = level_[0];
      bits_[1] = bits_[0];
      level_[0] = hn::Set(whole16(), level);
      bits_[0] = hn::Set(whole16(), bits_of_level_[level]);
   }

   const uint8_t *bits_of_level_;
   vector16 level_[2], bits_[2];
};

// The same where places differ, which they do near powers of two.
HWY_INLINE vector16 bits_of_places(vector16 undecided, const uint8_t *samples, const diagonal_places &places,
                                   size_t y, size_t x) {
   const whole16 d;
   int16_t bits[hn::MaxLanes(whole16())];
   for (size_t i = 0; i < hn::Lanes(d); ++i)
      bits[i] = places.bits_of_levels(y, x + i)[samples[i]];
   return hn::And(hn::LoadU(d, bits), undecided);
}

HWY_INLINE void store_patterns(byte_rows rows, const diagonal_places &places, size_t y, size_t x,
                               known_levels &known, uint8_t *patterns) {
   const whole16 d;
   const vector_patterns found = patterns_at(rows, x);
   const vector16 levels = places.same_from(x, hn::Lanes(d))
                               ? known.bits(found.undecided, rows.middle + x, places.bits_of_levels(y, x))
                               : bits_of_places(found.undecided, rows.middle + x, places, y, x);
   hn::StoreU(hn::DemoteTo(half8(), hn::Or(found.bits, levels)), half8(), patterns + x);
   const auto slanted = hn::Ne(found.slanted, hn::Zero(d));
   if (hn::AllFalse(d, slanted))
      return;
   uint64_t one_by_one = 0;
   hn::StoreMaskBits(d, slanted, reinterpret_cast<uint8_t *>(&one_by_one));
   for (; one_by_one != 0; one_by_one &= one_by_one - 1) {
      const size_t at = x + static_cast<size_t>(std::countr_zero(one_by_one));
      patterns[at] = pattern_at(rows, places, y, at);
   }
}

// Adds patterns to the bins, up to 255 vectors at once.
HWY_INLINE void count_patterns(const uint8_t *patterns, size_t vectors, std::array<uint32_t, 10> &histogram) {
   using bytes = hn::ScalableTag<uint8_t>;
   const bytes d;
   alignas(16) static constexpr uint8_t ones[16] = {0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4};
   const auto table = hn::LoadDup128(d, ones), low = hn::Set(d, 15);
   const auto count_ones = [&](auto v) HWY_ATTR {
      return hn::Add(hn::TableLookupBytes(table, hn::And(v, low)),
                     hn::TableLookupBytes(table, hn::ShiftRight<4>(v)));
   };
   hn::Vec<bytes> counts[9];
   for (auto &count : counts)
      count = hn::Zero(d);
   for (size_t i = 0; i < vectors; ++i) {
      const auto pattern = hn::LoadU(d, patterns + i * hn::Lanes(d));
      const auto changes = hn::And(hn::Xor(pattern, hn::ShiftRight<1>(pattern)), hn::Set(d, 0x7F));
      const auto uneven = hn::Gt(count_ones(changes), hn::Set(d, 2));
      const auto bin = hn::IfThenElse(uneven, hn::Set(d, 9), count_ones(pattern));
      for (uint8_t b = 0; b < 9; ++b)
         counts[b] = hn::Sub(counts[b], hn::VecFromMask(d, hn::Eq(bin, hn::Set(d, b))));
   }
   const hn::Repartition<uint64_t, bytes> d64;
   auto rest = static_cast<uint32_t>(vectors * hn::Lanes(d));
   for (size_t b = 0; b < 9; ++b) {
      const auto found = static_cast<uint32_t>(hn::GetLane(hn::SumOfLanes(d64, hn::SumsOf8(counts[b]))));
      histogram[b] += found;
      rest -= found;
   }
   histogram[9] += rest;
}
#endif

// The patterns of a row.
HWY_INLINE void find_patterns(byte_rows rows, const diagonal_places &places, size_t y, uint8_t *patterns,
                              size_t count) {
   size_t x = 0;
#if HWY_TARGET != HWY_SCALAR
   const size_t step = hn::Lanes(whole16());
   known_levels known;
   for (; x + step <= count; x += step)
      store_patterns(rows, places, y, x, known, patterns);
   if (x < count && count >= step) { // some of them again
      store_patterns(rows, places, y, count - step, known, patterns);
      x = count;
   }
#endif
   for (; x < count; ++x)
      patterns[x] = pattern_at(rows, places, y, x);
}

void texture_row(byte_rows rows, const diagonal_places &places, size_t y, uint8_t *patterns, size_t count,
                 std::array<uint32_t, 10> &histogram) {
   find_patterns(rows, places, y, patterns, count);
   size_t x = 0;
#if HWY_TARGET != HWY_SCALAR
   const size_t lanes = hn::Lanes(hn::ScalableTag<uint8_t>());
   while (x + lanes <= count) {
      const size_t vectors = std::min<size_t>(255, (count - x) / lanes);
      count_patterns(patterns + x, vectors, histogram);
      x += vectors * lanes;
   }
#endif
   for (; x < count; ++x)
      ++histogram[bins_of_patterns[patterns[x]]];
}

} // namespace giflab::classic::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace giflab::classic {

HWY_EXPORT(texture_row);

void add_texture_row(byte_rows rows, const diagonal_places &places, size_t y, uint8_t *patterns, size_t count,
                     std::array<uint32_t, 10> &histogram) {
   HWY_DYNAMIC_DISPATCH(texture_row)(rows, places, y, patterns, count, histogram);
}

diagonal_places::diagonal_places(int32_t longest_side)
    : kind_of_(static_cast<size_t>(longest_side)), same_until_(kind_of_.size()) {
   constexpr double step = 0.70711; // rounded to five digits as scikit-image does
   const auto behind_sample = [](double position) { return position - std::floor(position); };
   for (size_t i = 0; i < kind_of_.size(); ++i) {
      const auto at = static_cast<double>(i);
      const place found{behind_sample(at - step), behind_sample(at + step)};
      const auto known = std::find(kinds_.begin(), kinds_.end(), found);
      kind_of_[i] = static_cast<uint8_t>(known - kinds_.begin());
      if (known == kinds_.end())
         kinds_.push_back(found);
   }
   for (size_t i = kind_of_.size(); i-- > 0;)
      same_until_[i] = i + 1 < kind_of_.size() && kind_of_[i] == kind_of_[i + 1] ? same_until_[i + 1]
                                                                                 : static_cast<uint32_t>(i + 1);
   bits_.reserve(kinds_.size() * kinds_.size() * 256);
   for (const place &y : kinds_)
      for (const place &x : kinds_)
         for (int level = 0; level < 256; ++level) {
            const auto bit = [&](double down, double right, int which) {
               return (interpolated(level, level, level, level, down, right) >= level) << which;
            };
            bits_.push_back(static_cast<uint8_t>(bit(y.before, x.behind, 1) | bit(y.before, x.before, 3) |
                                                 bit(y.behind, x.before, 5) | bit(y.behind, x.behind, 7)));
         }
}

} // namespace giflab::classic
#endif
