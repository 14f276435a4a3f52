#include "bytes.hpp"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "bytes.cpp"
#include <hwy/foreach_target.h> // IWYU pragma: keep
#include <hwy/highway.h>

#include "vectors-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace giflab::classic::HWY_NAMESPACE {

#if HWY_TARGET != HWY_SCALAR
// All of a register, and what it holds as sums of eight bytes.
using bytes = hn::ScalableTag<uint8_t>;
using eights = hn::Repartition<uint64_t, bytes>;
using byte_vector = hn::Vec<bytes>;

HWY_INLINE uint64_t total(hn::Vec<eights> sums) { return hn::GetLane(hn::SumOfLanes(eights(), sums)); }

#endif

// The sum of what `Combine` makes of each pair of bytes.
template <class Combine> HWY_INLINE uint64_t sum_of_pairs(const uint8_t *a, const uint8_t *b, size_t count) {
   uint64_t sum = 0;
   size_t i = 0;
#if HWY_TARGET != HWY_SCALAR
   const bytes d;
   auto sums = hn::Zero(eights());
   for (; i + hn::Lanes(d) <= count; i += hn::Lanes(d))
      sums = hn::Add(sums, hn::SumsOf8(Combine::of(hn::LoadU(d, a + i), hn::LoadU(d, b + i))));
   sum = total(sums);
#endif
   for (; i < count; ++i)
      sum += static_cast<uint64_t>(Combine::of(int{a[i]}, int{b[i]}));
   return sum;
}

struct how_far {
#if HWY_TARGET != HWY_SCALAR
   static HWY_INLINE byte_vector of(byte_vector p, byte_vector q) { return distance(p, q); }
#endif
   static HWY_INLINE int of(int p, int q) { return std::abs(p - q); }
};
struct first {
#if HWY_TARGET != HWY_SCALAR
   static HWY_INLINE byte_vector of(byte_vector p, byte_vector) { return p; }
#endif
   static HWY_INLINE int of(int p, int) { return p; }
};
struct above_25 {
#if HWY_TARGET != HWY_SCALAR
   static HWY_INLINE byte_vector of(byte_vector p, byte_vector) {
      return hn::Min(hn::SaturatedSub(p, hn::Set(bytes(), 25)), hn::Set(bytes(), 1));
   }
#endif
   static HWY_INLINE int of(int p, int) { return p > 25; }
};

uint64_t absolute_differences(const uint8_t *a, const uint8_t *b, size_t count) {
   return sum_of_pairs<how_far>(a, b, count);
}
uint64_t sum_of_bytes(const uint8_t *values, size_t count) {
   return sum_of_pairs<first>(values, values, count);
}
size_t count_above_25(const uint8_t *gray, size_t count) { return sum_of_pairs<above_25>(gray, gray, count); }
uint64_t squared_differences(const uint8_t *a, const uint8_t *b, size_t count) {
   uint64_t sum = 0;
   size_t i = 0;
#if HWY_TARGET != HWY_SCALAR
   const whole16 d16;
   const whole32 d32;
   const size_t step = hn::Lanes(d16);
   while (i + step <= count) {
      auto sums = hn::Zero(d32);
      for (const size_t end = std::min(count, i + (size_t{1} << 15)); i + step <= end; i += step) {
         const vector16 difference = hn::Sub(load16(a + i), load16(b + i));
         sums = hn::Add(sums, sums_of_products(difference, difference)); // 2 * 65025 * 2^15 / 8 < 2^31
      }
      const hn::Repartition<uint64_t, whole32> d64;
      const auto bits = hn::BitCast(d64, sums);
      const auto pairs = hn::Add(hn::ShiftRight<32>(bits), hn::And(bits, hn::Set(d64, 0xFFFFFFFF)));
      sum += hn::GetLane(hn::SumOfLanes(d64, pairs));
   }
#endif
   for (; i < count; ++i)
      sum += static_cast<uint64_t>((a[i] - b[i]) * (a[i] - b[i]));
   return sum;
}

