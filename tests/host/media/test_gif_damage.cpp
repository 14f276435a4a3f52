// GIFs that are not well: each class of damage has one answer, always the same (host/media/README.md).

#include "gif_writer.hpp"
#include "reading.hpp"

#include <doctest/doctest.h>

namespace giflab::tests {

namespace {

written_frame plain(uint8_t index = 1) { return {.width = 2, .height = 2, .indices = bytes(4, index)}; }

// A file whose second frame has these data.
bytes with_second(const bytes &packed) {
   return gif_writer(2, 2, four_colours).frame(plain()).head(plain(2)).data(packed).trailer().file;
}

bytes with_first(const bytes &packed) {
   return gif_writer(2, 2, four_colours).head(plain()).data(packed).trailer().file;
}

// One picture out of a file of which the rest is damaged for this reason.
void check_salvaged(const read_file &read, const std::string &reason) {
   CHECK(read.refusal == "");
   CHECK(read.pictures.size() == 1);
   REQUIRE(read.facts.warnings.size() == 1);
   INFO(read.facts.warnings[0]);
   CHECK(contains(read.facts.warnings[0], "damaged after frame 0: at byte "));
   CHECK(contains(read.facts.warnings[0], reason));
   CHECK(read.facts.showings.size() == 1);
}

void check_refused(const read_file &read, const std::string &reason) {
   INFO(read.refusal);
   CHECK(read.pictures.empty());
   CHECK(contains(read.refusal, "test.gif: "));
   CHECK(contains(read.refusal, reason));
   CHECK(contains(read.refusal, "; "));
}

bytes codes(std::initializer_list<int> all) {
   code_stream stream(3);
   for (const int each : all)
      stream.put(each);
   return stream.finished();
}

constexpr int start = 4, end = 5; // for two bits a pixel

} // namespace

TEST_CASE("an impossible LZW code") {
   check_salvaged(read_gif(with_second(codes({start, 1, 7}))), "an impossible LZW code comes after 1 of 4");
   check_refused(read_gif(with_first(codes({start, 6}))), "an impossible LZW code comes after 0 of 4");
}

TEST_CASE("too few pixels") {
   check_salvaged(read_gif(with_second(codes({start, 1, 1, end}))), "the LZW data end after 2 of 4 pixels");
   check_refused(read_gif(with_first({})), "the LZW data end after 0 of 4 pixels");
}

TEST_CASE("too many pixels, whatever comes behind them, are cut off with a warning") {
   const auto read = read_gif(with_first(codes({start, 1, 2, start, 3, 0, start, 1, 1, 7})));
   CHECK(read.refusal == "");
   REQUIRE(read.pictures.size() == 1);
   CHECK(pixel(*read.pictures[0], 1, 1) == 0x010203FF);
   REQUIRE(read.facts.warnings.size() == 1);
   CHECK(contains(read.facts.warnings[0], "frame 0 codes more than its 4 pixels"));
}

TEST_CASE("a missing end code is nobody's loss") {
   const auto read = read_gif(with_first(codes({start, 1, 2, start, 3, 0})));
   CHECK(read.pictures.size() == 1);
   CHECK(read.facts.warnings.empty());
}

TEST_CASE("a file cut anywhere gives its whole frames or says why not") {
   const auto file = gif_writer(2, 2, four_colours).loop(0).frame(plain(1)).frame(plain(2)).trailer().file;
   std::size_t most = 0;
   for (std::size_t length = 1; length < file.size(); ++length) {
      const auto read = read_gif(bytes(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(length)));
      CAPTURE(length);
      CHECK(read.pictures.empty() == !read.refusal.empty());
      CHECK(read.pictures.size() >= most);
      most = std::max(most, read.pictures.size());
      if (!read.pictures.empty())
         CHECK(read.facts.warnings.size() == 1);
   }
   CHECK(most == 2);
}

TEST_CASE("a file that ends inside a frame") {
   auto file = with_second(lzw_packed(bytes(4, 2), 2));
   file.resize(file.size() - 4);
   check_salvaged(read_gif(file), "the file ends inside the pixel data");
}

TEST_CASE("a missing trailer") {
   auto file = gif_writer(2, 2, four_colours).frame(plain(1)).frame(plain(2)).file;
   const auto read = read_gif(file);
   CHECK(read.pictures.size() == 2);
   REQUIRE(read.facts.warnings.size() == 1);
   CHECK(contains(read.facts.warnings[0], "without a trailer; every frame is whole"));
}

TEST_CASE("bytes after the trailer") {
   auto file = gif_writer(2, 2, four_colours).frame(plain(1)).frame(plain(2)).trailer().file;
   file.insert(file.end(), {1, 2, 3});
   const auto read = read_gif(file);
   CHECK(read.pictures.size() == 2);
   REQUIRE(read.facts.warnings.size() == 1);
   CHECK(contains(read.facts.warnings[0], "3 bytes after the trailer"));
}

TEST_CASE("garbage between blocks") {
   auto file = gif_writer(2, 2, four_colours).frame(plain(1)).file;
   file.insert(file.end(), {0x00, 0x2C, 0x3B});
   check_salvaged(read_gif(file), "byte 0x00 begins no block");
   auto at_once = gif_writer(2, 2, four_colours).file;
   at_once.push_back(0x77);
   check_refused(read_gif(at_once), "byte 0x77 begins no block");
}

TEST_CASE("LZW code sizes that cannot be; 1 is read, as everywhere") {
   for (const int size : {0, 9, 12, 255}) {
      auto frame = plain();
      frame.code_size = size;
      check_refused(read_gif(gif_writer(2, 2, four_colours).head(frame).data({1, 2, 3, 4}).trailer().file),
                    "the LZW code size " + std::to_string(size) + " is not 2 to 8");
   }
   auto narrow = plain();
   narrow.code_size = 1;
   CHECK(read_gif(gif_writer(2, 2, four_colours).frame(narrow).trailer().file).pictures.size() == 1);
}

TEST_CASE("no palette at all") {
   check_refused(read_gif(gif_writer(2, 2, {}).frame(plain()).trailer().file), "the frame has no palette");
   auto first = plain();
   first.local = four_colours;
   check_salvaged(read_gif(gif_writer(2, 2, {}).frame(first).frame(plain()).trailer().file),
                  "the frame has no palette");
}

TEST_CASE("colours beyond the palette are black, with a warning") {
   const auto read = read_gif(gif_writer(2, 2, {{9, 9, 9}, {8, 8, 8}}).frame(plain(3)).trailer().file);
   REQUIRE(read.pictures.size() == 1);
   CHECK(pixel(*read.pictures[0], 0, 0) == 0x000000FF);
   REQUIRE(read.facts.warnings.size() == 1);
   CHECK(contains(read.facts.warnings[0], "frame 0 uses colour 3 of a palette of 2"));
   auto hidden = plain(3);
   hidden.transparent = 3;
   CHECK(
       read_gif(gif_writer(2, 2, {{9, 9, 9}, {8, 8, 8}}).frame(hidden).trailer().file).facts.warnings.empty());
}

TEST_CASE("a canvas without a size takes what the first frame reaches") {
   for (const auto &[width, height] : {std::pair{0, 0}, {0, 5}, {5, 0}}) {
      auto frame = plain();
      frame.x = 1;
      const auto read = read_gif(gif_writer(width, height, four_colours).frame(frame).trailer().file);
      REQUIRE(read.pictures.size() == 1);
      CHECK(read.facts.width == 3);
      CHECK(read.facts.height == 2);
      CHECK(pixel(*read.pictures[0], 0, 0) == 0);
      CHECK(read.facts.warnings.size() == 1);
   }
}

TEST_CASE("a frame without a size draws nothing but takes its time") {
   const auto read = read_gif(gif_writer(2, 2, four_colours)
                                  .frame(plain())
                                  .frame({.width = 0, .height = 7, .indices = {}, .delay_hundredths = 30})
                                  .trailer()
                                  .file);
   REQUIRE(read.pictures.size() == 2);
   CHECK(read.pictures[1]->content == read.pictures[0]->content);
   CHECK(read.pictures[1]->duration_us == 300000);
   REQUIRE(read.facts.warnings.size() == 1);
   CHECK(contains(read.facts.warnings[0], "frame 1 is 0x7"));
   check_refused(read_gif(gif_writer(0, 0, four_colours).frame({.width = 0, .height = 0}).trailer().file),
                 "neither the canvas nor the first frame has a size");
}

TEST_CASE("a header alone") {
   check_refused(read_gif(gif_writer(2, 2, four_colours).trailer().file), "the file ends without any image");
   check_refused(read_gif({'G', 'I', 'F', '8', '9', 'a'}), "the file ends inside the header");
   check_refused(read_gif({'G', 'I', 'F', '8', '8', 'a', 1, 0, 1, 0, 0, 0, 0}), "neither GIF87a nor GIF89a");
}

TEST_CASE("limits name themselves and their option, before memory is taken") {
   services::block_pool pool(0);
   const auto refusal = [&](const bytes &file, const media::limits &most) {
      return read_all(media::open_gif("test.gif", media::byte_source(file), {.limits = most}, pool)).refusal;
   };
   const auto canvas = gif_writer(65535, 65535, four_colours).frame(plain()).trailer().file;
   CHECK(contains(refusal(canvas, {}), "a canvas of 65535x65535 is over the limit of 67108864 pixels"));
   CHECK(contains(refusal(canvas, {}), "--max-pixels"));
   const auto frame =
       gif_writer(2, 2, four_colours).head({.width = 60000, .height = 60000}).data({1}).trailer().file;
   CHECK(contains(refusal(frame, {}), "a frame of 60000x60000 is over the limit"));
   CHECK(pool.peak_bytes() == 0);
   const auto three =
       gif_writer(2, 2, four_colours).frame(plain()).frame(plain()).frame(plain()).trailer().file;
   CHECK(contains(refusal(three, {.max_frames = 2}), "has more than 2 frames"));
   CHECK(contains(refusal(three, {.max_frames = 2}), "--max-frames"));
}

TEST_CASE("a frame that its bytes cannot fill takes no memory") {
   services::block_pool pool(0);
   const auto file =
       gif_writer(4000, 4000, four_colours).head({.width = 4000, .height = 4000}).data({1, 2}).file;
   const auto read = read_all(media::open_gif("test.gif", media::byte_source(file), {}, pool));
   check_refused(read, "a frame of 4000x4000 cannot come out of the 4 bytes left");
   CHECK(pool.peak_bytes() == 0);
}

TEST_CASE("an error stays until the file is rewound") {
   const auto opened = media::open_gif("test.gif", media::byte_source(with_first({})), {}, test_pool());
   REQUIRE(opened);
   const auto once = (*opened)->next(), twice = (*opened)->next();
   REQUIRE_FALSE(once);
   REQUIRE_FALSE(twice);
   CHECK(once.error().text == twice.error().text);
   REQUIRE((*opened)->rewind());
   CHECK_FALSE((*opened)->next());
}

} // namespace giflab::tests
