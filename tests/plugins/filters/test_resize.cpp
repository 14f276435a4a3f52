// Resizing.

#include "filtering.hpp"

#include <cmath>

namespace giflab::test {
namespace {

using pixel = std::array<uint8_t, 4>;

const giflab_plugin &resize() { return plugin_of("resize", "org.giflab.resize"); }

constexpr double nearest = 0, area = 1, bilinear = 2, bicubic = 3, lanczos = 4;

media::picture_pointer scaled(const media::picture_pointer &source, double percent, double method) {
   return filter(resize(), {source}, {{"scale", percent}, {"method", method}}).pictures.at(0).picture;
}

TEST_CASE("sizes are in proportion, at least 1, and a scale of 100 changes nothing") {
   for (const auto [width, height] : odd_sizes) {
      const auto source = painted(width, height, 5, 100'000, [](int32_t x, int32_t y) -> pixel {
         return {static_cast<uint8_t>(x), static_cast<uint8_t>(y), 7, 255};
      });
      for (const double percent : {1.0, 33.0, 50.0, 100.0, 150.0, 400.0})
         for (const double method : {nearest, area, bilinear, bicubic, lanczos}) {
            const filtered made = filter(resize(), {source}, {{"scale", percent}, {"method", method}});
            REQUIRE(made.pictures.size() == 1);
            CHECK(made.planned.width == std::max(1.0, std::round(width * percent / 100)));
            CHECK(made.planned.height == std::max(1.0, std::round(height * percent / 100)));
            CHECK(made.pictures[0].start_us == 5);
            CHECK(made.pictures[0].duration_us == 100'000);
            CHECK(made.pictures[0].passed == (made.planned.width == width && made.planned.height == height));
         }
   }
}

TEST_CASE("an even colour stays what it is, whatever the method, also under holes") {
   const auto even = painted(37, 23, 0, 1, [](int32_t, int32_t) -> pixel { return {13, 200, 77, 255}; });
   const auto holed = painted(37, 23, 0, 1, [](int32_t x, int32_t) -> pixel {
      return x < 18 ? pixel{255, 255, 255, 0} : pixel{13, 200, 77, 255};
   });
   for (const double method : {nearest, area, bilinear, bicubic, lanczos})
      for (const double percent : {17.0, 50.0, 230.0})
         for (const auto &source : {even, holed}) {
            const auto made = scaled(source, percent, method);
            for (int32_t y = 0; y < made->height; ++y)
               for (int32_t x = 0; x < made->width; ++x) {
                  const uint8_t *at = made->rgba().row<uint8_t>(y) + 4 * x;
                  // The white that nobody sees does not bleed in.
                  CHECK((at[3] == 0 || (std::abs(at[0] - 13) <= 1 && std::abs(at[1] - 200) <= 1 &&
                                        std::abs(at[2] - 77) <= 1)));
               }
         }
}

TEST_CASE("area is the mean of what a pixel covers, nearest takes the one in the middle") {
   const auto source = painted(6, 4, 0, 1, [](int32_t x, int32_t y) -> pixel {
      return {static_cast<uint8_t>(10 * x + 40 * y), 0, 0, 255};
   });
   const auto means = scaled(source, 50, area), middles = scaled(source, 50, nearest);
   for (int32_t y = 0; y < 2; ++y)
      for (int32_t x = 0; x < 3; ++x) {
         CHECK(means->rgba().row<uint8_t>(y)[4 * x] == 10 * (2 * x) + 5 + 40 * (2 * y) + 20);
         CHECK(middles->rgba().row<uint8_t>(y)[4 * x] == 10 * (2 * x + 1) + 40 * (2 * y + 1));
      }
}

TEST_CASE("a slope stays a slope when it grows, and small again it is nearly what it was") {
   const auto source = painted(32, 32, 0, 1, [](int32_t x, int32_t y) -> pixel {
      return {static_cast<uint8_t>(4 * x + 2 * y), static_cast<uint8_t>(7 * y), 100, 255};
   });
   for (const double method : {bilinear, bicubic, lanczos}) {
      const auto large = scaled(source, 300, method);
      for (int32_t x = 10; x < 80; ++x) // away from the edges, a third of the slope a pixel
         CHECK(std::abs(large->rgba().row<uint8_t>(48)[4 * x] -
                        (4 * ((x + 0.5) / 3 - 0.5) + 2 * ((48 + 0.5) / 3 - 0.5))) < 1.1);
      const auto again = scaled(large, 100.0 / 3, method);
      REQUIRE(again->width == 32);
      for (int32_t y = 4; y < 28; ++y)
         for (int32_t x = 4; x < 28; ++x)
            CHECK(std::abs(again->rgba().row<uint8_t>(y)[4 * x] - source->rgba().row<uint8_t>(y)[4 * x]) <= 2);
   }
}

} // namespace
} // namespace giflab::test
