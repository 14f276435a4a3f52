// Look-ups in vectors against plain ones, for every instruction set, on odd sizes between guard bytes.

#include "media/byte_tables.hpp"

#include "../../plugins/every_target.hpp"

#include <doctest/doctest.h>

#include <random>
#include <vector>

namespace giflab::tests {

namespace {

using media::table_walk;

constexpr std::size_t guard = 64;
constexpr uint8_t guard_byte = 0x5A;

struct tables {
   explicit tables(std::size_t met, uint32_t in_all = 0) : words(drawn(in_all).data(), met) {
      std::mt19937 random(3);
      bytes.met = met;
      for (uint8_t &each : bytes.bytes)
         each = static_cast<uint8_t>(random());
   }

   media::byte_table bytes;
   media::word_table words;

 private:
   static std::array<uint32_t, 256> drawn(uint32_t in_all) {
      std::mt19937 random(5);
      std::array<uint32_t, 256> made;
      for (uint32_t &each : made)
         each = static_cast<uint32_t>(random()) | in_all;
      return made;
   }
};

// What a look-up leaves in memory that holds something before, guards included.
template <class LookUp> std::vector<uint8_t> left_by(std::size_t bytes, LookUp &&look_up) {
   std::vector<uint8_t> memory(guard + bytes + guard, guard_byte);
   for (std::size_t i = 0; i < bytes; ++i)
      memory[guard + i] = static_cast<uint8_t>(i * 7);
   look_up(memory.data() + guard);
   return memory;
}

void check(const tables &given, const std::vector<uint8_t> &from, uint8_t skipped) {
   const std::size_t count = from.size();
   const auto both = [&](std::size_t bytes, auto &&look_up) {
      CHECK(left_by(bytes, [&](uint8_t *to) { look_up(to, table_walk::vectors); }) ==
            left_by(bytes, [&](uint8_t *to) { look_up(to, table_walk::plain); }));
   };
   both(count,
        [&](uint8_t *to, table_walk walk) { media::look_up(given.bytes, from.data(), count, to, walk); });
   both(count, [&](uint8_t *to, table_walk walk) {
      media::look_up_but(skipped, given.bytes, from.data(), count, to, walk);
   });
   both(4 * count, [&](uint8_t *to, table_walk walk) {
      media::look_up(given.words, from.data(), count, reinterpret_cast<uint32_t *>(to), walk);
   });
   both(3 * count,
        [&](uint8_t *to, table_walk walk) { media::look_up_three(given.words, from.data(), count, to, walk); });
}

} // namespace

TEST_CASE("byte tables: vectors look up what plain code does") {
   test::for_every_target([] {
      std::mt19937 random(1);
      for (const std::size_t met : {1, 2, 15, 16, 17, 32, 33, 64, 65, 100, 128, 129, 255, 256})
         for (const uint32_t in_all : {0x00000000u, 0xFF000000u, 0x000000FFu}) {
            const tables given(met, in_all);
            for (const std::size_t count : {0, 1, 7, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 131}) {
               std::vector<uint8_t> from(count);
               for (uint8_t &index : from)
                  index = static_cast<uint8_t>(random() % met);
               CAPTURE(met);
               CAPTURE(count);
               check(given, from, 0);
            }
         }
   });
}

TEST_CASE("byte tables: skipped indices stay as they are, whatever the table holds") {
   test::for_every_target([] {
      std::mt19937 random(2);
      const tables given(20);
      for (const std::size_t count : {5, 32, 77, 200})
         for (const uint32_t rate : {1, 2, 40}) { // all, half, few are skipped
            std::vector<uint8_t> from(count);
            for (uint8_t &index : from)
               index = random() % rate == 0 ? 250 : static_cast<uint8_t>(random() % 20);
            CHECK(left_by(count, [&](uint8_t *to) {
                     media::look_up_but(250, given.bytes, from.data(), count, to);
                  }) == left_by(count, [&](uint8_t *to) {
                     for (std::size_t x = 0; x < count; ++x)
                        to[x] = from[x] == 250 ? to[x] : given.bytes.bytes[from[x]];
                  }));
         }
   });
}

} // namespace giflab::tests
