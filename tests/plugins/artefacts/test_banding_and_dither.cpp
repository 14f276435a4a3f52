// Banding and dither: told apart, and numbers of a twin in numpy that follows the definitions window by window.

#include "measured.hpp"

namespace giflab::test {
namespace {

values banding(const picture &a, const picture &b) { return measured("banding", "banding", a, b); }
double added(const picture &a, const picture &b) { return banding(a, b).at("banding_added"); }
double dither(const picture &a, const picture &b) {
   return measured("dither", "dither", a, b).at("dither_energy_change");
}

constexpr int32_t width = 96, height = 48;

int slope_at(int x, int y) { return 40 + x + y / 2; }
int slow_at(int x, int y) { return 40 + x / 2 + y / 4; }
int posterised(int value, int levels) { return value / levels * levels + levels / 2; }

const picture slope = grey(width, height, slope_at);
const picture slow = grey(width, height, slow_at);
picture banded(int levels) {
   return grey(width, height, [=](int x, int y) { return posterised(slow_at(x, y), levels); });
}
// The same levels with a checkerboard between them, and with noise.
const picture checkered = grey(
    width, height, [](int x, int y) { return posterised(slope_at(x, y) + ((x + y) % 2 == 1 ? 4 : -4), 16); });
const picture noisy = grey(width, height, [](int x, int y) {
   return posterised(slope_at(x, y) + noise(3, y * width + x) % 16 - 8, 16);
});

TEST_CASE("banding is that of an independent program") {
   const picture bands = grey(width, height, [](int x, int y) { return posterised(slope_at(x, y), 16); });
   CHECK(added(slope, bands) == near(3.793268892247014));
   CHECK(added(slow, banded(16)) == near(2.6457513110645907));
}

TEST_CASE("the same levels count when banded and not when dithered") {
   CHECK(added(slope, checkered) == 0);
   CHECK(added(slope, noisy) < 0.1);
}

TEST_CASE("fewer levels, more banding") {
   CHECK(added(slow, banded(8)) > added(slow, banded(4)));
   CHECK(added(slow, banded(16)) > added(slow, banded(8)));
}

TEST_CASE("banding that went is what came the other way round") {
   const values there = banding(slow, banded(16)), back = banding(banded(16), slow);
   CHECK(there.at("banding_change") == there.at("banding_added"));
   CHECK(there.at("banding_removed") == 0);
   CHECK(back.at("banding_change") == -there.at("banding_change"));
   CHECK(back.at("banding_removed") == there.at("banding_added"));
}

TEST_CASE("an edge of the original is no false contour, sharper or a pixel away") {
   const auto step = [](int place, int soft) {
      return grey(width, height, [=](int x, int) { return 100 + std::clamp((x - place) * 60 / soft, 0, 60); });
   };
   CHECK(added(step(40, 3), step(41, 1)) == 0);
   CHECK(added(step(40, 1), step(41, 1)) == 0);
   CHECK(added(step(40, 1), step(60, 1)) > 5); // but one that moved far is
}

TEST_CASE("a contour on a flat original counts whichever way it runs, and a short one does not") {
   const picture flat = grey(width, height, [](int, int) { return 100; });
   const double upright = added(flat, grey(width, height, [](int x, int) { return x < 50 ? 100 : 110; }));
   CHECK(upright == near(10 / std::sqrt(width)));
   CHECK(added(flat, grey(width, height, [](int, int y) { return y < 20 ? 100 : 110; })) ==
         near(10 / std::sqrt(height)));
   CHECK(added(flat, grey(width, height, [](int x, int y) { return x + y < 70 ? 100 : 110; })) > upright);
   CHECK(added(flat, grey(width, height, [](int x, int y) {
                  return x >= 50 && x < 56 && y >= 20 && y < 26 ? 110 : 100;
               })) == 0);
}

TEST_CASE("dither is that of an independent program") {
   const picture_pair pair = natural_pair(107, 61);
   const values found = measured("dither", "dither", pair.reference, pair.distorted);
   CHECK(found.at("dither_energy_change") == near(1.4610850201789303));
   CHECK(found.at("dither_area") == near(92.3076923076923));
}

TEST_CASE("a checkerboard, columns and rows of two levels measure half their difference") {
   const picture flat = grey(width, height, [](int, int) { return 100; });
   CHECK(dither(flat, grey(width, height, [](int x, int y) { return 95 + (x + y) % 2 * 10; })) == 5);
   CHECK(dither(flat, grey(width, height, [](int x, int) { return 95 + x % 2 * 10; })) == 5);
   CHECK(dither(flat, grey(width, height, [](int, int y) { return 95 + y % 2 * 10; })) == 5);
}

TEST_CASE("dither that went is what came the other way round, and bands are hardly dither") {
   CHECK(dither(slope, checkered) > 2);
   CHECK(dither(checkered, slope) == doctest::Approx(-dither(slope, checkered)).epsilon(0.05));
   CHECK(dither(slow, banded(16)) < dither(slope, noisy) / 4);
}

TEST_CASE("without smooth blocks there is no dither to speak of") {
   const picture steep = grey(width, height, [](int x, int y) { return x % 8 < 4 ? 0 : y % 8 < 4 ? 255 : 90; });
   const values found = measured("dither", "dither", steep, slope);
   CHECK(std::isnan(found.at("dither_energy_change")));
   CHECK(found.at("dither_area") == 0);
}

} // namespace
} // namespace giflab::test
