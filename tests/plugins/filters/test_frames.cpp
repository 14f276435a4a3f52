// Dropping frames: which stay, and that no time is lost.

#include "filtering.hpp"

#include <cmath>

namespace giflab::test {
namespace {

// `count` pictures of one colour each, on show for odd times.
std::vector<media::picture_pointer> flat_clip(int count, int64_t duration_us = 33'333) {
   std::vector<media::picture_pointer> pictures;
   int64_t start = 0;
   for (int i = 0; i < count; ++i) {
      const int64_t duration = duration_us + i % 3;
      const auto level = static_cast<uint8_t>(i);
      pictures.push_back(painted(7, 5, start, duration, [level](int32_t, int32_t) -> std::array<uint8_t, 4> {
         return {level, level, level, 255};
      }));
      start += duration;
   }
   return pictures;
}

int64_t duration_of(const std::vector<media::picture_pointer> &pictures) {
   return pictures.back()->start_us + pictures.back()->duration_us;
}

// Which pictures came out, by their level.
std::vector<int> kept(const filtered &made) {
   std::vector<int> levels;
   for (const put_picture &one : made.pictures)
      levels.push_back(one.picture->rgba().row<uint8_t>(0)[0]);
   return levels;
}

void check_times(const filtered &made, const std::vector<media::picture_pointer> &source) {
   int64_t start = 0;
   for (const put_picture &one : made.pictures) {
      CHECK(one.start_us == start);
      start += one.duration_us;
      const auto level = static_cast<std::size_t>(one.picture->rgba().row<uint8_t>(0)[0]);
      CHECK(one.start_us == source[level]->start_us);
   }
   CHECK(start == duration_of(source));
}

TEST_CASE("evenly: the first stays, and a share of the others") {
   const giflab_plugin &even = plugin_of("frames", "org.giflab.drop_even");
   const auto source = flat_clip(10);
   const std::vector<std::pair<double, std::vector<int>>> cases = {{1, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}},
                                                                   {0.5, {0, 2, 4, 6, 8}},
                                                                   {0.3, {0, 4, 7}},
                                                                   {0.9, {0, 2, 3, 4, 5, 6, 7, 8, 9}},
                                                                   {0.01, {0}}};
   for (const auto &[keep, expected] : cases) {
      CAPTURE(keep);
      const filtered made = filter(even, source, {{"keep", keep}});
      CHECK(kept(made) == expected);
      CHECK(made.planned.frame_count == static_cast<int64_t>(expected.size()));
      check_times(made, source);
   }
   for (int percent = 1; percent <= 100; ++percent) { // 100 pictures: as many stay as percent say
      CAPTURE(percent);
      CHECK(filter(even, flat_clip(100), {{"keep", percent / 100.0}}).pictures.size() ==
            static_cast<std::size_t>(percent));
   }
}

TEST_CASE("to a rate: at most so many a second, at their own times") {
   const giflab_plugin &rate = plugin_of("frames", "org.giflab.drop_to_rate");
   const auto source = flat_clip(90); // 3 s at 30 Hz
   for (const double hertz : {1.0, 7.0, 10.0, 15.0, 29.0, 30.0, 60.0}) {
      CAPTURE(hertz);
      const filtered made = filter(rate, source, {{"frames_per_second", hertz}});
      CHECK(std::abs(static_cast<double>(made.pictures.size()) - std::min(90.0, 3 * hertz)) <= 1);
      check_times(made, source);
   }
   CHECK(filter(rate, flat_clip(20, 500'000), {{"frames_per_second", 10}}).pictures.size() ==
         20); // none is repeated
}

TEST_CASE("by likeness: a picture goes if it is near the last that stayed, however slowly they change") {
   const giflab_plugin &similar = plugin_of("frames", "org.giflab.drop_similar");
   const auto source = flat_clip(20); // one level brighter each
   CHECK(kept(filter(similar, source, {{"threshold", 0}})).size() == 20);
   CHECK(kept(filter(similar, source, {{"threshold", 3.5}})) == std::vector<int>{0, 4, 8, 12, 16});
   check_times(filter(similar, source, {{"threshold", 3.5}}), source);
   CHECK(kept(filter(similar, source, {{"threshold", 255}})) == std::vector<int>{0});
}

TEST_CASE("by likeness: repeats go, and a small thing that moves in a large picture stays") {
   const giflab_plugin &similar = plugin_of("frames", "org.giflab.drop_similar");
   const auto with_cursor = [](int32_t at) {
      return painted(200, 100, 0, 100'000, [at](int32_t x, int32_t y) -> std::array<uint8_t, 4> {
         const bool cursor = x >= at && x < at + 4 && y >= 50 && y < 60;
         return cursor ? std::array<uint8_t, 4>{0, 0, 0, 255} : std::array<uint8_t, 4>{250, 250, 250, 255};
      });
   };
   const std::vector<media::picture_pointer> source = {with_cursor(10), with_cursor(10), with_cursor(90),
                                                       with_cursor(90), with_cursor(10)};
   CHECK(filter(similar, source, {{"threshold", 0}}).pictures.size() == 3);
   CHECK(filter(similar, source, {{"threshold", 10}}).pictures.size() == 3);
   CHECK(filter(similar, source, {{"threshold", 0}}).duration_us() == 500'000);
   // What is not seen does not count: two holes of different hidden colours.
   const auto hole = [](uint8_t hidden) {
      return painted(9, 9, 0, 100'000, [hidden](int32_t, int32_t) -> std::array<uint8_t, 4> {
         return {hidden, 0, 0, 0};
      });
   };
   CHECK(filter(similar, {hole(1), hole(200)}, {{"threshold", 0}}).pictures.size() == 1);
}

} // namespace
} // namespace giflab::test
