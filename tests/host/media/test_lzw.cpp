// The decoder of many codes at once against the one of single codes, which is what blocks of one byte leave.

#include "media/lzw.hpp"

#include "gif_writer.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

using giflab::media::lzw_decoder;
using giflab::tests::bytes;

namespace {

constexpr std::size_t guard = 64;
constexpr uint8_t guard_byte = 0xA7;

struct outcome {
   lzw_decoder::state state = lzw_decoder::state::hungry;
   bytes pixels;
   std::array<bool, 256> used{};

   bool operator==(const outcome &) const = default;
};

outcome decoded(const bytes &codes, int code_size, std::size_t count, std::size_t block_size) {
   bytes room(count + lzw_decoder::slack + guard, guard_byte);
   lzw_decoder decoder(code_size, std::span(room).first(count + lzw_decoder::slack));
   outcome found;
   for (std::size_t at = 0; at < codes.size(); at += block_size) {
      if (found.state != lzw_decoder::state::hungry && found.state != lzw_decoder::state::full)
         break;
      found.state = decoder.feed(std::span(codes).subspan(at, std::min(block_size, codes.size() - at)));
   }
   CHECK(std::all_of(room.end() - guard, room.end(), [](uint8_t byte) { return byte == guard_byte; }));
   found.pixels.assign(room.begin(), room.begin() + static_cast<std::ptrdiff_t>(decoder.pixels_written()));
   found.used = decoder.used();
   return found;
}

void check_blocks(const bytes &codes, int code_size, std::size_t count) {
   const outcome plain = decoded(codes, code_size, count, 1);
   for (const std::size_t block_size : {7, 8, 9, 24, 254, 255})
      CHECK(decoded(codes, code_size, count, block_size) == plain);
}

// Runs of random length: strings from one pixel to hundreds.
bytes drawn(std::mt19937 &random, std::size_t count, int colours) {
   bytes pixels;
   while (pixels.size() < count)
      pixels.insert(pixels.end(), 1 + random() % 8 * (random() % 40), static_cast<uint8_t>(random() % colours));
   pixels.resize(count);
   return pixels;
}

} // namespace

TEST_CASE("LZW: many codes at once give what single codes give") {
   std::mt19937 random(7);
   for (int code_size = 1; code_size <= 8; ++code_size)
      for (const std::size_t count : {1, 2, 31, 33, 500, 4099, 60000}) {
         const bytes pixels = drawn(random, count, 1 << code_size);
         const bytes codes = giflab::tests::lzw_packed(pixels, code_size);
         CAPTURE(code_size);
         CAPTURE(count);
         CHECK(decoded(codes, code_size, count, 255).pixels == pixels);
         // Whole, too short, too long, and with bytes behind the end.
         check_blocks(codes, code_size, count);
         check_blocks(codes, code_size, count + 1 + random() % 40);
         check_blocks(codes, code_size, count - random() % count);
         bytes longer = codes;
         longer.insert(longer.end(), 20, 0);
         check_blocks(longer, code_size, count);
      }
}

TEST_CASE("LZW: damage is found at the same code") {
   std::mt19937 random(11);
   for (int code_size = 1; code_size <= 8; ++code_size)
      for (int round = 0; round < 40; ++round) {
         CAPTURE(code_size);
         CAPTURE(round);
         bytes codes = giflab::tests::lzw_packed(drawn(random, 3000, 1 << code_size), code_size);
         for (std::size_t hit = 0; hit <= random() % 3; ++hit)
            codes[random() % codes.size()] = static_cast<uint8_t>(random());
         check_blocks(codes, code_size, 3000);
         for (uint8_t &byte : codes)
            byte = static_cast<uint8_t>(random());
         check_blocks(codes, code_size, 3000);
      }
}
