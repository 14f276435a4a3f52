// org.giflab.disposal: ghosting, stale_pixels, lost_pixels.

#include "clips.hpp"

#include <doctest/doctest.h>

using namespace giflab::test;

namespace {

constexpr int32_t width = 128, height = 24;
constexpr int frames = 7;

// What a rectangle of another colour (200 levels away) makes far: itself and, around it, the pixels that see
// three of its pixels among their nine, 67 levels; those near its corners see two or one, 44 levels at most.
constexpr int far_pixels(int wide, int high) { return wide * high + 2 * (wide - 2) + 2 * (high - 2); }
constexpr int pixels_of_square = far_pixels(8, 8);

// A light square of 8x8 that goes right by 16 in each picture, over a dark ground.
bool in_square(int32_t x, int32_t y, int t) {
   return x / 16 == t && x % 16 >= 4 && x % 16 < 12 && y >= 8 && y < 16;
}
int walking(int32_t x, int32_t y, int32_t, int t) { return in_square(x, y, t) ? 240 : 40; }

// The same where no frame is ever cleared: the square of every picture stays.
int stacked(int32_t x, int32_t y, int32_t, int t) {
   bool seen = false;
   for (int i = 0; i <= t; ++i)
      seen |= in_square(x, y, i);
   return seen ? 240 : 40;
}

template <class Formula> std::vector<picture> drawn(Formula &&formula) {
   return pictures_of(width, height, frames, formula);
}

std::vector<values> leftovers_of(const std::vector<picture> &reference, const std::vector<picture> &distorted,
                                 const clip_layout &layout = {}, const clip_reading &reading = {}) {
   fake_clip clip(reference, distorted, layout);
   return measure_clip(plugin_of("disposal", "org.giflab.disposal"), clip, reading).frames;
}

void check_pixels(const values &found, int ghosts, int stale, int lost) {
   const double percent = 100.0 / (width * height);
   CHECK(found.at("ghosting") == doctest::Approx(percent * ghosts));
   CHECK(found.at("stale_pixels") == doctest::Approx(percent * stale));
   CHECK(found.at("lost_pixels") == doctest::Approx(percent * lost));
}

bool undefined(const values &found) {
   return std::isnan(found.at("ghosting")) && std::isnan(found.at("stale_pixels")) &&
          std::isnan(found.at("lost_pixels"));
}

} // namespace

TEST_CASE("frames that are never cleared leave ghosts, of four pictures at most") {
   const auto found = leftovers_of(drawn(walking), drawn(stacked));
   CHECK(undefined(found[0]));
   for (int t = 1; t < frames; ++t)
      check_pixels(found[static_cast<size_t>(t)], std::min(t, 4) * pixels_of_square, pixels_of_square, 0);
}

TEST_CASE("a clear that is missing shows as long as the host looks back") {
   // A caption over the first two pictures; the square walks below it.
   const auto captioned = [](int until) {
      return [=](int32_t x, int32_t y, int32_t c, int t) {
         const bool caption = t < until && y >= 1 && y < 5 && x >= 60 && x < 80;
         return caption ? 240 : walking(x, y, c, t);
      };
   };
   const auto found = leftovers_of(drawn(captioned(2)), drawn(captioned(frames)));
   constexpr int pixels_of_caption = far_pixels(20, 4);
   check_pixels(found[1], 0, 0, 0);
   check_pixels(found[2], pixels_of_caption, pixels_of_caption, 0);
   check_pixels(found[3], pixels_of_caption, 0, 0); // kept rightly since the picture before
   check_pixels(found[5], pixels_of_caption, 0, 0);
   check_pixels(found[6], 0, 0, 0); // five pictures ago
}

TEST_CASE("a picture restored to the one before the last is a ghost that was not kept") {
   auto restored = drawn(walking);
   restored[3] = drawn([](int32_t x, int32_t y, int32_t c, int t) {
      return std::max(walking(x, y, c, t), walking(x, y, c, std::max(0, t - 2)));
   })[3];
   const auto found = leftovers_of(drawn(walking), restored);
   check_pixels(found[2], 0, 0, 0);
   check_pixels(found[3], pixels_of_square, 0, 0);
   check_pixels(found[4], 0, 0, 0);
}

TEST_CASE("what is cleared although it should stay is lost") {
   const auto pierced = [](int32_t x, int32_t y, int32_t c, int t) {
      return t >= 2 && x >= 100 && x < 108 && y >= 8 && y < 16 && t < 6 ? 240 : walking(x, y, c, t);
   };
   const auto found = leftovers_of(drawn(walking), drawn(pierced));
   check_pixels(found[1], 0, 0, 0);
   for (const size_t t : {2u, 3u, 4u})
      check_pixels(found[t], 0, 0, pixels_of_square);
}