void gray8(const uint8_t *red, const uint8_t *green, const uint8_t *blue, uint8_t *gray, size_t count) {
   size_t i = 0;
#if HWY_TARGET != HWY_SCALAR
   const whole16 d16;
   const vector16 red_green = in_turn(9798, 19235), blue_one = in_turn(3735, 1 << 14), one = hn::Set(d16, 1);
   for (; i + hn::Lanes(d16) <= count; i += hn::Lanes(d16)) {
      const vector16 r = load16(red + i), g = load16(green + i), b = load16(blue + i);
      const auto low = hn::Add(sums_of_products(hn::InterleaveLower(d16, r, g), red_green),
                               sums_of_products(hn::InterleaveLower(d16, b, one), blue_one));
      const auto high = hn::Add(sums_of_products(hn::InterleaveUpper(d16, r, g), red_green),
                                sums_of_products(hn::InterleaveUpper(d16, b, one), blue_one));
      hn::StoreU(hn::DemoteTo(half8(), joined(hn::ShiftRight<15>(low), hn::ShiftRight<15>(high))), half8(),
                 gray + i);
   }
#endif
   for (; i < count; ++i)
      gray[i] = static_cast<uint8_t>((9798 * red[i] + 19235 * green[i] + 3735 * blue[i] + (1 << 14)) >> 15);
}

// In doubles the products and sums are exact, so that rounding them is what fusing them would give.
void truncated_gray(const uint8_t *HWY_RESTRICT red, const uint8_t *HWY_RESTRICT green,
                    const uint8_t *HWY_RESTRICT blue, uint8_t *HWY_RESTRICT gray, size_t count) {
   for (size_t i = 0; i < count; ++i) {
      const float last = static_cast<float>(blue[i]) * 0.114f;
      const auto two = static_cast<float>(green[i] * double{0.587f} + double{last});
      gray[i] =
          static_cast<uint8_t>(static_cast<int32_t>(static_cast<float>(red[i] * double{0.299f} + double{two})));
   }
}

size_t count_bright(const uint8_t *red, const uint8_t *green, const uint8_t *blue, size_t count) {
   uint64_t bright = 0;
   size_t i = 0;
#if HWY_TARGET != HWY_SCALAR
   const bytes d;
   const auto limit = hn::Set(d, 240), one = hn::Set(d, 1);
   auto sums = hn::Zero(eights());
   for (; i + hn::Lanes(d) <= count; i += hn::Lanes(d)) {
      const auto least =
          hn::Min(hn::LoadU(d, red + i), hn::Min(hn::LoadU(d, green + i), hn::LoadU(d, blue + i)));
      sums = hn::Add(sums, hn::SumsOf8(hn::Min(hn::SaturatedSub(least, limit), one)));
   }
   bright = total(sums);
#endif
   for (; i < count; ++i)
      bright += (red[i] > 240) & (green[i] > 240) & (blue[i] > 240);
   return bright;
}

size_t count_changed(const uint8_t *const a[3], const uint8_t *const b[3], size_t count) {
   uint32_t changed = 0;
   for (size_t i = 0; i < count; ++i) {
      const int32_t difference =
          std::abs(a[0][i] - b[0][i]) + std::abs(a[1][i] - b[1][i]) + std::abs(a[2][i] - b[2][i]);
      changed += static_cast<uint32_t>(difference > 90);
   }
   return changed;
}

// ---- Histogram

#if HWY_TARGET != HWY_SCALAR
// Of a few vectors: which of the 32 ranges occur.
HWY_INLINE uint32_t ranges_present(const uint8_t *values, size_t vectors) {
   const bytes d;
   alignas(16) static constexpr uint8_t powers[16] = {1, 2, 4, 8, 16, 32, 64, 128};
   const auto bit_of = hn::LoadDup128(d, powers);
   byte_vector found[4] = {hn::Zero(d), hn::Zero(d), hn::Zero(d), hn::Zero(d)};
   for (size_t i = 0; i < vectors; ++i) {
      const auto v = hn::LoadU(d, values + i * hn::Lanes(d));
      const auto bit = hn::TableLookupBytes(bit_of, hn::And(hn::ShiftRight<3>(v), hn::Set(d, 7)));
      const auto quarter = hn::And(v, hn::Set(d, 0xC0));
      for (uint8_t q = 0; q < 4; ++q)
         found[q] = hn::Or(found[q],
                           hn::IfThenElseZero(hn::Eq(quarter, hn::Set(d, static_cast<uint8_t>(q << 6))), bit));
   }
   uint32_t present = 0;
   for (uint32_t q = 0; q < 4; ++q) {
      uint8_t all[hn::MaxLanes(bytes())];
      hn::StoreU(found[q], d, all);
      for (const uint8_t one : all)
         present |= uint32_t{one} << (8 * q);
   }
   return present;
}

