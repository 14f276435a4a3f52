// org.giflab.temporal: temporal_difference, flicker_excess, flat_flicker_change.

#include "known_clip.hpp"

#include <doctest/doctest.h>

using namespace giflab::test;

namespace {

const giflab_plugin &flicker() {
   static const giflab_plugin &found = plugin_of("temporal", "org.giflab.temporal");
   return found;
}

clip_values flicker_of(const std::vector<picture> &reference, const std::vector<picture> &distorted,
                       const clip_layout &layout = {}) {
   fake_clip clip(reference, distorted, layout);
   return measure_clip(flicker(), clip);
}

void check_values(const values &found, double difference, double excess, double flat) {
   CHECK(found.at("temporal_difference") == doctest::Approx(difference).epsilon(1e-12));
   CHECK(found.at("flicker_excess") == doctest::Approx(excess).epsilon(1e-12));
   if (std::isnan(flat))
      CHECK(std::isnan(found.at("flat_flicker_change")));
   else
      CHECK(found.at("flat_flicker_change") == doctest::Approx(flat).epsilon(1e-12));
}

// One row of one pixel: the formulas by hand.
std::vector<picture> pixel(const std::vector<std::array<int, 3>> &colours) {
   return pictures_of(1, 1, static_cast<int>(colours.size()), [&](int32_t, int32_t, int32_t c, int t) {
      return colours[static_cast<size_t>(t)][static_cast<size_t>(c)];
   });
}

} // namespace

TEST_CASE("changes of one pixel, by hand") {
   // The original steps by 10, 0, -20; the distorted one by 25, -5, -5.
   const auto found =
       flicker_of(pixel({{100, 50, 200}, {110, 50, 180}}), pixel({{90, 60, 200}, {115, 55, 195}}));
   CHECK(std::isnan(found.frames[0].at("temporal_difference")));
   CHECK(std::isnan(found.frames[0].at("flicker_excess")));
   CHECK(std::isnan(found.frames[0].at("flat_flicker_change")));
   check_values(found.frames[1], (15 + 5 + 15) / 3.0, (15 + 5 + 0) / 3.0, NAN);
}

TEST_CASE("the largest difference there can be") {
   const auto found = flicker_of(pixel({{0, 0, 0}, {255, 255, 255}}), pixel({{255, 255, 255}, {0, 0, 0}}));
   check_values(found.frames[1], 510, 0, NAN);
}

TEST_CASE("flicker of a clip that numpy measured too") {
   fake_clip clip = known_clip();
   const auto found = measure_clip(flicker(), clip).frames;
   check_values(found[1], 5.7551899725812765, 4.701527614571093, 5.802536231884058);
   check_values(found[2], 5.63063063063063, 4.687818253035644, 5.631642512077295);
   check_values(found[3], 5.657657657657658, 4.638464551508029, 5.704710144927536);
}

TEST_CASE("an original that flickers by itself is not blamed") {
   const auto flash = [](int offset) {
      return pictures_of(20, 20, 5,
                         [=](int32_t x, int32_t, int32_t, int t) { return t % 2 * 150 + x + offset; });
   };
   for (const int offset : {0, 40}) {
      const auto found = flicker_of(flash(0), flash(offset)).frames;
      for (size_t i = 1; i < found.size(); ++i)
         check_values(found[i], 0, 0, NAN); // nothing stands still
   }
}

TEST_CASE("flicker that grows moves every output up") {
   const auto still = pictures_of(24, 24, 4, [](int32_t, int32_t, int32_t c, int) { return 100 + c; });
   values last = {{"temporal_difference", 0}, {"flicker_excess", 0}, {"flat_flicker_change", 0}};
   for (const int amplitude : {1, 2, 8, 32, 100}) {
      const auto shaken = pictures_of(24, 24, 4, [=](int32_t x, int32_t y, int32_t c, int t) {
         return 100 + c + ((x + y) % 2 == 0 && t % 2 == 1 ? amplitude : 0);
      });
      const values found = flicker_of(still, shaken).frames[2];
      check_values(found, amplitude / 2.0, amplitude / 2.0, amplitude / 2.0);
      for (const auto &[name, value] : found)
         CHECK(value > last.at(name));
      last = found;
   }
}

TEST_CASE("dither that crawls shows where the original is flat and still, and only there") {
   // 16x16: flat and still; to its right 16x16 of texture; below both 32x8 of flat colour that changes.
   const auto original = [](int32_t x, int32_t y, int32_t, int t) {
      return y >= 16 ? 60 + 30 * t : x < 16 ? 128 : (x + y) % 2 * 100;
   };
   const auto crawling = [&](bool flat) {
      return [=](int32_t x, int32_t y, int32_t c, int t) {
         const int before = original(x, y, c, t);
         const bool here = flat ? y < 16 && x < 16 : y >= 16 || x >= 16;
         return here && (x + y + t) % 4 == 0 ? before + 12 : before;
      };
   };
   const auto reference = pictures_of(32, 24, 3, original);
   const auto in_flat = flicker_of(reference, pictures_of(32, 24, 3, crawling(true))).frames;
   const auto elsewhere = flicker_of(reference, pictures_of(32, 24, 3, crawling(false))).frames;
   for (const size_t i : {1u, 2u}) {
      CHECK(in_flat[i].at("flat_flicker_change") == 6); // two pixels of four, by 12
      CHECK(in_flat[i].at("flicker_excess") == doctest::Approx(6.0 / 3));
      CHECK(elsewhere[i].at("flat_flicker_change") == 0);
      CHECK(elsewhere[i].at("flicker_excess") > 1);
   }
}

