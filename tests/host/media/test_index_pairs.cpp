#include "media/index_pairs.hpp"

#include "media/difference.hpp"

#include <doctest/doctest.h>

#include <map>
#include <random>

namespace giflab::media {
namespace {

services::block_pool &pool() {
   static services::block_pool made(0);
   return made;
}

// Of so many colours, grown from a palette that all share; `fill` gives the index of a pixel.
template <class Fill>
picture_pointer indexed_picture(int32_t width, int32_t height, int32_t colours, Fill &&fill) {
   auto made = std::make_shared<picture>();
   made->width = width, made->height = height;
   indexed_pixels pixels{make_plane(pool(), static_cast<std::size_t>(width), height),
                         make_plane(pool(), 256 * 4, 1), colours};
   for (uint32_t i = 0; i < 256; ++i)
      pixels.palette.row<uint32_t>(0)[i] = 0xFF000000u | i;
   for (int32_t y = 0; y < height; ++y)
      for (int32_t x = 0; x < width; ++x)
         pixels.indices.row<uint8_t>(y)[x] = static_cast<uint8_t>(fill(x, y));
   made->give(std::move(pixels), pool());
   return made;
}

index_pairs counted_plainly(const two_pictures &of) {
   std::map<std::pair<uint8_t, uint8_t>, uint32_t> pixels;
   for (int32_t y = 0; y < of.reference->height; ++y)
      for (int32_t x = 0; x < of.reference->width; ++x)
         ++pixels[{of.reference->indexed()->indices.row<uint8_t>(y)[x],
                   of.distorted->indexed()->indices.row<uint8_t>(y)[x]}];
   index_pairs found;
   for (const auto &[indices, count] : pixels)
      found.push_back({indices.first, indices.second, 0, count});
   return found;
}

bool same(const index_pairs &a, const index_pairs &b) {
   return std::ranges::equal(a, b, [](const giflab_index_pair &p, const giflab_index_pair &q) {
      return p.reference == q.reference && p.distorted == q.distorted && p.reserved == q.reserved &&
             p.pixels == q.pixels;
   });
}

// Runs, noise in between, and widths that are no multiple of anything.
two_pictures noisy_pair(int32_t width, int32_t height, int32_t colours, uint32_t seed) {
   std::mt19937 random(seed);
   const auto fill = [&](int32_t x, int32_t) {
      return x % 31 < 17 ? 3 : static_cast<int32_t>(random() % static_cast<uint32_t>(colours));
   };
   return {indexed_picture(width, height, colours, fill), indexed_picture(width, height, colours, fill)};
}

TEST_CASE("index pairs are those of the pixels, in order") {
   for (const auto &[width, height, colours] :
        {std::array{1, 1, 4}, std::array{7, 5, 4}, std::array{65, 33, 17}, std::array{300, 41, 256},
         std::array{1024, 3, 9}, std::array{1025, 2, 9}, std::array{2100, 3, 200}}) {
      const two_pictures pair = noisy_pair(width, height, colours, 1);
      CHECK(same(count_index_pairs(pair, pool()), counted_plainly(pair)));
   }
}

TEST_CASE("going on from the pair before counts the same") {
   const int32_t width = 133, height = 77;
   const two_pictures before = noisy_pair(width, height, 20, 1);
   const index_pairs earlier = count_index_pairs(before, pool());
   // A spot of each side changes, the second one into colours that were not there.
   const auto changed = [&](const picture &of, int32_t left, int32_t top, int32_t colour) {
      return indexed_picture(width, height, 40, [&, left, top, colour](int32_t x, int32_t y) {
         const bool inside = x >= left && x < left + 9 && y >= top && y < top + 20;
         return inside ? colour + (x + y) % 3 : int32_t{of.indexed()->indices.row<uint8_t>(y)[x]};
      });
   };
   const two_pictures now = {changed(*before.reference, 40, 20, 2), changed(*before.distorted, 124, 0, 37)};
   std::vector<uint8_t> squares = changes_between(*before.reference, *now.reference).squares;
   const changes other = changes_between(*before.distorted, *now.distorted);
   for (std::size_t i = 0; i < squares.size(); ++i)
      squares[i] |= other.squares[i];
   CHECK(same(count_index_pairs(now, {before, earlier, squares}, pool()), counted_plainly(now)));
   // What is said not to have changed is not looked at: that it was gone on from.
   const std::vector<uint8_t> none(squares.size());
   CHECK(same(count_index_pairs(now, {before, earlier, none}, pool()), earlier));
}

TEST_CASE("another palette, or a change of nearly all, is counted anew") {
   const two_pictures before = noisy_pair(64, 64, 20, 1), now = noisy_pair(64, 64, 20, 2);
   const index_pairs earlier = count_index_pairs(before, pool());
   CHECK(same(count_index_pairs(now, {before, earlier, std::vector<uint8_t>(16, 1)}, pool()),
              counted_plainly(now)));
   now.distorted->indexed()->palette.row<uint32_t>(0)[5] = 0xFF123456u;
   CHECK(same(count_index_pairs(now, {before, earlier, std::vector<uint8_t>(16, 0)}, pool()),
              counted_plainly(now)));
}

TEST_CASE("index pairs are counted where both have indices and the table is not many times the picture") {
   const two_pictures small = noisy_pair(16, 16, 256, 1), large = noisy_pair(64, 64, 256, 1);
   CHECK_FALSE(index_pairs_pay(small));
   CHECK(index_pairs_pay(large));
   auto without = std::make_shared<picture>();
   without->width = without->height = 64;
   CHECK_FALSE(index_pairs_pay({large.reference, without}));
   CHECK_FALSE(index_pairs_pay({without, large.distorted}));
}

} // namespace
} // namespace giflab::media