// Counts up to eight of the ranges in at most 255 vectors.
HWY_INLINE void count_ranges(const uint8_t *values, size_t vectors, const uint32_t *ranges, size_t range_count,
                             std::array<uint32_t, 32> &histogram) {
   const bytes d;
   constexpr size_t most = 8;
   byte_vector counts[most], wanted[most];
   for (size_t r = 0; r < most; ++r) {
      counts[r] = hn::Zero(d);
      wanted[r] = hn::Set(d, r < range_count ? static_cast<uint8_t>(ranges[r] << 3) : uint8_t{1}); // 1: never
   }
   for (size_t i = 0; i < vectors; ++i) {
      const auto range = hn::And(hn::LoadU(d, values + i * hn::Lanes(d)), hn::Set(d, 0xF8));
      for (size_t r = 0; r < most; ++r)
         counts[r] = hn::Sub(counts[r], hn::VecFromMask(d, hn::Eq(range, wanted[r])));
   }
   for (size_t r = 0; r < range_count; ++r)
      histogram[ranges[r]] += static_cast<uint32_t>(total(hn::SumsOf8(counts[r])));
}

#endif

std::array<uint32_t, 32> histogram_of_32(const uint8_t *values, size_t count) {
   std::array<uint32_t, 32> histogram{};
   size_t i = 0;
#if HWY_TARGET != HWY_SCALAR
   const size_t lanes = hn::Lanes(bytes());
   while (i + lanes <= count) {
      const size_t vectors = std::min<size_t>(255, (count - i) / lanes);
      uint32_t ranges[32];
      size_t found = 0;
      for (uint32_t left = ranges_present(values + i, vectors); left != 0; left &= left - 1)
         ranges[found++] = static_cast<uint32_t>(std::countr_zero(left));
      for (size_t first = 0; first < found; first += 8)
         count_ranges(values + i, vectors, ranges + first, std::min<size_t>(8, found - first), histogram);
      i += vectors * lanes;
   }
#endif
   for (; i < count; ++i)
      ++histogram[values[i] >> 3];
   return histogram;
}

// ---- Differences

void mark_differences(const uint8_t *const a[3], const uint8_t *const b[3], size_t count, uint64_t *marks) {
   size_t i = 0;
   std::memset(marks, 0, (count + 63) / 64 * 8);
#if HWY_TARGET != HWY_SCALAR
   const bytes d;
   for (; i + hn::Lanes(d) <= count; i += hn::Lanes(d)) {
      const auto difference = [&](size_t c)
                                  HWY_ATTR { return hn::Xor(hn::LoadU(d, a[c] + i), hn::LoadU(d, b[c] + i)); };
      const auto any = hn::Or(difference(0), hn::Or(difference(1), difference(2)));
      uint64_t bits = 0;
      hn::StoreMaskBits(d, hn::Ne(any, hn::Zero(d)), reinterpret_cast<uint8_t *>(&bits));
      marks[i / 64] |= bits << i % 64;
   }
#endif
   for (; i < count; ++i)
      if (a[0][i] != b[0][i] || a[1][i] != b[1][i] || a[2][i] != b[2][i])
         marks[i / 64] |= uint64_t{1} << i % 64;
}

HWY_INLINE uint32_t key_at(const uint8_t *const planes[3], size_t i) {
   return rgb_key(planes[0][i], planes[1][i], planes[2][i]);
}
HWY_INLINE uint32_t weight_at(const uint64_t *weights, size_t i) {
   return 2 + static_cast<uint32_t>(weights[i / 64] >> i % 64 & 1);
}

