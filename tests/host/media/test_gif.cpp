// GIFs that are well: what is on show, for how long, and what a reader says about it.

#include "gif_writer.hpp"
#include "reading.hpp"

#include <doctest/doctest.h>

namespace giflab::tests {

namespace {

constexpr uint32_t dark = 0x010203FF, red = 0xC80000FF, green = 0x00C800FF, blue = 0x0000C8FF, clear = 0;

using colours = std::vector<uint32_t>;

written_frame whole(int width, int height, uint8_t index) {
   return {.width = width, .height = height, .indices = bytes(static_cast<std::size_t>(width * height), index)};
}

} // namespace

TEST_CASE("a frame that keeps is drawn over by the next") {
   for (const int disposal : {0, 1, 5}) {
      auto first = whole(3, 2, 1);
      first.disposal = disposal;
      const auto read = read_gif(gif_writer(3, 2, four_colours)
                                     .frame(first)
                                     .frame({.x = 1, .y = 1, .width = 2, .indices = {2, 3}})
                                     .trailer()
                                     .file);
      REQUIRE(read.pictures.size() == 2);
      CHECK(pixels(*read.pictures[0]) == colours{red, red, red, red, red, red});
      CHECK(pixels(*read.pictures[1]) == colours{red, red, red, red, green, blue});
      CHECK(read.pictures[1]->changed.area == media::rectangle{1, 1, 2, 1});
      CHECK_FALSE(read.facts.transparency);
   }
}

TEST_CASE("disposal to background leaves transparency, as browsers do") {
   const auto read = read_gif(gif_writer(3, 1, four_colours)
                                  .frame(whole(3, 1, 1))
                                  .frame({.width = 2, .indices = {2, 2}, .disposal = 2})
                                  .frame({.x = 1, .width = 2, .indices = {3, 0}, .transparent = 0})
                                  .trailer()
                                  .file);
   REQUIRE(read.pictures.size() == 3);
   CHECK(pixels(*read.pictures[1]) == colours{green, green, red});
   CHECK(pixels(*read.pictures[2]) == colours{clear, blue, red});
   CHECK(read.pictures[2]->changed.area == media::rectangle{0, 0, 2, 1});
   CHECK(read.facts.transparency);
}

TEST_CASE("disposal to previous takes a frame back, and 4 means the same") {
   for (const int disposal : {3, 4}) {
      const auto read = read_gif(gif_writer(3, 1, four_colours)
                                     .frame(whole(3, 1, 1))
                                     .frame({.width = 2, .indices = {2, 2}, .disposal = disposal})
                                     .frame({.x = 1, .indices = {3}, .disposal = disposal})
                                     .frame({.x = 2, .indices = {0}})
                                     .trailer()
                                     .file);
      REQUIRE(read.pictures.size() == 4);
      CHECK(pixels(*read.pictures[1]) == colours{green, green, red});
      CHECK(pixels(*read.pictures[2]) == colours{red, blue, red});
      CHECK(pixels(*read.pictures[3]) == colours{red, red, dark});
      CHECK(read.pictures[3]->changed.area == media::rectangle{1, 0, 2, 1});
   }
}

TEST_CASE("previous after background takes the canvas back to its cleared state") {
   const auto read = read_gif(gif_writer(2, 1, four_colours)
                                  .frame({.width = 2, .indices = {1, 1}, .disposal = 2})
                                  .frame({.indices = {2}, .disposal = 3})
                                  .frame({.x = 1, .indices = {3}})
                                  .trailer()
                                  .file);
   REQUIRE(read.pictures.size() == 3);
   CHECK(pixels(*read.pictures[1]) == colours{green, clear});
   CHECK(pixels(*read.pictures[2]) == colours{clear, blue});
}

TEST_CASE("interlaced rows come out in reading order, for every height up to 20") {
   for (int height = 1; height <= 20; ++height) {
      bytes rows;
      for (int y = 0; y < height; ++y)
         rows.insert(rows.end(), {static_cast<uint8_t>(y % 4), static_cast<uint8_t>(y / 4 % 4)});
      written_frame frame{.width = 2, .height = height, .indices = rows};
      const auto plain = read_gif(gif_writer(2, height, four_colours).frame(frame).trailer().file);
      frame.interlaced = true;
      const auto interlaced = read_gif(gif_writer(2, height, four_colours).frame(frame).trailer().file);
      REQUIRE(plain.pictures.size() == 1);
      REQUIRE(interlaced.pictures.size() == 1);
      CHECK(pixels(*plain.pictures[0]) == pixels(*interlaced.pictures[0]));
      CHECK(pixel(*plain.pictures[0], 0, height - 1) == colours{dark, red, green, blue}[(height - 1) % 4]);
      CHECK(interlaced.facts.frames[0].interlaced);
   }
}

TEST_CASE("frames are clipped to the canvas, also interlaced ones") {
   const auto read = read_gif(
       gif_writer(2, 2, four_colours)
           .frame(whole(2, 2, 1))
           .frame({.x = 1, .y = 1, .width = 3, .height = 2, .indices = {2, 3, 3, 3, 3, 3}, .interlaced = true})
           .frame({.x = 7, .y = 9, .indices = {3}})
           .trailer()
           .file);
   REQUIRE(read.pictures.size() == 3);
   CHECK(pixels(*read.pictures[1]) == colours{red, red, red, green});
   CHECK(pixels(*read.pictures[2]) == pixels(*read.pictures[1]));
   CHECK(read.pictures[2]->changed.area.empty());
   CHECK(read.pictures[2]->content == read.pictures[1]->content);
   REQUIRE(read.facts.warnings.size() == 1);
   CHECK(contains(read.facts.warnings[0], "frame 1 reaches over the canvas"));
   CHECK(read.facts.frames[1].area == media::rectangle{1, 1, 3, 2});
}

TEST_CASE("a first frame smaller than the canvas lies on transparency") {
   const auto read = read_gif(gif_writer(2, 1, four_colours).frame({.x = 1, .indices = {1}}).trailer().file);
   REQUIRE(read.pictures.size() == 1);
   CHECK(pixels(*read.pictures[0]) == colours{clear, red});
   CHECK(read.pictures[0]->changed.area == media::rectangle{0, 0, 2, 1});
}

TEST_CASE("hidden colours of transparent pixels do not matter") {
   const palette other{{9, 9, 9}, {200, 0, 0}};
   const auto one = read_gif(
       gif_writer(2, 1, four_colours).frame({.width = 2, .indices = {0, 1}, .transparent = 0}).trailer().file);
   const auto two = read_gif(
       gif_writer(2, 1, other).frame({.width = 2, .indices = {0, 1}, .transparent = 0}).trailer().file);
   REQUIRE(one.pictures.size() == 1);
   REQUIRE(two.pictures.size() == 1);
   CHECK(one.pictures[0]->content == two.pictures[0]->content);
   CHECK(one.pictures[0]->content != 0);
}

TEST_CASE("a local palette counts for its frame alone, and indexed pictures follow") {
   const palette local{{5, 5, 5}, {6, 6, 6}};
   const auto read = read_gif(gif_writer(2, 1, four_colours)
                                  .frame(whole(2, 1, 1))
                                  .frame({.indices = {1}, .local = local})
                                  .frame({.x = 1, .indices = {2}})
                                  .trailer()
                                  .file);
   REQUIRE(read.pictures.size() == 3);
   CHECK(pixels(*read.pictures[2]) == colours{0x060606FF, green});
   for (const auto &each : read.pictures) {
      REQUIRE(each->indexed());
      CHECK(indexed_pixels(*each) == pixels(*each));
   }
   CHECK(read.facts.frames[1].local_colours == 2);
   CHECK(read.facts.global_colours == 4);
}

TEST_CASE("indices go where a canvas has too many colours, and come back with a repaint") {
   palette all_reds, all_greens;
   bytes every;
   for (int i = 0; i < 256; ++i) {
      all_reds.push_back({static_cast<uint8_t>(i), 0, 1});
      all_greens.push_back({0, static_cast<uint8_t>(i), 2});
      every.push_back(static_cast<uint8_t>(i));
   }
   const written_frame full{.width = 16, .height = 16, .indices = every, .code_size = 8};
   written_frame half{.width = 16, .height = 8, .indices = bytes(every.begin(), every.begin() + 128)};
   half.local = all_greens;
   half.code_size = 8;
   auto repaint = full;
   repaint.local = all_greens;
   const auto read =
       read_gif(gif_writer(16, 16, all_reds).frame(full).frame(half).frame(repaint).trailer().file);
   REQUIRE(read.pictures.size() == 3);
   REQUIRE(read.pictures[0]->indexed());
   CHECK(indexed_pixels(*read.pictures[0]) == pixels(*read.pictures[0]));
   CHECK_FALSE(read.pictures[1]->indexed());
   REQUIRE(read.pictures[2]->indexed());
   CHECK(indexed_pixels(*read.pictures[2]) == pixels(*read.pictures[2]));
}

TEST_CASE("delays play as in browsers, or as stored") {
   gif_writer writer(1, 1, four_colours);
   for (const int hundredths : {0, 1, 2, 7}) {
      auto frame = whole(1, 1, static_cast<uint8_t>(hundredths % 4));
      frame.delay_hundredths = hundredths;
      writer.frame(frame);
   }
   writer.trailer();
   const auto durations = [](const read_file &read) {
      std::vector<int64_t> all;
      for (const auto &each : read.pictures)
         all.push_back(each->duration_us);
      return all;
   };
   const auto as_browsers = read_gif(writer.file);
   CHECK(durations(as_browsers) == std::vector<int64_t>{100000, 100000, 20000, 70000});
   REQUIRE(as_browsers.facts.showings.size() == 4);
   CHECK(as_browsers.facts.showings[3].start_us == 220000);
   CHECK(as_browsers.facts.frames[1].delay_ms == 10);
   const auto as_stored = read_gif(writer.file, {.limits = {}, .browser_delays = false});
   CHECK(durations(as_stored) == std::vector<int64_t>{0, 10000, 20000, 70000});
}

TEST_CASE("a GIF of one picture is a still, whatever its delay") {
   const auto read = read_gif(gif_writer(1, 1, four_colours).frame(whole(1, 1, 1)).trailer().file);
   REQUIRE(read.pictures.size() == 1);
   CHECK(read.pictures[0]->duration_us == 0);
   CHECK(read.facts.showings[0].duration_us == 0);
}

TEST_CASE("a repeat count of N plays N + 1 times, 0 for ever, none once") {
   const auto plays = [](gif_writer writer) {
      return read_gif(writer.frame(whole(1, 1, 1)).trailer().file).facts.loop_count;
   };
   CHECK(plays(gif_writer(1, 1, four_colours)) == 1);
   CHECK(plays(gif_writer(1, 1, four_colours).loop(0)) == 0);
   CHECK(plays(gif_writer(1, 1, four_colours).loop(1)) == 2);
   CHECK(plays(gif_writer(1, 1, four_colours).loop(65535)) == 65536);
   auto late = gif_writer(1, 1, four_colours).frame(whole(1, 1, 1)).loop(4).trailer().file;
   CHECK(read_gif(late).facts.loop_count == 5);
}

TEST_CASE("GIF87a has no control blocks") {
   auto frame = whole(2, 1, 3);
   frame.with_control = false;
   const auto read = read_gif(gif_writer(2, 1, four_colours, "GIF87a").frame(frame).trailer().file);
   REQUIRE(read.pictures.size() == 1);
   CHECK(read.facts.format == "GIF87a");
   CHECK(pixels(*read.pictures[0]) == colours{blue, blue});
}

TEST_CASE("long codes, full tables and repeated strings survive packing and unpacking") {
   palette greys;
   for (int i = 0; i < 256; ++i)
      greys.push_back({static_cast<uint8_t>(i), static_cast<uint8_t>(i), static_cast<uint8_t>(i)});
   bytes noise, flat(200 * 150, 77);
   uint32_t state = 1;
   for (int i = 0; i < 200 * 150; ++i) {
      state = state * 1664525u + 1013904223u;
      noise.push_back(static_cast<uint8_t>(state >> 24));
   }
   const auto read = read_gif(gif_writer(200, 150, greys)
                                  .frame({.width = 200, .height = 150, .indices = noise, .code_size = 8})
                                  .frame({.width = 200, .height = 150, .indices = flat, .code_size = 8})
                                  .trailer()
                                  .file);
   REQUIRE(read.refusal == "");
   REQUIRE(read.pictures.size() == 2);
   for (int y = 0; y < 150; ++y)
      for (int x = 0; x < 200; ++x) {
         REQUIRE(read.pictures[0]->rgba().row<uint8_t>(y)[4 * x] ==
                 noise[static_cast<std::size_t>(y * 200 + x)]);
         REQUIRE(read.pictures[1]->rgba().row<uint8_t>(y)[4 * x] == 77);
      }
}

TEST_CASE("rewinding gives the same pictures and no facts twice") {
   const auto file = gif_writer(2, 1, four_colours)
                         .frame(whole(2, 1, 1))
                         .frame({.x = 1, .width = 3, .indices = {2, 2, 2}})
                         .trailer()
                         .file;
   const auto opened = media::open_gif("test.gif", media::byte_source(file), {}, test_pool());
   REQUIRE(opened);
   std::vector<uint64_t> contents;
   for (int pass = 0; pass < 2; ++pass) {
      for (auto next = (*opened)->next(); next && *next; next = (*opened)->next())
         contents.push_back((*next)->content);
      REQUIRE((*opened)->rewind());
   }
   REQUIRE(contents.size() == 4);
   CHECK(contents[0] == contents[2]);
   CHECK(contents[1] == contents[3]);
   CHECK((*opened)->facts().frames.size() == 2);
   CHECK((*opened)->facts().showings.size() == 2);
   CHECK((*opened)->facts().warnings.size() == 1);
}

TEST_CASE("memory does not grow with the number of frames") {
   const auto peak = [](int frames) {
      gif_writer writer(64, 64, four_colours);
      for (int i = 0; i < frames; ++i) {
         auto frame = whole(64, 64, static_cast<uint8_t>(i % 4));
         frame.disposal = i % 4;
         writer.frame(frame);
      }
      services::block_pool pool(0);
      const auto opened = media::open_gif("test.gif", media::byte_source(writer.trailer().file), {}, pool);
      REQUIRE(opened);
      int count = 0;
      for (auto next = (*opened)->next(); next && *next; next = (*opened)->next())
         ++count;
      CHECK(count == frames);
      return pool.peak_bytes();
   };
   const auto few = peak(8);
   CHECK(few > 0);
   CHECK(peak(400) == few);
}

TEST_CASE("a frame's bytes are counted with its extensions and palette") {
   gif_writer writer(1, 1, four_colours);
   const auto start = static_cast<int64_t>(writer.file.size());
   writer.frame(whole(1, 1, 1));
   const auto second = static_cast<int64_t>(writer.file.size());
   writer.frame({.indices = {1}, .local = four_colours}).trailer();
   const auto read = read_gif(writer.file);
   REQUIRE(read.facts.frames.size() == 2);
   CHECK(read.facts.frames[0].bytes == second - start);
   CHECK(read.facts.frames[1].bytes == static_cast<int64_t>(writer.file.size()) - 1 - second);
}

} // namespace giflab::tests
