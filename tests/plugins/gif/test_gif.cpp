// What goes into the GIF encoder comes out of a reader: pixels, times, loops.

#include "encoding.hpp"
#include "scratch_folder.hpp"

#include <fmt/format.h>
#include <numeric>

namespace giflab::test {
namespace {

namespace fs = std::filesystem;

const giflab_plugin &encoder() { return plugin_of("gif", "org.giflab.gif"); }

using pixel = std::array<uint8_t, 4>;
constexpr pixel hole = {0, 0, 0, 0};

// Encodes and reads again.
decoded round_trip(const std::vector<media::picture_pointer> &pictures, int32_t loop_count = 0) {
   const tests::scratch_folder folder;
   REQUIRE(encode(encoder(), pictures, loop_count, folder.file("made.gif")) == GIFLAB_OK);
   decoded made = decode(folder.file("made.gif"));
   CHECK(made.facts.warnings.empty());
   return made;
}

void check_same(const std::vector<media::picture_pointer> &pictures, const decoded &made) {
   REQUIRE(made.pictures.size() == pictures.size());
   for (std::size_t i = 0; i < pictures.size(); ++i) {
      CAPTURE(i);
      CHECK(same_pixels(*pictures[i], *made.pictures[i]));
   }
}

int32_t local_palettes(const decoded &made) {
   return static_cast<int32_t>(std::count_if(made.facts.frames.begin(), made.facts.frames.end(),
                                             [](const auto &frame) { return frame.local_colours > 0; }));
}

TEST_CASE("every GIF of the corpus comes back pixel for pixel, with its times and loops") {
   const fs::path corpus = fs::path(SHARED_DIRECTORY) / "corpus";
   if (!fs::exists(corpus)) {
      MESSAGE("skipped: no corpus at ", corpus.string());
      return;
   }
   int files = 0;
   for (const auto &entry : fs::directory_iterator(corpus)) {
      // The larger ones say nothing that these do not, and take long.
      if (entry.path().extension() != ".gif" || entry.file_size() > 300'000)
         continue;
      CAPTURE(entry.path().filename().string());
      const decoded source = decode(entry.path().string());
      const decoded made = round_trip(source.pictures, source.facts.loop_count);
      check_same(source.pictures, made);
      CHECK(made.duration_us() == source.duration_us());
      CHECK(made.facts.loop_count == source.facts.loop_count);
      for (std::size_t i = 0; i < source.pictures.size(); ++i)
         CHECK(made.pictures[i]->duration_us == source.pictures[i]->duration_us);
      ++files;
   }
   CHECK(files >= 20);
}

// Noise of so many colours, and holes.
media::picture_pointer noisy(int32_t width, int32_t height, int colours, uint64_t seed, bool holes) {
   return painted(width, height, 0, 100'000, [=](int32_t x, int32_t y) -> pixel {
      const int64_t at = int64_t{y} * width + x;
      if (holes && noise(seed + 1, at) < 60)
         return hole;
      const int level = noise(seed, at) % colours;
      return {static_cast<uint8_t>(level), static_cast<uint8_t>(level * 7), static_cast<uint8_t>(255 - level),
              255};
   });
}

TEST_CASE("pictures of odd sizes come back, holes that open and close among them") {
   for (const auto [width, height] : odd_sizes) {
      CAPTURE(width);
      CAPTURE(height);
      for (const int colours : {1, 2, 3, 17, 255}) {
         std::vector<media::picture_pointer> pictures;
         for (uint64_t i = 0; i < 6; ++i)
            pictures.push_back(noisy(width, height, colours, 10 * i, i % 3 != 0));
         check_same(pictures, round_trip(pictures));
      }
      const std::vector<media::picture_pointer> opaque = {noisy(width, height, 256, 1, false),
                                                          noisy(width, height, 256, 2, false)};
      check_same(opaque, round_trip(opaque));
   }
}

TEST_CASE("a picture without any pixel to be seen, and one that appears and goes") {
   const auto empty = painted(5, 4, 0, 100'000, [](int32_t, int32_t) { return hole; });
   const auto dot = painted(5, 4, 0, 100'000, [](int32_t x, int32_t y) -> pixel {
      return x == 2 && y == 1 ? pixel{9, 8, 7, 255} : hole;
   });
   for (const auto &pictures : {std::vector{empty}, {empty, dot, empty}, {dot, empty, empty, dot}})
      check_same(pictures, round_trip(pictures));
}

TEST_CASE("frames paint what changed, and local palettes come only where the global one is full") {
   std::vector<media::picture_pointer> still_with_dot;
   for (int32_t i = 0; i < 5; ++i)
      still_with_dot.push_back(painted(40, 30, 0, 100'000, [i](int32_t x, int32_t y) -> pixel {
         return x == 10 + i && y == 7 ? pixel{255, 0, 0, 255} : pixel{static_cast<uint8_t>(5 * x), 0, 9, 255};
      }));
   const decoded made = round_trip(still_with_dot);
   check_same(still_with_dot, made);
   CHECK(local_palettes(made) == 0);
   for (std::size_t i = 1; i < made.facts.frames.size(); ++i) {
      CHECK(made.facts.frames[i].area.width <= 2);
      CHECK(made.facts.frames[i].area.height == 1);
   }
   const std::vector<media::picture_pointer> two_worlds = {
       noisy(64, 64, 200, 1, false), painted(64, 64, 0, 100'000, [](int32_t x, int32_t y) -> pixel {
          return {200, static_cast<uint8_t>(x * 3), static_cast<uint8_t>(y), 255};
       })};
   const decoded split = round_trip(two_worlds);
   CHECK(split.facts.frames[0].local_colours == 0);
   CHECK(split.facts.frames[1].local_colours > 0);
   CHECK(same_pixels(*two_worlds[0], *split.pictures[0]));
}