#if HWY_TARGET != HWY_SCALAR
// The changes in one register of pixels, of which `changed` has a bit for each that changes: those that change
// alike together, until there have been some kinds of them, and then one by one.
HWY_INLINE size_t list_few(const uint8_t *const a[3], const uint8_t *const b[3], uint64_t changed,
                           uint64_t weights, size_t i, colour_change *changes) {
   const bytes d;
   size_t found = 0;
   for (constexpr size_t most_kinds = 4; changed != 0 && found < most_kinds; ++found) {
      const size_t at = i + static_cast<size_t>(std::countr_zero(changed));
      auto different = hn::Zero(d);
      for (size_t c = 0; c < 3; ++c) {
         const auto from = hn::Xor(hn::LoadU(d, a[c] + i), hn::Set(d, a[c][at]));
         const auto to = hn::Xor(hn::LoadU(d, b[c] + i), hn::Set(d, b[c][at]));
         different = hn::Or(different, hn::Or(from, to));
      }
      uint64_t alike = 0;
      hn::StoreMaskBits(d, hn::Eq(different, hn::Zero(d)), reinterpret_cast<uint8_t *>(&alike));
      changes[found] = {key_at(a, at), key_at(b, at),
                        static_cast<uint32_t>(2 * std::popcount(alike) + std::popcount(alike & weights))};
      changed &= ~alike;
   }
   for (; changed != 0; changed &= changed - 1) {
      const auto bit = static_cast<size_t>(std::countr_zero(changed));
      changes[found++] = {key_at(a, i + bit), key_at(b, i + bit),
                          2 + static_cast<uint32_t>(weights >> bit & 1)};
   }
   return found;
}
#endif

size_t list_changes(const uint8_t *const a[3], const uint8_t *const b[3], const uint64_t *weights, size_t count,
                    colour_change *changes) {
   size_t i = 0, found = 0;
#if HWY_TARGET != HWY_SCALAR
   const bytes d;
   for (; i + hn::Lanes(d) <= count; i += hn::Lanes(d)) {
      const auto difference = [&](size_t c)
                                  HWY_ATTR { return hn::Xor(hn::LoadU(d, a[c] + i), hn::LoadU(d, b[c] + i)); };
      uint64_t changed = 0;
      hn::StoreMaskBits(d, hn::Ne(hn::Or(difference(0), hn::Or(difference(1), difference(2))), hn::Zero(d)),
                        reinterpret_cast<uint8_t *>(&changed));
      if (changed != 0)
         found += list_few(a, b, changed, weights[i / 64] >> i % 64, i, changes + found);
   }
#endif
   for (; i < count; ++i)
      if (a[0][i] != b[0][i] || a[1][i] != b[1][i] || a[2][i] != b[2][i])
         changes[found++] = {key_at(a, i), key_at(b, i), weight_at(weights, i)};
   return found;
}

void mark_ones(const uint8_t *values, size_t count, uint64_t *marks) {
   size_t i = 0;
   std::memset(marks, 0, (count + 63) / 64 * 8);
#if HWY_TARGET != HWY_SCALAR
   const bytes d;
   for (; i + hn::Lanes(d) <= count; i += hn::Lanes(d)) {
      uint64_t bits = 0;
      hn::StoreMaskBits(d, hn::Eq(hn::LoadU(d, values + i), hn::Set(d, 1)), reinterpret_cast<uint8_t *>(&bits));
      marks[i / 64] |= bits << i % 64;
   }
#endif
   for (; i < count; ++i)
      marks[i / 64] |= uint64_t{values[i] == 1} << i % 64;
}

// ---- Palettes

HWY_INLINE void show_index(uint8_t index, const palette_planes &palette, int32_t transparent,
                           const colour_rows &to, size_t i) {
   if (index == transparent)
      return;
   to.red[i] = palette.red[index];
   to.green[i] = palette.green[index];
   to.blue[i] = palette.blue[index];
}

#if HWY_TARGET == HWY_SCALAR

HWY_INLINE size_t show_vectors(const uint8_t *, const palette_planes &, int32_t, const colour_rows &, size_t) {
   return 0;
}

#else

