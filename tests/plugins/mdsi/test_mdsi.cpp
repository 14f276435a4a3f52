// MDSI against values made with numpy from the authors' MATLAB program, line by line: means over blocks,
// Prewitt / 3 by convolution with zeros beyond edges, complex roots by numpy.sqrt of complex numbers, mean
// distance from the mean, fourth root.

#include "module_checks.hpp"

#include <giflab_kernels/block_sums.hpp>

namespace giflab::test {
namespace {

const giflab_plugin &mdsi() { return plugin_of("mdsi", "org.giflab.mdsi"); }
double mdsi_of(const picture_pair &pair, uint32_t level = 1) {
   return measured(mdsi(), level, pair).at("mdsi");
}

// In the order of hard_pairs. The board has places whose likeness is negative: their roots are complex.
struct known_values {
   size area;
   std::vector<double> expected;
};
const known_values known[] = {{{64, 64},
                               {0.30091074874577683, 0.10331968585592491, 0.10454590562782941,
                                0.25696014242670245, 0.6665435447855987, 0.5793410213296581}},
                              {{97, 67},
                               {0.3021450298114455, 0.10302720147764632, 0.10574366910601221,
                                0.24455227599985624, 0.6579311877522035, 0.5764768302261657}},
                              {{600, 400}, // blocks of 2x2
                               {0.20133896471810545, 0.0735305569517991, 0.0754379857258723,
                                0.18737360427576258, 0.2963577441408552, 0.5353383215735027}}};

TEST_CASE("MDSI of pictures from formulas") {
   for (const auto &[area, expected] : known) {
      const auto pairs = hard_pairs(area.width, area.height);
      for (size_t i = 0; i < pairs.size(); ++i) {
         CAPTURE(pairs[i].name);
         CHECK(mdsi_of(pairs[i]) == doctest::Approx(expected[i]).epsilon(1e-9));
      }
   }
}

TEST_CASE("MDSI is 0 where nothing differs, to the bit") {
   for (const size area : {size{3, 3}, size{64, 64}, size{131, 61}, size{385, 401}})
      for (const picture_pair &pair : hard_pairs(area.width, area.height))
         CHECK(mdsi_of({"", pair.distorted, pair.distorted}) == 0);
}

TEST_CASE("MDSI at both levels, and of odd shapes") {
   check_levels(mdsi(), {{3, 3}, {3, 50}, {50, 3}, {65, 29}, {385, 390}}, 0);
   check_only_pixels_count(mdsi(), 1, 61, 47);
   check_only_pixels_count(mdsi(), 1, 401, 397);
}

// In half of the picture: damage that is the same everywhere deviates little.
TEST_CASE("MDSI grows with noise and with a tint") {
   double last_noise = 0, last_tint = 0;
   for (const int amount : {4, 8, 16, 32, 64}) {
      const auto slope = [](int32_t x, int32_t y, int32_t c) { return (x + 2 * y) / 4 + 30 * c; };
      const picture_pair noisy = pair_of("noise", 120, 90, slope, [&](int32_t x, int32_t y, int32_t c) {
         return slope(x, y, c) + (x < 60 ? noise(3, y * 120 + x) % amount : 0);
      });
      const picture_pair tinted = pair_of("tint", 120, 90, slope, [&](int32_t x, int32_t y, int32_t c) {
         return slope(x, y, c) + (c == 0 && x < 60 ? amount : 0);
      });
      CHECK(mdsi_of(noisy) > last_noise);
      CHECK(mdsi_of(tinted) > last_tint);
      last_noise = mdsi_of(noisy);
      last_tint = mdsi_of(tinted);
   }
}

TEST_CASE("blocks stand where MATLAB's convolution puts them") {
   // 5 x 4 pixels of value 10 * row + column, red only. Blocks of 3 begin a pixel before the picture, blocks of
   // 2 at its first pixel.
   picture source(5, 4);
   for (int32_t y = 0; y < 4; ++y)
      for (int32_t x = 0; x < 5; ++x)
         source.rgb[source.at(x, y)] = static_cast<uint8_t>(10 * y + x);
   const kernels::plane<uint8_t> rgb = {source.rgb.data(), 15};
   const auto reds = [&](int32_t side, int32_t row) {
      std::vector<uint16_t> scratch(kernels::block_scratch(5));
      std::vector<uint32_t> sums(3 * static_cast<size_t>(kernels::blocks_along(5, side)), 99);
      kernels::sum_blocks(rgb, 5, 4, side, row, scratch, sums);
      std::vector<uint32_t> found;
      for (size_t i = 0; i < sums.size(); i += 3) {
         CHECK(sums[i + 1] == 0);
         found.push_back(sums[i]);
      }
      return found;
   };
   CHECK(reds(1, 2) == std::vector<uint32_t>{20, 21, 22, 23, 24});
   CHECK(reds(2, 0) == std::vector<uint32_t>{22, 30, 18});
   CHECK(reds(2, 1) == std::vector<uint32_t>{102, 110, 58});
   CHECK(reds(3, 0) == std::vector<uint32_t>{22, 48});
   CHECK(reds(3, 1) == std::vector<uint32_t>{102, 168});
   CHECK(kernels::block_side_for(1920, 1080) == 4);
   CHECK(kernels::block_side_for(383, 383) == 1);
   CHECK(kernels::block_side_for(384, 5000) == 2);
   CHECK(kernels::block_side_for(1, 70000) == 1);
}

} // namespace
} // namespace giflab::test
