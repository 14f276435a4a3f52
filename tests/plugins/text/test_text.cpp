// Text: edges of known sharpness, what counts as text, and what damage does to it.

#include "edge_acuity.hpp"
#include "fake_host.hpp"
#include "guarded.hpp"
#include "text_cells.hpp"

#include <doctest/doctest.h>
#include <functional>
#include <numbers>

namespace giflab::test {
namespace {

using namespace giflab::text;

using formula = std::function<int(int32_t x, int32_t y)>;

// Letters of four strokes, 9 x 12 pixels, in lines: paper 240, ink 20.
int page(int32_t x, int32_t y) {
   const int32_t column = x % 13, line = y % 26, glyph = (x / 13 * 3 + y / 26 * 5) % 4;
   if (column >= 9 || line >= 12)
      return 240;
   const bool ink = column < 2 || ((glyph & 1) && column >= 7) || ((glyph & 2) && line >= 5 && line < 7) ||
                    (glyph == 0 && (line < 2 || line >= 10));
   return ink ? 20 : 240;
}

picture grey(int32_t width, int32_t height, const formula &level) {
   picture made(width, height);
   for (int32_t y = 0; y < height; ++y)
      for (int32_t x = 0; x < width; ++x)
         for (int32_t c = 0; c < 3; ++c)
            made.rgb[made.at(x, y, c)] = static_cast<uint8_t>(level(x, y));
   return made;
}

// The mean of a square of pixels, without those beyond the edge.
formula blurred(const formula &sharp, int32_t radius) {
   return [=](int32_t x, int32_t y) {
      int sum = 0, count = 0;
      for (int32_t v = std::max(0, y - radius); v <= y + radius; ++v)
         for (int32_t u = std::max(0, x - radius); u <= x + radius; ++u, ++count)
            sum += sharp(u, v);
      return sum / count;
   };
}

formula faded(const formula &sharp, int tenths) {
   return [=](int32_t x, int32_t y) { return 128 + (sharp(x, y) - 128) * tenths / 10; };
}

values compared(const formula &original, const formula &made, int32_t width = 200, int32_t height = 120) {
   static const giflab_plugin &plugin = plugin_of("text", "org.giflab.text");
   const fake_image a(grey(width, height, original), 0, 0xAA), b(grey(width, height, made), 2, 0x11);
   return measure(plugin, 1, {{&a.image, &b.image}})[0];
}

// Where a run of `steps` equal steps has half of its contrast left: sin(pi f n) / (n sin(pi f)) = 1/2.
double mtf50_of_ramp(int steps) {
   double low = 1e-6, high = 0.5;
   while (high - low > 1e-9) {
      const double middle = (low + high) / 2;
      const double left =
          std::sin(std::numbers::pi * middle * steps) / (steps * std::sin(std::numbers::pi * middle));
      (left > 0.5 ? low : high) = middle;
   }
   return low;
}

TEST_CASE("the MTF50 of ramps is that of the formula, along either axis and in either direction") {
   for (int steps = 2; steps <= 9; ++steps)
      for (const bool rising : {true, false})
         for (const axis along : {axis::horizontal, axis::vertical}) {
            CAPTURE(steps);
            const auto level = [&](int32_t at) { return 20 + 24 * std::clamp(at - 8, 0, steps); };
            const guarded_plane<uint8_t> luma(32, 32, 0, 0, [&](int32_t x, int32_t y) {
               const int value = level(along == axis::horizontal ? x : y);
               return static_cast<uint8_t>(rising ? value : 255 - value);
            });
            const edge found = edge_near(luma.read(), 8 + steps / 2, 8 + steps / 2, along, 32, rising);
            CHECK(found.contrast == (rising ? 24 : -24) * steps);
            CHECK(found.mtf50 == doctest::Approx(mtf50_of_ramp(steps)).epsilon(2e-3));
            CHECK(edge_near(luma.read(), 12, 12, along, 32, !rising).contrast == 0);
         }
}

TEST_CASE("a step between two pixels resolves all that pixels can") {
   const guarded_plane<uint8_t> luma(16, 16, 0, 0,
                                     [](int32_t x, int32_t) { return static_cast<uint8_t>(x < 8 ? 30 : 200); });
   CHECK(stands_at(luma.read(), 7, 5, axis::horizontal));
   CHECK_FALSE(stands_at(luma.read(), 6, 5, axis::horizontal));
   CHECK_FALSE(stands_at(luma.read(), 7, 5, axis::vertical));
   CHECK(edge_near(luma.read(), 7, 5, axis::horizontal, 16, true).mtf50 == 0.5);
   // Found from two pixels away, as an encoder may have moved it, and not from three.
   CHECK(edge_near(luma.read(), 9, 5, axis::horizontal, 16, true).contrast == 170);
   CHECK(edge_near(luma.read(), 10, 5, axis::horizontal, 16, true).contrast == 0);
}

TEST_CASE("letters are text; slopes, noise, stripes of little contrast and lone spots are none") {
   CHECK(compared(page, page).at("text_area") > 20);
   const auto slope = [](int32_t x, int32_t y) { return (x + y) * 255 / 320; };
   const auto grain = [](int32_t x, int32_t y) { return noise(3, y * 200 + x); };
   const auto faint = [](int32_t x, int32_t) { return x / 2 % 2 ? 120 : 150; };
   const auto spot = [](int32_t x, int32_t y) { return x >= 82 && x < 85 && y >= 42 && y < 46 ? 0 : 255; };
   for (const formula &other : {formula(slope), formula(grain), formula(faint), formula(spot)}) {
      const values found = compared(other, other);
      CHECK(found.at("text_area") < 0.5);
      if (found.at("text_area") == 0) {
         CHECK(std::isnan(found.at("text_acuity_ratio")));
         CHECK(std::isnan(found.at("text_edges_lost")));
      }
   }
}

TEST_CASE("blur lowers acuity, and the more the lower; fading loses edges; nothing lost is 1 and 0") {
   const values same = compared(page, page);
   CHECK(same.at("text_acuity_ratio") == 1);
   CHECK(same.at("text_edges_lost") == 0);
   const double soft = compared(page, blurred(page, 1)).at("text_acuity_ratio");
   CHECK(soft < 0.8);
   CHECK(compared(page, blurred(page, 2)).at("text_acuity_ratio") < soft);
   CHECK(compared(blurred(page, 1), page).at("text_acuity_ratio") > 1.1);
   CHECK(compared(page, faded(page, 6)).at("text_edges_lost") == 0);
   CHECK(compared(page, faded(page, 6)).at("text_acuity_ratio") == doctest::Approx(1).epsilon(1e-9));
   CHECK(compared(page, faded(page, 4)).at("text_edges_lost") == 100);
   CHECK(compared(page, [](int32_t, int32_t) { return 128; }).at("text_acuity_ratio") == 0);
}

TEST_CASE("pictures of any size down to a cell have an answer") {
   for (const auto &[width, height] : {size{8, 8}, {9, 8}, {8, 31}, {17, 23}, {31, 9}}) {
      const values found = compared(page, blurred(page, 1), width, height);
      CHECK(found.at("text_area") >= 0);
      CHECK(found.at("text_area") <= 100);
   }
}

} // namespace
} // namespace giflab::test