// Bit k: is there an index from 16 k to 16 k + 15?
HWY_INLINE uint32_t sixteens_present(const uint8_t *indices, size_t vectors) {
   const bytes d;
   alignas(16) static constexpr uint8_t low[16] = {1, 2, 4, 8, 16, 32, 64, 128},
                                        high[16] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128};
   const auto low_bits = hn::LoadDup128(d, low), high_bits = hn::LoadDup128(d, high);
   auto found_low = hn::Zero(d), found_high = hn::Zero(d);
   for (size_t i = 0; i < vectors; ++i) {
      const auto sixteen = hn::ShiftRight<4>(hn::LoadU(d, indices + i * hn::Lanes(d)));
      found_low = hn::Or(found_low, hn::TableLookupBytes(low_bits, sixteen));
      found_high = hn::Or(found_high, hn::TableLookupBytes(high_bits, sixteen));
   }
   uint8_t lows[hn::MaxLanes(bytes())], highs[hn::MaxLanes(bytes())];
   hn::StoreU(found_low, d, lows);
   hn::StoreU(found_high, d, highs);
   uint32_t present = 0;
   for (size_t i = 0; i < hn::Lanes(d); ++i)
      present |= uint32_t{lows[i]} | uint32_t{highs[i]} << 8;
   return present;
}

HWY_INLINE size_t show_vectors(const uint8_t *indices, const palette_planes &palette, int32_t transparent,
                               const colour_rows &to, size_t count) {
   const bytes d;
   const size_t lanes = hn::Lanes(d), vectors = count / lanes;
   uint8_t sixteens[16];
   size_t found = 0;
   for (uint32_t left = sixteens_present(indices, vectors); left != 0; left &= left - 1)
      sixteens[found++] = static_cast<uint8_t>(std::countr_zero(left) << 4);
   for (size_t i = 0; i < vectors * lanes; i += lanes) {
      const auto index = hn::LoadU(d, indices + i);
      auto red = hn::Zero(d), green = hn::Zero(d), blue = hn::Zero(d);
      for (size_t s = 0; s < found; ++s) {
         // Beyond these sixteen the highest bit is set, for which the lookup gives 0.
         const auto place = hn::SaturatedAdd(hn::Sub(index, hn::Set(d, sixteens[s])), hn::Set(d, 0x70));
         const auto entry = [&](const uint8_t *plane) HWY_ATTR {
            return hn::TableLookupBytesOr0(hn::LoadDup128(d, plane + sixteens[s]), place);
         };
         red = hn::Or(red, entry(palette.red));
         green = hn::Or(green, entry(palette.green));
         blue = hn::Or(blue, entry(palette.blue));
      }
      const auto store = [&](byte_vector shown, uint8_t *plane) HWY_ATTR {
         if (transparent >= 0)
            shown = hn::IfThenElse(hn::Eq(index, hn::Set(d, static_cast<uint8_t>(transparent))),
                                   hn::LoadU(d, plane + i), shown);
         hn::StoreU(shown, d, plane + i);
      };
      store(red, to.red);
      store(green, to.green);
      store(blue, to.blue);
   }
   return vectors * lanes;
}

#endif

void show_indices(const uint8_t *indices, const palette_planes &palette, int32_t transparent,
                  const colour_rows &to, size_t count) {
   for (size_t i = show_vectors(indices, palette, transparent, to, count); i < count; ++i)
      show_index(indices[i], palette, transparent, to, i);
}

// ---- Short sums

void add_short_sums(const uint8_t *row, size_t count, uint64_t *plain, int32_t *squared) {
   size_t i = 0;
#if HWY_TARGET != HWY_SCALAR
   const whole16 d16;
   const whole32 d32;
   const half8 d8;
   const hn::Repartition<uint64_t, half8> d64;
   const size_t step = hn::Lanes(d16); // 8 or 16
   for (; i + step <= count; i += step) {
      const auto samples = load16(row + i);
      int32_t *to = squared + i / 2;
      hn::StoreU(hn::Add(hn::LoadU(d32, to), sums_of_products(samples, samples)), d32, to);
      hn::StoreU(hn::Add(hn::LoadU(d64, plain + i / 8), hn::SumsOf8(hn::LoadU(d8, row + i))), d64,
                 plain + i / 8);
   }
#endif
   for (; i + 8 <= count; i += 8)
      for (size_t k = 0; k < 8; ++k) {
         plain[i / 8] += row[i + k];
         squared[(i + k) / 2] += row[i + k] * row[i + k];
      }
}

