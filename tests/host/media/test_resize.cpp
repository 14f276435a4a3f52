// Pictures at another size: colours weighted by alpha, timing untouched.

#include "gif_writer.hpp"
#include "made_up_reader.hpp"

#include "media/resize.hpp"

#include <doctest/doctest.h>

namespace giflab::tests {

namespace {

std::unique_ptr<media::reader> gif_of(const gif_writer &writer) {
   auto opened = media::open_gif("test.gif", media::byte_source(writer.file), {}, test_pool());
   REQUIRE(opened);
   return std::move(*opened);
}

} // namespace

TEST_CASE("transparent neighbours do not darken an edge") {
   gif_writer writer(4, 2, {{0, 0, 0}, {200, 100, 50}});
   writer.frame({.width = 4, .height = 2, .indices = {1, 0, 1, 1, 1, 0, 1, 1}, .transparent = 0}).trailer();
   const auto read = read_all(media::resized(gif_of(writer), 2, 1, media::resize_filter::area, test_pool()));
   REQUIRE(read.pictures.size() == 1);
   CHECK(pixel(*read.pictures[0], 0, 0) == 0xC8643280);
   CHECK(pixel(*read.pictures[0], 1, 0) == 0xC86432FF);
}

TEST_CASE("every filter keeps a flat picture, its timing and its facts") {
   using filter = media::resize_filter;
   for (const auto each : {filter::nearest, filter::bilinear, filter::bicubic, filter::area, filter::lanczos}) {
      auto source = std::make_unique<made_up_reader>("flat.gif", std::vector<moment>{{70, 30}});
      const auto read = read_all(media::resized(std::move(source), 51, 7, each, test_pool()));
      REQUIRE(read.pictures.size() == 1);
      CHECK(read.facts.width == 51);
      CHECK(read.facts.height == 7);
      CHECK(read.pictures[0]->duration_us == 30'000);
      for (const uint32_t each_pixel : pixels(*read.pictures[0]))
         REQUIRE(each_pixel == 0x464646FF);
   }
}

TEST_CASE("what changed is found again at the new size") {
   gif_writer writer(4, 4, {{0, 0, 0}, {255, 255, 255}});
   writer.frame({.width = 4, .height = 4, .indices = bytes(16, 0)});
   writer.frame({.x = 3, .y = 3, .indices = {1}}).frame({.indices = {0}}).trailer();
   auto resized = media::resized(gif_of(writer), 8, 8, media::resize_filter::nearest, test_pool());
   const auto read = read_all(std::move(resized));
   REQUIRE(read.pictures.size() == 3);
   CHECK(read.pictures[0]->changed.area == media::rectangle{0, 0, 8, 8});
   CHECK(read.pictures[1]->changed.area == media::rectangle{6, 6, 2, 2});
   CHECK(read.pictures[2]->changed.area.empty());
   CHECK(read.facts.showings[2].content == read.pictures[1]->content);
   CHECK(read.facts.frames.size() == 3);
}

} // namespace giflab::tests
