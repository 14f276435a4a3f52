#include "media/byte_tables.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "media/byte_tables.cpp"
#include <hwy/foreach_target.h> // IWYU pragma: keep
#include <hwy/highway.h>

#include <cstring>

#ifndef GIFLAB_MEDIA_PLAIN_TABLES
#   define GIFLAB_MEDIA_PLAIN_TABLES
namespace giflab::media::plain {

inline void look_up(const byte_table &table, const uint8_t *from, std::size_t count, uint8_t *to) {
   for (std::size_t x = 0; x < count; ++x)
      to[x] = table.bytes[from[x]];
}

inline void look_up_words(const word_table &table, const uint8_t *from, std::size_t count, uint32_t *to) {
   for (std::size_t x = 0; x < count; ++x)
      to[x] = table.words[from[x]];
}

inline void look_up_three(const word_table &table, const uint8_t *from, std::size_t count, uint8_t *to) {
   if (count == 0)
      return;
   // Four bytes at a time, of which the next pixel overwrites the last; not so behind the last pixel.
   for (std::size_t x = 0; x + 1 < count; ++x)
      std::memcpy(to + 3 * x, &table.words[from[x]], 4);
   std::memcpy(to + 3 * (count - 1), &table.words[from[count - 1]], 3);
}

inline void look_up_but(uint8_t skipped, const byte_table &table, const uint8_t *from, std::size_t count,
                        uint8_t *to) {
   for (std::size_t x = 0; x < count; ++x)
      to[x] = from[x] == skipped ? to[x] : table.bytes[from[x]];
}

} // namespace giflab::media::plain
#endif

HWY_BEFORE_NAMESPACE();
namespace giflab::media::HWY_NAMESPACE {
#if HWY_TARGET == HWY_SCALAR || HWY_TARGET == HWY_EMU128 ||                                                    \
    HWY_HAVE_SCALABLE // nothing to gain, or no arrays of vectors

void look_up(const byte_table &table, const uint8_t *from, std::size_t count, uint8_t *to) {
   plain::look_up(table, from, count, to);
}
void look_up_words(const word_table &table, const uint8_t *from, std::size_t count, uint32_t *to) {
   plain::look_up_words(table, from, count, to);
}
void look_up_three(const word_table &table, const uint8_t *from, std::size_t count, uint8_t *to) {
   plain::look_up_three(table, from, count, to);
}
void look_up_but(uint8_t skipped, const byte_table &table, const uint8_t *from, std::size_t count,
                 uint8_t *to) {
   plain::look_up_but(skipped, table, from, count, to);
}

#else
namespace hn = hwy::HWY_NAMESPACE;

using byte_lanes = hn::ScalableTag<uint8_t>;
using vector = hn::Vec<byte_lanes>;

// A table in sixteens, as processors look bytes up.
template <std::size_t sixteens> struct split_table {
   explicit split_table(const std::array<uint8_t, 256> &table) {
      for (std::size_t i = 0; i < sixteens; ++i)
         parts[i] = hn::LoadDup128(byte_lanes(), table.data() + 16 * i);
   }

   vector parts[sixteens];
};

// Indices, and each of their upper bits where a choice is made by it: at the top of its byte.
struct split_indices {
   explicit split_indices(vector indices)
       : low(hn::And(indices, hn::Set(byte_lanes(), 15))), by16(raised<3>(indices)), by32(raised<2>(indices)),
         by64(raised<1>(indices)), by128(raised<0>(indices)) {}

   using choice = hn::Vec<hn::RebindToSigned<byte_lanes>>;

   vector low;
   choice by16, by32, by64, by128;