void add_sums_of_eight(const uint8_t *row, size_t count, uint64_t *plain) {
   size_t i = 0;
#if HWY_TARGET != HWY_SCALAR
   const bytes d;
   const eights d64;
   for (; i + hn::Lanes(d) <= count; i += hn::Lanes(d)) {
      uint64_t *to = plain + i / 8;
      hn::StoreU(hn::Add(hn::LoadU(d64, to), hn::SumsOf8(hn::LoadU(d, row + i))), d64, to);
   }
#endif
   for (; i + 8 <= count; i += 8)
      for (size_t k = 0; k < 8; ++k)
         plain[i / 8] += row[i + k];
}

// ---- Over time

void spread_over_time(const uint8_t *const *rows, size_t n, size_t count, int32_t *spread) {
   size_t x = 0;
#if HWY_TARGET != HWY_SCALAR
   const whole16 d16;
   const whole32 d32;
   const half8 d8;
   const vector16 one = hn::Set(d16, 1);
   const auto times = hn::Set(d32, static_cast<int32_t>(n));
   for (; x + hn::Lanes(d16) <= count; x += hn::Lanes(d16)) {
      vector32 plain[2] = {hn::Zero(d32), hn::Zero(d32)}, squared[2] = {hn::Zero(d32), hn::Zero(d32)};
      for (size_t i = 0; i < n; i += 2) {
         const auto now = hn::LoadU(d8, rows[i] + x);
         const auto next = i + 1 < n ? hn::LoadU(d8, rows[i + 1] + x) : hn::Zero(d8);
         const vector16 both[2] = {hn::PromoteTo(d16, hn::InterleaveLower(d8, now, next)),
                                   hn::PromoteTo(d16, hn::InterleaveUpper(d8, now, next))};
         for (size_t half = 0; half < 2; ++half) {
            plain[half] = hn::Add(plain[half], sums_of_products(both[half], one));
            squared[half] = hn::Add(squared[half], sums_of_products(both[half], both[half]));
         }
      }
      for (size_t half = 0; half < 2; ++half)
         hn::StoreU(hn::Sub(hn::Mul(times, squared[half]), hn::Mul(plain[half], plain[half])), d32,
                    spread + x + half * hn::Lanes(d32));
   }
#endif
   for (; x < count; ++x) {
      int32_t plain = 0, squared = 0;
      for (size_t i = 0; i < n; ++i) {
         plain += rows[i][x];
         squared += rows[i][x] * rows[i][x];
      }
      spread[x] = static_cast<int32_t>(n) * squared - plain * plain;
   }
}

// ---- Floats of numpy

// Eight sums side by side, of at most 128 samples.
HWY_INLINE float few_squares(const uint8_t *samples, size_t count, float middle) {
   float lanes[8] = {}, sum = 0;
   size_t i = 0;
   if (count >= 8) {
#if HWY_TARGET == HWY_SCALAR
      for (; i + 8 <= count; i += 8)
         for (size_t lane = 0; lane < 8; ++lane) {
            const float difference = static_cast<float>(samples[i + lane]) - middle;
            lanes[lane] += difference * difference;
         }
#else
      const hn::Rebind<float, whole32> d;
      const hn::Rebind<uint8_t, whole32> d8;
      const size_t step = hn::Lanes(d); // 4 or 8
      for (; i + 8 <= count; i += 8)
         for (size_t part = 0; part < 8; part += step) {
            const auto sample = hn::ConvertTo(d, hn::PromoteTo(whole32(), hn::LoadU(d8, samples + i + part)));
            const auto difference = hn::Sub(sample, hn::Set(d, middle));
            hn::StoreU(hn::Add(hn::LoadU(d, lanes + part), hn::Mul(difference, difference)), d, lanes + part);
         }
#endif
      sum = ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
   }
   for (; i < count; ++i) {
      const float difference = static_cast<float>(samples[i]) - middle;
      sum += difference * difference;
   }
   return sum;
}

float numpy_sum_of_squares(const uint8_t *samples, size_t count, float middle) {
   if (count <= 128)
      return few_squares(samples, count, middle);
   const size_t half = count / 2 - count / 2 % 8;
   return numpy_sum_of_squares(samples, half, middle) +
          numpy_sum_of_squares(samples + half, count - half, middle);
}

} // namespace giflab::classic::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace giflab::classic {

