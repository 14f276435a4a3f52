#pragma once
// Whole files read for a test: every picture, or the error.

#include "contains.hpp"
#include "media/gif_reader.hpp"
#include "scratch_folder.hpp"

#include <array>
#include <cstring>
#include <string>
#include <vector>

namespace giflab::tests {

struct read_file {
   media::file_facts facts;
   std::vector<media::picture_pointer> pictures;
   std::string refusal; // empty if there was none
};

inline read_file read_all(const result<std::unique_ptr<media::reader>> &opened) {
   read_file all;
   if (!opened) {
      all.refusal = opened.error().text;
      return all;
   }
   for (;;) {
      auto next = (*opened)->next();
      if (!next)
         all.refusal = next.error().text;
      if (!next || !*next)
         break;
      all.pictures.push_back(*next);
   }
   all.facts = (*opened)->facts();
   return all;
}

inline services::block_pool &test_pool() {
   static services::block_pool pool(std::size_t{64} << 20);
   return pool;
}

inline read_file read_gif(const std::vector<uint8_t> &file, const media::reading_options &options = {}) {
   return read_all(media::open_gif("test.gif", media::byte_source(file), options, test_pool()));
}

// 0xRRGGBBAA
inline uint32_t pixel(const media::picture &of, int x, int y) {
   const uint8_t *at = of.rgba().row<uint8_t>(y) + 4 * x;
   return uint32_t{at[0]} << 24 | uint32_t{at[1]} << 16 | uint32_t{at[2]} << 8 | at[3];
}

// Row by row.
inline std::vector<uint32_t> pixels(const media::picture &of) {
   std::vector<uint32_t> all;
   for (int y = 0; y < of.height; ++y)
      for (int x = 0; x < of.width; ++x)
         all.push_back(pixel(of, x, y));
   return all;
}

// The same through the palette.
inline std::vector<uint32_t> indexed_pixels(const media::picture &of) {
   std::vector<uint32_t> all;
   for (int y = 0; y < of.height; ++y)
      for (int x = 0; x < of.width; ++x) {
         const uint8_t *at =
             of.indexed()->palette.row<uint8_t>(0) + 4 * of.indexed()->indices.row<uint8_t>(y)[x];
         all.push_back(uint32_t{at[0]} << 24 | uint32_t{at[1]} << 16 | uint32_t{at[2]} << 8 | at[3]);
      }
   return all;
}

} // namespace giflab::tests