 private:
   template <int places> static choice raised(vector indices) {
      const hn::RepartitionToWide<byte_lanes> wide; // what comes from the byte below stays below
      return hn::BitCast(hn::RebindToSigned<byte_lanes>(), hn::ShiftLeft<places>(hn::BitCast(wide, indices)));
   }
};

vector chosen(split_indices::choice by, vector upper, vector lower) {
   const hn::RebindToSigned<byte_lanes> d;
   return hn::BitCast(byte_lanes(), hn::IfNegativeThenElse(by, hn::BitCast(d, upper), hn::BitCast(d, lower)));
}

template <std::size_t sixteens> HWY_INLINE vector looked_up(const vector *parts, const split_indices &at) {
   constexpr std::size_t half = sixteens / 2;
   if constexpr (sixteens == 1) {
      return hn::TableLookupBytes(parts[0], at.low);
   } else {
      const auto lower = looked_up<half>(parts, at), upper = looked_up<half>(parts + half, at);
      if constexpr (sixteens == 2)
         return chosen(at.by16, upper, lower);
      else if constexpr (sixteens == 4)
         return chosen(at.by32, upper, lower);
      else if constexpr (sixteens == 8)
         return chosen(at.by64, upper, lower);
      else
         return chosen(at.by128, upper, lower);
   }
}

// Calls body(x) for vectors that cover a row, of which the last may lie over the one before it: what is done
// twice gives the same. False if not one fits.
template <class Body> HWY_INLINE bool cover(std::size_t count, Body &&body) {
   const std::size_t step = hn::Lanes(byte_lanes());
   if (count < step)
      return false;
   for (std::size_t x = 0; x + step < count; x += step)
      body(x);
   body(count - step);
   return true;
}

struct look_up_bytes {
   template <std::size_t sixteens>
   static bool walk(const byte_table &table, const uint8_t *from, std::size_t count, uint8_t *to) {
      const byte_lanes d;
      const split_table<sixteens> split(table.bytes);
      return cover(count, [&](std::size_t x) HWY_ATTR {
         hn::StoreU(looked_up<sixteens>(split.parts, split_indices(hn::LoadU(d, from + x))), d, to + x);
      });
   }
};

struct look_up_some_bytes {
   template <std::size_t sixteens>
   static bool walk(const byte_table &table, const uint8_t *from, std::size_t count, uint8_t *to,
                    uint8_t skipped) {
      const byte_lanes d;
      const split_table<sixteens> split(table.bytes);
      const auto all_skipped = hn::Set(d, skipped);
      return cover(count, [&](std::size_t x) HWY_ATTR {
         const auto indices = hn::LoadU(d, from + x);
         const auto stays = hn::Eq(indices, all_skipped);
         if (hn::AllTrue(d, stays)) // optimised frames are transparent nearly everywhere
            return;
         const auto made = looked_up<sixteens>(split.parts, split_indices(indices));
         hn::StoreU(hn::IfThenElse(stays, hn::LoadU(d, to + x), made), d, to + x);
      });
   }
};

struct look_up_pixels {
   template <std::size_t sixteens>
   static bool walk(const word_table &table, const uint8_t *from, std::size_t count, uint8_t *to) {
      const byte_lanes d;
      const split_table<sixteens> first(table.bytes[0]), second(table.bytes[1]), third(table.bytes[2]);
      const split_table<sixteens> fourth(table.bytes[3]);
      const auto all_255 = hn::Set(d, 255);
      return cover(count, [&](std::size_t x) HWY_ATTR {
         const split_indices at(hn::LoadU(d, from + x));
         hn::StoreInterleaved4(looked_up<sixteens>(first.parts, at), looked_up<sixteens>(second.parts, at),
                               looked_up<sixteens>(third.parts, at),
                               table.last_is_255 ? all_255 : looked_up<sixteens>(fourth.parts, at), d,
                               to + 4 * x);
      });
   }
};

struct look_up_three_bytes {
   template <std::size_t sixteens>
   static bool walk(const word_table &table, const uint8_t *from, std::size_t count, uint8_t *to) {
      const byte_lanes d;
      const split_table<sixteens> first(table.bytes[0]), second(table.bytes[1]), third(table.bytes[2]);
      return cover(count, [&](std::size_t x) HWY_ATTR {
         const split_indices at(hn::LoadU(d, from + x));
         hn::StoreInterleaved3(looked_up<sixteens>(first.parts, at), looked_up<sixteens>(second.parts, at),
                               looked_up<sixteens>(third.parts, at), d, to + 3 * x);
      });
   }
};

// Walks with as many sixteens as hold what is met; false if they would be too many, or the row is too short.
template <class Walk, std::size_t most, class Table, class... Given>
bool walked(const Table &table, Given... given) {
   if (table.met <= 16)
      return Walk::template walk<1>(table, given...);
   if (table.met <= 32)
      return Walk::template walk<2>(table, given...);
   if (table.met <= 64)
      return Walk::template walk<4>(table, given...);
   if (table.met <= 128)
      return Walk::template walk<8>(table, given...);
   if constexpr (most > 8)
      return Walk::template walk<16>(table, given...);
   return false;
}

// Pixels of several bytes pay up to here.
constexpr std::size_t most_of_pixels = 8;

void look_up(const byte_table &table, const uint8_t *from, std::size_t count, uint8_t *to) {
   if (!walked<look_up_bytes, 16>(table, from, count, to))
      plain::look_up(table, from, count, to);
}

void look_up_but(uint8_t skipped, const byte_table &table, const uint8_t *from, std::size_t count,
                 uint8_t *to) {
   if (!walked<look_up_some_bytes, 16>(table, from, count, to, skipped))
      plain::look_up_but(skipped, table, from, count, to);
}

void look_up_words(const word_table &table, const uint8_t *from, std::size_t count, uint32_t *to) {
   if (!walked<look_up_pixels, most_of_pixels>(table, from, count, reinterpret_cast<uint8_t *>(to)))
      plain::look_up_words(table, from, count, to);
}

void look_up_three(const word_table &table, const uint8_t *from, std::size_t count, uint8_t *to) {
   if (!walked<look_up_three_bytes, most_of_pixels>(table, from, count, to))
      plain::look_up_three(table, from, count, to);
}

#endif
} // namespace giflab::media::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace giflab::media {