HWY_EXPORT(squared_differences);
HWY_EXPORT(absolute_differences);
HWY_EXPORT(sum_of_bytes);
HWY_EXPORT(gray8);
HWY_EXPORT(truncated_gray);
HWY_EXPORT(count_bright);
HWY_EXPORT(count_above_25);
HWY_EXPORT(count_changed);
HWY_EXPORT(mark_ones);
HWY_EXPORT(list_changes);
HWY_EXPORT(histogram_of_32);
HWY_EXPORT(mark_differences);
HWY_EXPORT(show_indices);
HWY_EXPORT(add_short_sums);
HWY_EXPORT(add_sums_of_eight);
HWY_EXPORT(spread_over_time);
HWY_EXPORT(numpy_sum_of_squares);

uint64_t squared_differences(const uint8_t *a, const uint8_t *b, size_t count) {
   return HWY_DYNAMIC_DISPATCH(squared_differences)(a, b, count);
}
uint64_t absolute_differences(const uint8_t *a, const uint8_t *b, size_t count) {
   return HWY_DYNAMIC_DISPATCH(absolute_differences)(a, b, count);
}
uint64_t sum_of_bytes(const uint8_t *values, size_t count) {
   return HWY_DYNAMIC_DISPATCH(sum_of_bytes)(values, count);
}
void gray8(const uint8_t *red, const uint8_t *green, const uint8_t *blue, uint8_t *gray, size_t count) {
   HWY_DYNAMIC_DISPATCH(gray8)(red, green, blue, gray, count);
}
void truncated_gray(const uint8_t *red, const uint8_t *green, const uint8_t *blue, uint8_t *gray,
                    size_t count) {
   HWY_DYNAMIC_DISPATCH(truncated_gray)(red, green, blue, gray, count);
}
size_t count_bright(const uint8_t *red, const uint8_t *green, const uint8_t *blue, size_t count) {
   return HWY_DYNAMIC_DISPATCH(count_bright)(red, green, blue, count);
}
size_t count_above_25(const uint8_t *gray, size_t count) {
   return HWY_DYNAMIC_DISPATCH(count_above_25)(gray, count);
}
size_t count_changed(const uint8_t *const a[3], const uint8_t *const b[3], size_t count) {
   return HWY_DYNAMIC_DISPATCH(count_changed)(a, b, count);
}
size_t list_changes(const uint8_t *const a[3], const uint8_t *const b[3], const uint64_t *weights, size_t count,
                    colour_change *changes) {
   return HWY_DYNAMIC_DISPATCH(list_changes)(a, b, weights, count, changes);
}
void mark_ones(const uint8_t *values, size_t count, uint64_t *marks) {
   HWY_DYNAMIC_DISPATCH(mark_ones)(values, count, marks);
}
std::array<uint32_t, 32> histogram_of_32(const uint8_t *values, size_t count) {
   return HWY_DYNAMIC_DISPATCH(histogram_of_32)(values, count);
}
void mark_differences(const uint8_t *const a[3], const uint8_t *const b[3], size_t count, uint64_t *marks) {
   HWY_DYNAMIC_DISPATCH(mark_differences)(a, b, count, marks);
}
void show_indices(const uint8_t *indices, const palette_planes &palette, int32_t transparent,
                  const colour_rows &to, size_t count) {
   HWY_DYNAMIC_DISPATCH(show_indices)(indices, palette, transparent, to, count);
}
void add_short_sums(const uint8_t *row, size_t count, uint64_t *plain, int32_t *squared) {
   HWY_DYNAMIC_DISPATCH(add_short_sums)(row, count, plain, squared);
}
void add_sums_of_eight(const uint8_t *row, size_t count, uint64_t *plain) {
   HWY_DYNAMIC_DISPATCH(add_sums_of_eight)(row, count, plain);
}
void spread_over_time(const uint8_t *const *rows, size_t n, size_t count, int32_t *spread) {
   HWY_DYNAMIC_DISPATCH(spread_over_time)(rows, n, count, spread);
}
float numpy_sum_of_squares(const uint8_t *samples, size_t count, float middle) {
   return HWY_DYNAMIC_DISPATCH(numpy_sum_of_squares)(samples, count, middle);
}

} // namespace giflab::classic
#endif
