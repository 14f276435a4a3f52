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
// Bytes, and those at even and at odd places as numbers of 16 bits.
using bytes = hn::CappedTag<uint8_t, 32>;
using byte_vector = hn::Vec<bytes>;
using numbers = hn::Repartition<int16_t, bytes>;
using number_vector = hn::Vec<numbers>;

struct parted {
   number_vector even, odd;
};

HWY_INLINE parted part(byte_vector v) {
   const hn::RebindToUnsigned<numbers> d;
   const auto both = hn::BitCast(d, v);
   return {hn::BitCast(numbers(), hn::And(both, hn::Set(d, 255))),
           hn::BitCast(numbers(), hn::ShiftRight<8>(both))};
}
HWY_INLINE parted operator+(parted a, parted b) { return {hn::Add(a.even, b.even), hn::Add(a.odd, b.odd)}; }
HWY_INLINE parted operator-(parted a, parted b) { return {hn::Sub(a.even, b.even), hn::Sub(a.odd, b.odd)}; }

template <class Test> HWY_INLINE byte_vector where(parted a, parted b, Test &&test) {
   const hn::Repartition<uint16_t, bytes> d16;
   const bytes d;
   const auto mask = [&](number_vector p, number_vector q)
                         HWY_ATTR { return hn::BitCast(d, hn::VecFromMask(numbers(), test(p, q))); };
   const auto low = hn::BitCast(d, hn::Set(d16, 255));
   return hn::Or(hn::And(low, mask(a.even, b.even)), hn::AndNot(low, mask(a.odd, b.odd)));
}

// Which way a diagonal neighbour differs from the pixel, in whole numbers. With d = 0.70711, a step along both
// axes, and with the differences of the three samples around it from the pixel, p on the axes and q on the
// diagonal, it lies above the pixel by d (1 - d) p + d^2 q. That is above 0 exactly where
// p + 2 q > floor(-q * 12133 / 29289), as 29289 p + 70711 q is a whole number; where p and q are both 0,
// rounding decides. It does nowhere else: the least other difference is 7e-6, and doubles err by 1e-9.
HWY_INLINE byte_vector lies_above(parted axes, parted corner) {
   const auto bound = [](number_vector q) HWY_ATTR {
      return hn::MulHigh(q, hn::Set(numbers(), -27148)); // 12133 / 29289 * 2^16
   };
   return where(axes + corner + corner, parted{bound(corner.even), bound(corner.odd)},
                [](number_vector p, number_vector q) HWY_ATTR { return hn::Gt(p, q); });
}

HWY_INLINE byte_vector sum_is_zero(parted axes) {
   const auto zero = hn::Zero(numbers());
   return where(axes, parted{zero, zero},
                [](number_vector p, number_vector q) HWY_ATTR { return hn::Eq(p, q); });
}

HWY_INLINE byte_vector equal(byte_vector a, byte_vector b) { return hn::VecFromMask(bytes(), hn::Eq(a, b)); }

// The samples around a pixel, and which of them equal it.
struct surroundings {
   byte_vector middle, n, e, s, w, ne, nw, sw, se;

   HWY_INLINE surroundings(byte_rows rows, size_t column) {
      const auto x = static_cast<ptrdiff_t>(column);
      const auto load = [](const uint8_t *at) HWY_ATTR { return hn::LoadU(bytes(), at); };
      middle = load(rows.middle + x);
      n = load(rows.above + x), s = load(rows.below + x);
      e = load(rows.middle + x + 1), w = load(rows.middle + x - 1);
      ne = load(rows.above + x + 1), nw = load(rows.above + x - 1);
      se = load(rows.below + x + 1), sw = load(rows.below + x - 1);
   }
};

struct vector_patterns {
   byte_vector bits;
   byte_vector level;   // bits of diagonal neighbours around which all is as high as the pixel
   byte_vector slanted; // not 0 where a diagonal neighbour equals the pixel on other ground
};

// One diagonal neighbour: its bit of each pattern, and what rounding decides.
HWY_INLINE void look_along(byte_vector corner, byte_vector first, byte_vector second, byte_vector middle,
                           parted middle_parts, uint8_t value, vector_patterns &patterns) {
   const bytes d;
   const auto bit = [&](byte_vector mask) HWY_ATTR { return hn::And(mask, hn::Set(d, value)); };
   const parted axes = part(first) + part(second) - middle_parts - middle_parts;
   patterns.bits = hn::Or(patterns.bits, bit(lies_above(axes, part(corner) - middle_parts)));
   const auto same = equal(corner, middle), same_first = equal(first, middle),
              same_second = equal(second, middle);
   patterns.level = hn::Or(patterns.level, bit(hn::And(same, hn::And(same_first, same_second))));
   const auto suspected = hn::AndNot(hn::Or(same_first, same_second), same);
   if (!hn::AllTrue(d, hn::Eq(suspected, hn::Zero(d))))
      patterns.slanted = hn::Or(patterns.slanted, hn::And(suspected, sum_is_zero(axes)));
}

