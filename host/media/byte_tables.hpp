#pragma once
// Rows of palette indices through tables: in vectors where the processor has any, with the same bytes as
// without.

#include <array>
#include <cstddef>
#include <cstdint>

namespace giflab::media {

// `plain` is the judge.
enum class table_walk { plain, vectors };

// What each palette index becomes. Every index that is looked up must be under `met`, at most 256: the fewer,
// the faster.
struct byte_table {
   alignas(64) std::array<uint8_t, 256> bytes;
   std::size_t met = 256;
};

// The same of four bytes, and each of the four by itself. Entries at `met` and behind hold anything.
struct word_table {
   word_table(const uint32_t *entries, std::size_t entries_met);

   std::array<uint32_t, 256> words;
   alignas(64) std::array<std::array<uint8_t, 256>, 4> bytes; // as they lie in memory
   std::size_t met;
   bool last_is_255; // byte of all words
};

// to[x] = table[from[x]]
void look_up(const byte_table &table, const uint8_t *from, std::size_t count, uint8_t *to,
             table_walk walk = table_walk::vectors);
void look_up(const word_table &table, const uint8_t *from, std::size_t count, uint32_t *to,
             table_walk walk = table_walk::vectors);

// The first three bytes of each word.
void look_up_three(const word_table &table, const uint8_t *from, std::size_t count, uint8_t *to,
                   table_walk walk = table_walk::vectors);

// Leaves pixels alone where the index is `skipped`, which may be `met` or more.
void look_up_but(uint8_t skipped, const byte_table &table, const uint8_t *from, std::size_t count, uint8_t *to,
                 table_walk walk = table_walk::vectors);

} // namespace giflab::media