TEST_CASE("motion alone leaves nothing, whatever the clip") {
   const auto scene =
       drawn([](int32_t x, int32_t y, int32_t c, int t) { return noise(1, (x + 3 * t) * 71 + y * 5 + c); });
   for (const auto &clip : {drawn(walking), drawn(stacked), scene}) {
      const auto found = leftovers_of(clip, clip);
      for (size_t t = 1; t < found.size(); ++t)
         check_pixels(found[t], 0, 0, 0);
   }
}

TEST_CASE("noise, dither and a palette that is off are no ghosts") {
   const auto grain = [](int32_t x, int32_t y, int32_t c, int t) {
      return std::clamp(walking(x, y, c, t) + noise(2, ((t * height + y) * width + x) * 3 + c) % 97 - 48, 0,
                        255);
   };
   const auto dither = [](int32_t x, int32_t y, int32_t c, int t) {
      return walking(x, y, c, t) + ((x + y + t) % 2 ? 35 : -35) / (walking(x, y, c, t) > 200 ? 3 : 1);
   };
   const auto tinted = [](int32_t x, int32_t y, int32_t c, int t) {
      return walking(x, y, c, t) == 40 ? 80 : 200;
   };
   for (const auto &distorted : {drawn(grain), drawn(dither), drawn(tinted)}) {
      const auto found = leftovers_of(drawn(walking), distorted);
      for (size_t t = 1; t < found.size(); ++t)
         check_pixels(found[t], 0, 0, 0);
   }
}

TEST_CASE("more that is left behind scores worse") {
   double last = 0;
   for (const int first : {5, 4, 3, 2}) {
      const auto partly = drawn([=](int32_t x, int32_t y, int32_t c, int t) {
         return x / 16 >= first ? stacked(x, y, c, t) : walking(x, y, c, t);
      });
      const double ghosting = leftovers_of(drawn(walking), partly)[6].at("ghosting");
      CHECK(ghosting > last);
      last = ghosting;
   }
}

TEST_CASE("a picture that is held as a whole is undefined, and does not spoil the next") {
   const auto original = drawn(walking);
   auto dropped = original;
   dropped[1] = dropped[0], dropped[4] = dropped[3];
   const auto found = leftovers_of(original, dropped);
   CHECK(undefined(found[1]));
   CHECK(undefined(found[4]));
   for (const size_t t : {2u, 3u, 5u, 6u})
      check_pixels(found[t], 0, 0, 0);
}

TEST_CASE("a picture that both sides hold keeps its ghosts") {
   auto reference = drawn(walking), distorted = drawn(stacked);
   reference[2] = reference[1], distorted[2] = distorted[1];
   const auto found = leftovers_of(reference, distorted);
   check_pixels(found[1], pixels_of_square, pixels_of_square, 0);
   check_pixels(found[2], pixels_of_square, 0, 0);
   // Frozen, then held on both sides: still too late as a whole.
   auto late = drawn(walking);
   late[2] = late[1] = late[0];
   CHECK(undefined(leftovers_of(reference, late)[2]));
}

TEST_CASE("how far is wrong and how near is equal are parameters") {
   const auto ghosts = [](double far, double near) {
      // A ghost that fades.
      const auto faded = drawn([](int32_t x, int32_t y, int32_t c, int t) {
         return t > 0 && in_square(x, y, t - 1) ? 160 : walking(x, y, c, t);
      });
      const clip_reading reading = {2, 8, {{far, nullptr}, {near, nullptr}}};
      return leftovers_of(drawn(walking), faded, {}, reading)[3].at("ghosting");
   };
   CHECK(ghosts(48, 12) == 0);
   CHECK(ghosts(48, 80) > 0); // 80 from the past, 120 from the present
   CHECK(ghosts(120, 80) == 0);
   CHECK(ghosts(119, 80) > 0);
}

TEST_CASE("strides, padding, batches and levels change no bit, at any size") {
   for (const auto &[w, h] : odd_sizes) {
      const auto moving = [](int32_t x, int32_t y, int32_t c, int t) {
         return noise(4, (x / 3 - t) * 31 + y / 2 * 7 + c);
      };
      const auto torn = [&](int32_t x, int32_t y, int32_t c, int t) {
         return moving(x, y, c, y % 5 < 3 ? t : std::max(0, t - 1 - x % 2));
      };
      const auto reference = pictures_of(w, h, 6, moving), distorted = pictures_of(w, h, 6, torn);
      const auto expected = leftovers_of(reference, distorted, {false, 0, 0}, {0, 1, {}});
      for (const size_t batch : {1u, 4u, 8u}) {
         const auto found = leftovers_of(reference, distorted, {true, 2, 0xFF}, {2, batch, {}});
         for (size_t t = 0; t < found.size(); ++t)
            for (const auto &[name, value] : expected[t]) {
               CAPTURE(name);
               CHECK((found[t].at(name) == value || (std::isnan(value) && std::isnan(found[t].at(name)))));
            }
      }
      if (w > 30 && h > 10)
         CHECK(expected[5].at("ghosting") > 0); // there is something to agree about
   }
}