TEST_CASE("a dither that stands still is no flicker") {
   const auto flat = pictures_of(16, 16, 3, [](int32_t, int32_t, int32_t, int) { return 128; });
   const auto dithered =
       pictures_of(16, 16, 3, [](int32_t x, int32_t y, int32_t, int) { return 120 + (x + y) % 2 * 16; });
   check_values(flicker_of(flat, dithered).frames[2], 0, 0, 0);
}

TEST_CASE("what counts as flat and as still is a parameter") {
   // Columns of 0 and 10 in turn: a variance of 25; all of it 3 brighter in each picture.
   const auto original = [](int32_t x, int32_t, int32_t, int t) { return 100 + x % 2 * 10 + 3 * t; };
   const auto louder = [&](int32_t x, int32_t y, int32_t c, int t) { return original(x, y, c, t) + 5 * t; };
   fake_clip clip(pictures_of(16, 16, 2, original), pictures_of(16, 16, 2, louder));
   const auto flat = [&](double variance, double change) {
      const clip_reading reading = {2, 8, {{variance, nullptr}, {change, nullptr}}};
      return measure_clip(flicker(), clip, reading).frames[1].at("flat_flicker_change");
   };
   CHECK(flat(25, 3) == 5);
   CHECK(std::isnan(flat(24.9, 3)));
   CHECK(std::isnan(flat(25, 2)));
}

TEST_CASE("blocks at the right and the lower edge are smaller, and count") {
   // Only the last pixel of 9x9 is flat and still: each other block has a pixel that moves.
   const auto original = [](int32_t x, int32_t y, int32_t, int t) {
      return x % 8 == 0 && y % 8 == 0 && x * y == 0 ? 200 * t : 50;
   };
   const auto shaken = [&](int32_t x, int32_t y, int32_t c, int t) {
      return x == 8 && y == 8 ? 50 + 7 * t : original(x, y, c, t);
   };
   const auto found = flicker_of(pictures_of(9, 9, 2, original), pictures_of(9, 9, 2, shaken)).frames[1];
   CHECK(found.at("flat_flicker_change") == 7);
   CHECK(found.at("flicker_excess") == doctest::Approx(7.0 / 81));
}

TEST_CASE("pictures that are held on both sides did not change") {
   auto reference = pictures_of(20, 12, 3, known_reference),
        distorted = pictures_of(20, 12, 3, known_distorted);
   reference[2] = reference[1], distorted[2] = distorted[1];
   const auto found = flicker_of(reference, distorted).frames;
   check_values(found[2], 0, 0, 0);
   CHECK(found[1].at("temporal_difference") > 0);
}

TEST_CASE("a clip that drops pictures catches up without flicker") {
   const auto reference = pictures_of(
       40, 40, 7, [](int32_t x, int32_t y, int32_t, int t) { return x / 8 == t ? 250 - y : 30 + y; });
   auto dropped = reference;
   dropped[1] = dropped[0], dropped[3] = dropped[4] = dropped[2]; // one, then two
   const auto found = flicker_of(reference, dropped).frames;
   for (size_t i = 1; i < found.size(); ++i) {
      CHECK(found[i].at("flicker_excess") == 0);
      CHECK(found[i].at("flat_flicker_change") == 0);
   }
   CHECK(found[1].at("temporal_difference") > 1); // which has no such mercy
   CHECK(found[2].at("temporal_difference") > 1);
   CHECK(found[6].at("temporal_difference") == 0);
}

TEST_CASE("a picture alone has no flicker") {
   const auto found = flicker_of(pictures_of(5, 5, 1, known_reference), pictures_of(5, 5, 1, known_distorted));
   for (const auto &[name, value] : found.frames[0])
      CHECK_MESSAGE(std::isnan(value), name);
}

TEST_CASE("rectangles, strides, padding, batches and levels change no bit") {
   for (const auto &[width, height] : odd_sizes) {
      const auto cursor = [&](int32_t x, int32_t y, int32_t c, int t) {
         return x / 4 == t && y < 5 ? 200 : known_reference(x, y, c, 0);
      };
      const auto noisy = [&](int32_t x, int32_t y, int32_t c, int t) {
         return y > height / 2 ? cursor(x, y, c, t)
                               : std::min(255, cursor(x, y, c, t) + noise(3, x * 7 + y * t) % 9);
      };
      const auto reference = pictures_of(width, height, 4, cursor),
                 distorted = pictures_of(width, height, 4, noisy);
      fake_clip plain(reference, distorted, {false, 0, 0}), clip(reference, distorted, {true, 2, 0xFF});
      const auto expected = measure_clip(flicker(), plain, {0, 1, {}}).frames;
      for (const size_t batch : {1u, 3u, 8u}) {
         const auto found = measure_clip(flicker(), clip, {2, batch, {}}).frames;
         for (size_t i = 0; i < found.size(); ++i)
            for (const auto &[name, value] : expected[i]) {
               CAPTURE(name);
               CHECK((found[i].at(name) == value || (std::isnan(value) && std::isnan(found[i].at(name)))));
            }
      }
   }
}
