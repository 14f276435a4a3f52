// Metrics of whole clips: org.giflab.freezing, org.giflab.loop_seam, org.giflab.pumping.

#include "known_clip.hpp"

#include <doctest/doctest.h>

using namespace giflab::test;

namespace {

clip_values measured(const char *id, const std::vector<picture> &reference,
                     const std::vector<picture> &distorted, const clip_reading &reading = {}) {
   fake_clip clip(reference, distorted);
   return measure_clip(plugin_of("temporal", id), clip, reading);
}

clip_values freezing_of(const std::vector<picture> &reference, const std::vector<picture> &distorted,
                        const clip_reading &reading = {}) {
   return measured("org.giflab.freezing", reference, distorted, reading);
}
double seam_of(const std::vector<picture> &reference, const std::vector<picture> &distorted) {
   return measured("org.giflab.loop_seam", reference, distorted).whole.at("loop_seam_excess");
}
double pumping_of(const std::vector<picture> &reference, const std::vector<picture> &distorted) {
   return measured("org.giflab.pumping", reference, distorted).whole.at("pumping_change");
}

// A light square of 4 pixels that goes right by 4 in each picture.
std::vector<picture> walk(int frames) {
   return pictures_of(4 * frames + 4, 11, frames, [](int32_t x, int32_t y, int32_t, int t) {
      return x / 4 == t && y >= 3 && y < 7 ? 230 : 40;
   });
}

// Those of `shown` by number: what a clip looks like that shows them at the moments 0, 1, 2...
std::vector<picture> playing(const std::vector<picture> &shown, const std::vector<size_t> &order) {
   std::vector<picture> made;
   for (const size_t i : order)
      made.push_back(shown[i]);
   return made;
}

std::vector<double> shares(const clip_values &found) {
   std::vector<double> all;
   for (size_t i = 1; i < found.frames.size(); ++i)
      all.push_back(found.frames[i].at("frozen_share"));
   return all;
}

} // namespace

// ---- Freezing

TEST_CASE("dropped pictures are frozen moments") {
   const auto original = walk(6);
   const auto found = freezing_of(original, playing(original, {0, 1, 1, 1, 4, 5}));
   CHECK(std::isnan(found.frames[0].at("frozen_share")));
   CHECK(shares(found) == std::vector<double>{0, 100, 100, 0, 0});
   CHECK(found.whole.at("frozen_frames") == 2);
}

TEST_CASE("a clip that stands still to its end is frozen to its end") {
   const auto original = walk(4);
   const auto found = freezing_of(original, playing(original, {0, 1, 1, 1}));
   CHECK(shares(found) == std::vector<double>{0, 100, 100});
   CHECK(found.whole.at("frozen_frames") == 2);
}

TEST_CASE("a picture that comes late is late for a while, and not left out") {
   // Each moment of the original is two pairs; the distorted clip follows in the second.
   const auto original = walk(3);
   const auto found = freezing_of(playing(original, {0, 0, 1, 1, 2, 2}), playing(original, {0, 0, 0, 1, 1, 2}));
   CHECK(shares(found) == std::vector<double>{0, 100, 0, 100, 0});
   CHECK(found.whole.at("frozen_frames") == 0);
}

TEST_CASE("an original that stands still or comes back freezes nobody") {
   const auto original = walk(3);
   CHECK(shares(freezing_of(playing(original, {0, 0, 0}), playing(original, {0, 0, 0}))) ==
         std::vector<double>{0, 0});
   const auto blink = freezing_of(playing(original, {0, 1, 0, 0}), playing(original, {0, 0, 0, 0}));
   CHECK(shares(blink) == std::vector<double>{100, 0, 0});
   CHECK(blink.whole.at("frozen_frames") == 1);
}

TEST_CASE("a frozen picture stays frozen while both sides hold") {
   const auto original = walk(2);
   const auto found = freezing_of(playing(original, {0, 1, 1}), playing(original, {0, 0, 0}));
   CHECK(shares(found) == std::vector<double>{100, 100});
   CHECK(found.whole.at("frozen_frames") == 1);
}

TEST_CASE("what nobody sees move may stand still, but not for ever") {
   const auto still = pictures_of(16, 16, 1, [](int32_t, int32_t, int32_t, int) { return 100; });
   // Grain of -6 to 6.
   const auto grain = pictures_of(16, 16, 6, [](int32_t x, int32_t y, int32_t c, int t) {
      return 94 + noise(5, ((t * 16 + y) * 16 + x) * 3 + c) % 13;
   });
   const auto held = freezing_of(grain, playing(still, {0, 0, 0, 0, 0, 0}));
   CHECK(held.whole.at("frozen_frames") == 0);
   CHECK(shares(held) == std::vector<double>(5, 0));
   // A fade by 3 levels a picture: from the third on it is 9 away.
   const auto fade = pictures_of(16, 16, 6, [](int32_t, int32_t, int32_t, int t) { return 100 + 3 * t; });
   const auto slow = freezing_of(fade, playing(still, {0, 0, 0, 0, 0, 0}));
   CHECK(shares(slow) == std::vector<double>{0, 0, 100, 100, 100});
   CHECK(slow.whole.at("frozen_frames") == 3);
}

TEST_CASE("how much is visible is a parameter, and a mean over a block") {
   const auto reference = pictures_of(9, 9, 2, [](int32_t x, int32_t y, int32_t, int t) {
      return x == 8 && y == 8 && t == 1 ? 110 : x == 0 && y == 0 && t == 1 ? 116 : 100;
   });
   const auto held = playing(reference, {0, 0});
   const auto frozen = [&](double visible) {
      return freezing_of(reference, held, {2, 8, {{visible, nullptr}}}).whole.at("frozen_frames");
   };
   CHECK(frozen(9.9) == 1); // the block of the last pixel is that pixel alone
   CHECK(frozen(10) == 0);  // 16 over sixteen pixels are 1
   CHECK(frozen(0.9) == 1);
}

