// Palettes and dithers.

#include "filtering.hpp"

#include <cmath>
#include <fmt/format.h>
#include <giflab_kernels/quantisation.hpp>
#include <set>

namespace giflab::test {
namespace {

using kernels::rgb;
using pixel = std::array<uint8_t, 4>;

const giflab_plugin &palette() { return plugin_of("palette", "org.giflab.palette"); }

constexpr double none = 0, floyd_steinberg = 1, ordered = 2;

media::picture_pointer slope(int32_t width, int32_t height, int shift = 0) {
   return painted(width, height, 0, 100'000, [=](int32_t x, int32_t y) -> pixel {
      return {static_cast<uint8_t>(255 * x / std::max(1, width - 1)),
              static_cast<uint8_t>(255 * y / std::max(1, height - 1)),
              static_cast<uint8_t>((x + y + shift) & 255), 255};
   });
}

std::set<uint32_t> colours_of(const media::picture &of) {
   std::set<uint32_t> found;
   for (int32_t y = 0; y < of.height; ++y)
      for (int32_t x = 0; x < of.width; ++x) {
         uint32_t colour = 0;
         std::memcpy(&colour, of.rgba().row<uint8_t>(y) + 4 * x, 4);
         found.insert(colour);
      }
   return found;
}

double mean_squared_error(const media::picture &a, const media::picture &b) {
   double sum = 0;
   for (int32_t y = 0; y < a.height; ++y)
      for (int32_t x = 0; x < 4 * a.width; ++x) {
         const double d = a.rgba().row<uint8_t>(y)[x] - b.rgba().row<uint8_t>(y)[x];
         sum += d * d;
      }
   return sum / (3.0 * a.width * a.height);
}

// Of means over 8x8 pixels: what an eye at a distance sees of a dither.
double error_from_afar(const media::picture &a, const media::picture &b) {
   double sum = 0;
   int count = 0;
   for (int32_t top = 0; top + 8 <= a.height; top += 8)
      for (int32_t left = 0; left + 8 <= a.width; left += 8)
         for (int32_t c = 0; c < 3; ++c, ++count) {
            double difference = 0;
            for (int32_t y = top; y < top + 8; ++y)
               for (int32_t x = left; x < left + 8; ++x)
                  difference += a.rgba().row<uint8_t>(y)[4 * x + c] - b.rgba().row<uint8_t>(y)[4 * x + c];
            sum += difference * difference / 4096;
         }
   return sum / count;
}

TEST_CASE("never more colours than asked for, at any size, number and dither") {
   for (const auto [width, height] : odd_sizes)
      for (const int colours : {2, 3, 16, 255, 256})
         for (const double dither : {none, floyd_steinberg, ordered}) {
            CAPTURE(width);
            CAPTURE(height);
            CAPTURE(colours);
            const filtered made =
                filter(palette(), {slope(width, height)}, {{"colours", colours}, {"dither", dither}});
            REQUIRE(made.pictures.size() == 1);
            CHECK(colours_of(*made.pictures[0].picture).size() <= static_cast<std::size_t>(colours));
         }
}

TEST_CASE("a picture with few enough colours goes through as it is") {
   const auto few = painted(40, 30, 0, 100'000, [](int32_t x, int32_t y) -> pixel {
      return (x + y) % 5 == 0 ? pixel{0, 0, 0, 0} : pixel{static_cast<uint8_t>(x % 15), 3, 9, 255};
   });
   const filtered made = filter(palette(), {few}, {{"colours", 16}});
   CHECK(made.pictures[0].passed);
   CHECK_FALSE(filter(palette(), {few}, {{"colours", 15}}).pictures[0].passed); // the hole is one of them
}

TEST_CASE("holes stay holes, and half of a pixel is all or nothing") {
   const auto holed = painted(64, 64, 0, 100'000, [](int32_t x, int32_t y) -> pixel {
      return {static_cast<uint8_t>(4 * x), static_cast<uint8_t>(4 * y), 0,
              static_cast<uint8_t>(x < 10 ? 127 : 128)};
   });
   for (const double dither : {none, floyd_steinberg, ordered}) {
      const filtered made = filter(palette(), {holed}, {{"colours", 8}, {"dither", dither}});
      const media::picture &out = *made.pictures[0].picture;
      CHECK(colours_of(out).size() <= 8);
      for (int32_t y = 0; y < 64; ++y)
         for (int32_t x = 0; x < 64; ++x)
            CHECK(out.rgba().row<uint8_t>(y)[4 * x + 3] == (x < 10 ? 0 : 255));
   }
}

TEST_CASE("more colours are nearer, and dithers are nearer from afar") {
   const auto source = slope(96, 96);
   double before = 1e9;
   for (const int colours : {4, 16, 64, 256}) {
      const filtered made = filter(palette(), {source}, {{"colours", colours}, {"dither", none}});
      const double error = mean_squared_error(*source, *made.pictures[0].picture);
      CHECK(error < before / 2);
      before = error;
   }
   const auto afar = [&](double dither) {
      return error_from_afar(
          *source, *filter(palette(), {source}, {{"colours", 16}, {"dither", dither}}).pictures[0].picture);
   };
   CHECK(afar(floyd_steinberg) < afar(none) / 2);
   CHECK(afar(ordered) < afar(none) / 2);
}