HWY_EXPORT(look_up);
HWY_EXPORT(look_up_but);
HWY_EXPORT(look_up_words);
HWY_EXPORT(look_up_three);

word_table::word_table(const uint32_t *entries, std::size_t entries_met) : met(entries_met) {
   uint32_t all = ~uint32_t{0};
   for (std::size_t i = 0; i < words.size(); ++i) {
      words[i] = i < met ? entries[i] : 0;
      all &= i < met ? entries[i] : all;
      std::array<uint8_t, 4> lying;
      std::memcpy(lying.data(), &words[i], lying.size());
      for (std::size_t byte = 0; byte < lying.size(); ++byte)
         bytes[byte][i] = lying[byte];
   }
   std::array<uint8_t, 4> common;
   std::memcpy(common.data(), &all, common.size());
   last_is_255 = common[3] == 255;
}

void look_up(const byte_table &table, const uint8_t *from, std::size_t count, uint8_t *to, table_walk walk) {
   if (walk == table_walk::plain)
      plain::look_up(table, from, count, to);
   else
      HWY_DYNAMIC_DISPATCH(look_up)(table, from, count, to);
}

void look_up_but(uint8_t skipped, const byte_table &table, const uint8_t *from, std::size_t count, uint8_t *to,
                 table_walk walk) {
   if (walk == table_walk::plain)
      plain::look_up_but(skipped, table, from, count, to);
   else
      HWY_DYNAMIC_DISPATCH(look_up_but)(skipped, table, from, count, to);
}

void look_up(const word_table &table, const uint8_t *from, std::size_t count, uint32_t *to, table_walk walk) {
   if (walk == table_walk::plain)
      plain::look_up_words(table, from, count, to);
   else
      HWY_DYNAMIC_DISPATCH(look_up_words)(table, from, count, to);
}

void look_up_three(const word_table &table, const uint8_t *from, std::size_t count, uint8_t *to,
                   table_walk walk) {
   if (walk == table_walk::plain)
      plain::look_up_three(table, from, count, to);
   else
      HWY_DYNAMIC_DISPATCH(look_up_three)(table, from, count, to);
}

} // namespace giflab::media
#endif