// ---- Loop seam

TEST_CASE("the seam of a clip that numpy measured too") {
   fake_clip clip = known_clip();
   for (const size_t batch : {1u, 3u, 8u}) {
      const auto found = measure_clip(plugin_of("temporal", "org.giflab.loop_seam"), clip, {2, batch, {}});
      CHECK(found.whole.at("loop_seam_excess") == doctest::Approx(4.675675675675675).epsilon(1e-12));
   }
}

TEST_CASE("a jump that the original makes itself is no fault of the seam") {
   const auto original = walk(5);
   CHECK(seam_of(original, original) == 0);
   // Ends where it began, while the original ends elsewhere: a smaller jump is no excess.
   CHECK(seam_of(original, playing(original, {0, 1, 2, 3, 0})) == 0);
   // The original closes; the copy ends two steps too early, at another place: 16 of 264 pixels, twice, by 190.
   const auto closed = playing(original, {0, 1, 2, 1, 0});
   CHECK(seam_of(closed, playing(original, {0, 1, 2, 2, 2})) == doctest::Approx(2 * 16 * 190.0 / 264));
}

// ---- Pumping

TEST_CASE("the pumping of a clip that numpy measured too") {
   fake_clip clip = known_clip({true, 1, 0x55});
   for (const size_t batch : {1u, 3u, 8u}) {
      const auto found = measure_clip(plugin_of("temporal", "org.giflab.pumping"), clip, {0, batch, {}});
      CHECK(found.whole.at("pumping_change") == doctest::Approx(0.9617463712324047).epsilon(1e-10));
   }
}

namespace {

// Columns of two greys in turn: a sharpness of `contrast`.
std::vector<picture> stripes(const std::vector<int> &contrasts) {
   return pictures_of(12, 7, static_cast<int>(contrasts.size()), [&](int32_t x, int32_t, int32_t, int t) {
      return 20 + t + x % 2 * contrasts[static_cast<size_t>(t)];
   });
}

} // namespace

TEST_CASE("sharpness that swings against the original's pumps") {
   const auto original = stripes({99, 99, 99, 99, 99});
   CHECK(pumping_of(original, stripes({59, 59, 59, 59, 59})) == 0); // worse throughout, and steadily so
   const double step = 100 * std::log(100.0 / 60);
   // Steps of -step, step, -step, step: their mean is 0.
   CHECK(pumping_of(original, stripes({99, 59, 99, 59, 99})) == doctest::Approx(step));
   CHECK(pumping_of(original, stripes({99, 79, 99, 79, 99})) < step);
}

TEST_CASE("an original that pumps by itself is not blamed") {
   const auto original = stripes({99, 20, 99, 20, 99});
   CHECK(pumping_of(original, original) == 0);
   // Half of the contrast, as far as a level more on each side lets it be half.
   const double steady = pumping_of(original, stripes({49, 10, 49, 10, 49}));
   CHECK(steady < 6);
   CHECK(pumping_of(original, stripes({99, 99, 99, 99, 99})) > 100);
}

TEST_CASE("pictures that are held have no say in pumping") {
   const auto original = stripes({99, 20, 99, 20, 99, 60});
   const auto dropped = playing(original, {0, 0, 2, 2, 4, 5});
   CHECK(pumping_of(original, dropped) == 0);
}

// ---- All of them

TEST_CASE("a picture alone and a clip without steps have no value") {
   const auto one = walk(1);
   CHECK(std::isnan(seam_of(one, one)));
   CHECK(std::isnan(freezing_of(one, one).whole.at("frozen_frames")));
   CHECK(std::isnan(freezing_of(one, one).frames[0].at("frozen_share")));
   CHECK(std::isnan(pumping_of(walk(2), walk(2))));
   CHECK(pumping_of(walk(3), walk(3)) == 0);
}

TEST_CASE("a clip that begins forgets the one before") {
   for (const char *id : {"org.giflab.freezing", "org.giflab.loop_seam", "org.giflab.pumping"}) {
      const giflab_plugin &plugin = plugin_of("temporal", id);
      CAPTURE(id);
      fake_clip clip = known_clip();
      const values alone = measure_clip(plugin, clip).whole;
      const std::vector<giflab_value> chosen = default_values(plugin);
      giflab_setup setup = {};
      setup.values = chosen.data();
      void *instance = nullptr;
      fake_call call;
      REQUIRE(plugin.create(&call.c, &setup, &instance) == GIFLAB_OK);
      for (const size_t from : {1u, 0u}) { // broken off after the second picture, then whole
         REQUIRE(plugin.metric->begin(instance, &call.c, &setup.clip) == GIFLAB_OK);
         for (size_t i = from; i < (from ? 2 : clip.pairs()); ++i) {
            fake_call each;
            const giflab_pair pair = clip.pair(i, plugin.lookback);
            REQUIRE(plugin.metric->measure(instance, &each.c, &pair, 1) == GIFLAB_OK);
         }
      }
      fake_call last;
      REQUIRE(plugin.metric->finish(instance, &last.c) == GIFLAB_OK);
      plugin.destroy(instance);
      for (const auto &[key, value] : last.scores)
         CHECK(value == alone.at(plugin.outputs[key.second].id));
   }
}