TEST_CASE("what stands still does not crawl, and a cut gets a palette of its own") {
   const auto moving = [](int32_t at) {
      return painted(96, 96, 0, 100'000, [at](int32_t x, int32_t y) -> pixel {
         if (x >= at && x < at + 6 && y >= 40 && y < 46)
            return {255, 0, 0, 255};
         return {static_cast<uint8_t>(2 * x), static_cast<uint8_t>(2 * y), 90, 255};
      });
   };
   for (const double dither : {none, floyd_steinberg, ordered}) {
      const filtered made = filter(palette(), {moving(10), moving(60)}, {{"colours", 32}, {"dither", dither}});
      const auto &a = *made.pictures[0].picture, &b = *made.pictures[1].picture;
      for (int32_t y = 0; y < 96; ++y)
         for (int32_t x = 0; x < 96; ++x)
            if (y < 40 || y >= 46 || (x >= 16 && x < 60) || x < 10 || x >= 66)
               CHECK(std::memcmp(a.rgba().row<uint8_t>(y) + 4 * x, b.rgba().row<uint8_t>(y) + 4 * x, 4) == 0);
   }
   const auto other_world = painted(96, 96, 0, 100'000, [](int32_t x, int32_t y) -> pixel {
      return {10, static_cast<uint8_t>(255 - 2 * x), static_cast<uint8_t>(255 - 2 * y), 255};
   });
   const filtered cut = filter(palette(), {moving(10), other_world}, {{"colours", 32}, {"dither", none}});
   const filtered alone = filter(palette(), {other_world}, {{"colours", 32}, {"dither", none}});
   CHECK(same_pixels(*cut.pictures[1].picture, *alone.pictures[0].picture));
}

// ---- The kernels

const kernels::interruption nothing = [] {};

TEST_CASE("a histogram counts exactly while it can, and does not mind the order") {
   kernels::colour_histogram exact, there(16), back(16);
   for (int i = 0; i < 100; ++i)
      exact.add({static_cast<uint8_t>(i % 7), 2, 3}, 3);
   CHECK(exact.exact());
   CHECK(exact.size() == 7);
   double count = 0;
   for (const auto &entry : exact.entries())
      count += entry.count;
   CHECK(count == 300);
   const auto colour = [](int i) {
      return rgb{static_cast<uint8_t>(noise(1, i)), static_cast<uint8_t>(noise(2, i)),
                 static_cast<uint8_t>(noise(3, i))};
   };
   for (int i = 0; i < 500; ++i) {
      there.add(colour(i));
      back.add(colour(499 - i));
   }
   CHECK_FALSE(there.exact());
   CHECK(there.size() <= 16);
   REQUIRE(there.size() == back.size());
   for (std::size_t i = 0; i < there.size(); ++i) {
      CHECK(there.entries()[i].red == back.entries()[i].red);
      CHECK(there.entries()[i].count == back.entries()[i].count);
   }
}

TEST_CASE("a palette holds the colours themselves where there is room, and splits where it pays") {
   kernels::colour_histogram few;
   for (const rgb colour : {rgb{1, 2, 3}, rgb{200, 2, 3}, rgb{1, 250, 3}})
      few.add(colour, 10);
   CHECK(kernels::palette_for(few, 3, nothing) == std::vector<rgb>{{1, 2, 3}, {200, 2, 3}, {1, 250, 3}});
   CHECK(kernels::palette_for(few, 256, nothing).size() == 3);
   CHECK(kernels::palette_for(kernels::colour_histogram(), 16, nothing).empty());
   kernels::colour_histogram two; // clouds around two colours
   for (int i = 0; i < 200; ++i) {
      two.add({static_cast<uint8_t>(20 + noise(1, i) % 9), 20, 20});
      two.add({static_cast<uint8_t>(220 + noise(2, i) % 9), 200, 20});
   }
   const std::vector<rgb> split = kernels::palette_for(two, 2, nothing);
   REQUIRE(split.size() == 2);
   CHECK(std::abs(split[0].red - 24) <= 1);
   CHECK(std::abs(split[1].red - 224) <= 1);
   CHECK(split[1].green == 200);
}

TEST_CASE("a lookup remembers right: it is what a search gives") {
   std::vector<rgb> colours;
   for (int i = 0; i < 200; ++i)
      colours.push_back({static_cast<uint8_t>(noise(4, i)), static_cast<uint8_t>(noise(5, i)),
                         static_cast<uint8_t>(noise(6, i))});
   kernels::palette_lookup lookup(colours, 64); // small, so that answers push each other out
   for (int i = 0; i < 5000; ++i) {
      const rgb asked = {static_cast<uint8_t>(noise(7, i) & 0xF0), static_cast<uint8_t>(noise(8, i) & 0xF0),
                         40};
      int32_t least = INT32_MAX;
      std::size_t nearest = 0;
      for (std::size_t k = 0; k < colours.size(); ++k)
         if (const int32_t d = kernels::squared_distance(colours[k], asked); d < least) {
            least = d;
            nearest = k;
         }
      CHECK(lookup.nearest(asked) == nearest);
   }
}

} // namespace
} // namespace giflab::test