TEST_CASE("more than 256 colours become the nearest of 256, and what stands still keeps its own") {
   const auto many = [](uint8_t corner) {
      return painted(80, 60, 0, 100'000, [corner](int32_t x, int32_t y) -> pixel {
         if (x < 4 && y < 4)
            return {corner, corner, corner, 255};
         return {static_cast<uint8_t>(3 * x), static_cast<uint8_t>(4 * y), static_cast<uint8_t>(x + y), 255};
      });
   };
   const std::vector<media::picture_pointer> pictures = {many(0), many(255)};
   const decoded made = round_trip(pictures);
   REQUIRE(made.pictures.size() == 2);
   double error = 0;
   for (int32_t y = 0; y < 60; ++y)
      for (int32_t x = 0; x < 80 * 4; ++x) {
         const double d = pictures[0]->rgba().row<uint8_t>(y)[x] - made.pictures[0]->rgba().row<uint8_t>(y)[x];
         error += d * d;
         if (x >= 16 || y >= 4)
            CHECK(made.pictures[0]->rgba().row<uint8_t>(y)[x] == made.pictures[1]->rgba().row<uint8_t>(y)[x]);
      }
   CHECK(error / (80 * 60 * 3) < 40); // 4800 colours of a slope: 6 levels a channel
   CHECK(made.facts.frames[1].area.width == 4);
}

TEST_CASE("delays are rounded by the moment, not one by one") {
   std::vector<media::picture_pointer> pictures;
   for (int i = 0; i < 60; ++i) // a second at 60 Hz
      pictures.push_back(painted(3, 7, 0, i % 3 == 2 ? 16'666 : 16'667, [i](int32_t, int32_t) -> pixel {
         return {static_cast<uint8_t>(i), 0, 0, 255};
      }));
   const decoded made = round_trip(pictures);
   CHECK(made.duration_us() == 1'000'000);
   int64_t shown = 0, wanted = 0;
   for (std::size_t i = 0; i < pictures.size(); ++i) {
      shown += made.pictures[i]->duration_us;
      wanted += pictures[i]->duration_us;
      CHECK(std::abs(shown - wanted) <= 5'000);
   }
}

TEST_CASE("a picture on show for longer than a delay can say stays so long") {
   const std::vector<media::picture_pointer> pictures = {
       painted(4, 4, 0, 2'000'000'000,
               [](int32_t x, int32_t) -> pixel {
                  return x < 2 ? hole : pixel{1, 2, 3, 255};
               }),
       painted(4, 4, 0, 100'000, [](int32_t x, int32_t) -> pixel {
          return x >= 2 ? hole : pixel{1, 2, 3, 255};
       })};
   const decoded made = round_trip(pictures);
   CHECK(made.duration_us() == 2'000'100'000);
   CHECK(same_pixels(*made.pictures.front(), *pictures[0]));
   CHECK(same_pixels(*made.pictures[made.pictures.size() - 2], *pictures[0]));
   CHECK(same_pixels(*made.pictures.back(), *pictures[1]));
}

TEST_CASE("loops: for ever, once, a number of times") {
   const std::vector<media::picture_pointer> pictures = {noisy(4, 4, 3, 1, false), noisy(4, 4, 3, 2, false)};
   for (const int32_t loops : {0, 1, 2, 4, 65536})
      CHECK(round_trip(pictures, loops).facts.loop_count == loops);
}

TEST_CASE("a folder that is not there is refused, and a clip too large for a GIF") {
   const std::vector<media::picture_pointer> pictures = {noisy(4, 4, 3, 1, false)};
   CHECK(encode(encoder(), pictures, 0, "/nowhere/a.gif") == GIFLAB_IO);
   const std::vector<media::picture_pointer> wide = {noisy(65'536, 1, 3, 1, false)};
   CHECK(encode(encoder(), wide, 0, "/nowhere/a.gif") == GIFLAB_UNSUPPORTED);
}

} // namespace
} // namespace giflab::test