HWY_INLINE vector_patterns patterns_at(byte_rows rows, size_t x) {
   const bytes d;
   const surroundings at(rows, x);
   const auto m = at.middle;
   const auto not_below = [&](byte_vector neighbour, uint8_t value) HWY_ATTR {
      return hn::And(equal(hn::Max(neighbour, m), neighbour), hn::Set(d, value));
   };
   vector_patterns found;
   found.bits =
       hn::Or(hn::Or(not_below(at.e, 1), not_below(at.n, 4)), hn::Or(not_below(at.w, 16), not_below(at.s, 64)));
   found.level = found.slanted = hn::Zero(d);
   const parted parts = part(m);
   look_along(at.ne, at.n, at.e, m, parts, 2, found);
   look_along(at.nw, at.n, at.w, m, parts, 8, found);
   look_along(at.sw, at.s, at.w, m, parts, 32, found);
   look_along(at.se, at.s, at.e, m, parts, 128, found);
   return found;
}

// What two levels give where all places are alike: most rows have no more.
class known_levels {
 public:
   HWY_INLINE known_levels() : bits_of_level_(nullptr) {}

   HWY_INLINE byte_vector bits(byte_vector wanted, const uint8_t *samples, const uint8_t *bits_of_level) {
      const bytes d;
      if (bits_of_level != bits_of_level_) {
         bits_of_level_ = bits_of_level;
         learn(samples[0]);
         learn(samples[0]);
      }
      const auto levels = hn::LoadU(d, samples);
      const auto last = equal(levels, level_[0]), before = equal(levels, level_[1]);
      byte_vector found = hn::Or(hn::And(last, bits_[0]), hn::And(before, bits_[1]));
      auto left =
          hn::MaskFromVec(hn::AndNot(hn::Or(last, before), hn::VecFromMask(d, hn::Ne(wanted, hn::Zero(d)))));
      while (!hn::AllFalse(d, left)) {
         learn(samples[hn::FindFirstTrue(d, left)]);
         const auto here = hn::Eq(levels, level_[0]);
         found = hn::Or(found, hn::IfThenElseZero(here, bits_[0]));
         left = hn::AndNot(here, left);
      }
      return hn::And(found, wanted);
   }

 private:
   HWY_INLINE void learn(uint8_t level) {
      level_[1] = level_[0];
      bits_[1] = bits_[0];
      level_[0] = hn::Set(bytes(), level);
      bits_[0] = hn::Set(bytes(), bits_of_level_[level]);
   }

   const uint8_t *bits_of_level_;
   byte_vector level_[2], bits_[2];
};

// The same where places differ, which they do near powers of two.
HWY_INLINE byte_vector bits_of_places(byte_vector wanted, const uint8_t *samples, const diagonal_places &places,
                                      size_t y, size_t x) {
   const bytes d;
   const auto levels = hn::LoadU(d, samples), kinds = hn::LoadU(d, places.kinds() + x);
   auto found = hn::Zero(d);
   auto left = hn::Ne(wanted, found);
   while (!hn::AllFalse(d, left)) {
      const auto lane = static_cast<size_t>(hn::FindFirstTrue(d, left));
      const auto here = hn::And(hn::Eq(levels, hn::Set(d, samples[lane])),
                                hn::Eq(kinds, hn::Set(d, places.kinds()[x + lane])));
      const uint8_t bits = places.bits_of_levels(y, x + lane)[samples[lane]];
      found = hn::Or(found, hn::IfThenElseZero(here, hn::Set(d, bits)));
      left = hn::AndNot(here, left);
   }
   return hn::And(found, wanted);
}

HWY_INLINE void store_patterns(byte_rows rows, const diagonal_places &places, size_t y, size_t x,
                               known_levels &known, uint8_t *patterns) {
   const bytes d;
   const vector_patterns found = patterns_at(rows, x);
   const auto levels = places.same_from(x, hn::Lanes(d))
                           ? known.bits(found.level, rows.middle + x, places.bits_of_levels(y, x))
                           : bits_of_places(found.level, rows.middle + x, places, y, x);
   hn::StoreU(hn::Or(found.bits, levels), d, patterns + x);
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
   const size_t step = hn::Lanes(bytes());
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
   const size_t lanes = hn::Lanes(bytes());
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
