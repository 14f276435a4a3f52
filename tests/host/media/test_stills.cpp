// PNG, JPEG and WebP files, folders of them, and what is said of files that are none.

#include "reading.hpp"

#include "media/natural_order.hpp"
#include "media/still_header.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <fstream>
#include <iostream>
#include <opencv2/imgcodecs.hpp>
#include <sys/stat.h>

namespace giflab::tests {

namespace {

using bytes = std::vector<uint8_t>;

bytes encoded(const char *ending, const cv::Mat &pixels, const std::vector<int> &parameters = {}) {
   bytes file;
   cv::imencode(ending, pixels, file, parameters);
   return file;
}

void write(const std::string &path, const bytes &content) {
   std::ofstream(path, std::ios::binary)
       .write(reinterpret_cast<const char *>(content.data()), static_cast<std::streamsize>(content.size()));
}

bytes content_of(const std::string &path) {
   std::ifstream file(path, std::ios::binary);
   return {std::istreambuf_iterator<char>(file), {}};
}

read_file read_bytes(const bytes &content, const media::reading_options &options = {}) {
   const scratch_folder folder;
   write(folder.file("picture"), content);
   return read_all(media::open(folder.file("picture"), options, test_pool()));
}

// Blue, green, red, alpha: as OpenCV has them.
cv::Mat bgra() {
   cv::Mat made(1, 3, CV_8UC4);
   made.at<cv::Vec4b>(0, 0) = {3, 2, 1, 255};
   made.at<cv::Vec4b>(0, 1) = {30, 20, 10, 128};
   made.at<cv::Vec4b>(0, 2) = {9, 9, 9, 0};
   return made;
}

// A PNG that calls one grey transparent.
bytes with_transparent_grey(const cv::Mat &pixels, uint16_t grey, const std::vector<int> &parameters = {}) {
   bytes file = encoded(".png", pixels, parameters);
   bytes chunk{'t', 'R', 'N', 'S', static_cast<uint8_t>(grey >> 8), static_cast<uint8_t>(grey)};
   uint32_t checksum = 0xFFFFFFFF;
   for (const uint8_t byte : chunk) {
      checksum ^= byte;
      for (int bit = 0; bit < 8; ++bit)
         checksum = checksum >> 1 ^ (checksum & 1 ? 0xEDB88320 : 0);
   }
   for (int shift = 24; shift >= 0; shift -= 8)
      chunk.push_back(static_cast<uint8_t>(~checksum >> shift));
   chunk.insert(chunk.begin(), {0, 0, 0, 2});
   const bytes data{'I', 'D', 'A', 'T'};
   file.insert(std::search(file.begin(), file.end(), data.begin(), data.end()) - 4, chunk.begin(), chunk.end());
   return file;
}

// What goes to the descriptor of standard error while it exists.
class stderr_catcher {
 public:
   stderr_catcher() : saved_(::dup(2)) {
      const int file = ::open(folder_.file("stderr").c_str(), O_CREAT | O_WRONLY | O_TRUNC, 0600);
      ::dup2(file, 2);
      ::close(file);
   }
   ~stderr_catcher() {
      ::dup2(saved_, 2);
      ::close(saved_);
   }
   bytes caught() const {
      std::cerr.flush();
      std::fflush(stderr);
      return content_of(folder_.file("stderr"));
   }

 private:
   scratch_folder folder_;
   int saved_;
};

cv::Mat gradient(int width, int height) {
   cv::Mat made(height, width, CV_8UC3);
   for (int y = 0; y < height; ++y)
      for (int x = 0; x < width; ++x)
         made.at<cv::Vec3b>(y, x) = {static_cast<uint8_t>(x * 3), static_cast<uint8_t>(y * 5),
                                     static_cast<uint8_t>(x * y)};
   return made;
}

} // namespace

TEST_CASE("PNG with alpha; transparent pixels lose their hidden colour") {
   const auto read = read_bytes(encoded(".png", bgra()));
   REQUIRE(read.pictures.size() == 1);
   CHECK(pixels(*read.pictures[0]) == std::vector<uint32_t>{0x010203FF, 0x0A141E80, 0});
   CHECK(read.facts.format == "PNG");
   CHECK(read.facts.transparency);
   CHECK(read.pictures[0]->duration_us == 0);
   CHECK(read.facts.showings.size() == 1);
}

TEST_CASE("16 bits are rounded to 8, grey becomes colour") {
   cv::Mat deep(1, 3, CV_16UC1);
   deep.at<uint16_t>(0, 0) = 65535;
   deep.at<uint16_t>(0, 1) = 128; // 0.498 of a step of 257
   deep.at<uint16_t>(0, 2) = 129; // 0.502
   const auto read = read_bytes(encoded(".png", deep));
   REQUIRE(read.pictures.size() == 1);
   CHECK(pixels(*read.pictures[0]) == std::vector<uint32_t>{0xFFFFFFFF, 0x000000FF, 0x010101FF});
}

TEST_CASE("a grey that a PNG calls transparent is") {
   const auto check = [](const bytes &file, const std::vector<uint32_t> &expected) {
      const auto read = read_bytes(file);
      REQUIRE(read.pictures.size() == 1);
      CHECK(pixels(*read.pictures[0]) == expected);
      CHECK(read.facts.transparency);
   };
   const cv::Mat grey = (cv::Mat_<uint8_t>(1, 3) << 77, 78, 0),
                 deep = (cv::Mat_<uint16_t>(1, 2) << 30000, 30001),
                 black_and_white = (cv::Mat_<uint8_t>(1, 2) << 0, 255);
   check(with_transparent_grey(grey, 77), {0, 0x4E4E4EFF, 0x000000FF});
   check(with_transparent_grey(deep, 30001), {0x757575FF, 0}); // though both are 117 in eight bits
   check(with_transparent_grey(black_and_white, 1, {cv::IMWRITE_PNG_BILEVEL, 1}), {0x000000FF, 0});
}

TEST_CASE("lossless WebP keeps its pixels") {
   const auto read = read_bytes(encoded(".webp", gradient(20, 9), {cv::IMWRITE_WEBP_QUALITY, 101}));
   REQUIRE(read.pictures.size() == 1);
   CHECK(read.facts.format == "WebP");
   CHECK(pixel(*read.pictures[0], 7, 3) == 0x150F15FF);
}

TEST_CASE("EXIF turns a JPEG as browsers do") {
   auto file = encoded(".jpg", gradient(40, 24));
   const bytes turned{0xFF, 0xE1, 0,    34, 'E', 'x', 'i', 'f', 0, 0, 'M', 'M', 0, 42, 0, 0, 0, 8,
                      0,    1,    0x01, 18, 0,   3,   0,   0,   0, 1, 0,   6,   0, 0,  0, 0, 0, 0};
   file.insert(file.begin() + 2, turned.begin(), turned.end());
   const auto read = read_bytes(file);
   REQUIRE(read.refusal == "");
   CHECK(read.facts.width == 24);
   CHECK(read.facts.height == 40);
}

TEST_CASE("damaged stills are refused, and nobody speaks on standard error") {
   const stderr_catcher catcher;
   for (const std::string ending : {".png", ".jpg", ".webp"}) {
      const auto whole = encoded(ending.c_str(), gradient(200, 100));
      CAPTURE(ending);
      auto cut = whole;
      cut.resize(whole.size() / 2);
      const std::string refusal = read_bytes(cut).refusal;
      CAPTURE(refusal);
      CHECK(contains(refusal, "are damaged"));
      auto header_only = whole;
      header_only.resize(16);
      CHECK(contains(read_bytes(header_only).refusal, "is damaged or cut off"));
   }
   auto changed = encoded(".png", gradient(200, 100));
   changed[changed.size() / 2] ^= 0x55;
   CHECK(contains(read_bytes(changed).refusal, "are damaged (libpng error"));
   CHECK(catcher.caught().empty());
}

TEST_CASE("what others write to standard error still comes out") {
   (void)read_bytes({1, 2, 3});
   (void)read_bytes(encoded(".png", bgra())); // from here on complaints are listened to
   const stderr_catcher catcher;
   std::fprintf(stderr, "one");
   std::cerr << "two" << std::flush;
   CHECK(catcher.caught() == bytes{'o', 'n', 'e', 't', 'w', 'o'});
}

TEST_CASE("animated PNG and WebP are refused") {
   auto png = encoded(".png", bgra());
   const bytes control{0, 0, 0, 8, 'a', 'c', 'T', 'L', 0, 0, 0, 2, 0, 0, 0, 0, 1, 2, 3, 4};
   png.insert(png.begin() + 33, control.begin(), control.end());
   CHECK(contains(read_bytes(png).refusal, "is an animated PNG"));
   const bytes webp{'R', 'I', 'F', 'F', 30, 0, 0, 0, 'W', 'E', 'B', 'P', 'V', 'P', '8',
                    'X', 10,  0,   0,   0,  2, 0, 0, 0,   3,   0,   0,   4,   0,   0};
   CHECK(contains(read_bytes(webp).refusal, "is an animated WebP"));
}

TEST_CASE("limits hold before anything is decoded") {
   auto huge = encoded(".png", bgra());
   huge[16] = 0x7F;
   CHECK(contains(read_bytes(huge).refusal, "over the limit of 67108864 pixels; raise it with --max-pixels"));
   auto hollow = encoded(".png", bgra());
   hollow[18] = hollow[22] = 0x1F; // about 8000x8000 in 100 bytes
   CHECK(contains(read_bytes(hollow).refusal, "cannot come out of"));
   CHECK(contains(read_bytes(encoded(".png", bgra()), {.limits = {.max_bytes = 20}}).refusal,
                  "--max-file-bytes"));
}

TEST_CASE("headers of JPEG and WebP say their sizes") {
   const auto jpeg = media::read_still_header(encoded(".jpg", gradient(33, 21)));
   REQUIRE(jpeg);
   CHECK(jpeg->width == 33);
   CHECK(jpeg->height == 21);
   for (const int quality : {50, 101}) {
      const auto webp =
          media::read_still_header(encoded(".webp", gradient(33, 21), {cv::IMWRITE_WEBP_QUALITY, quality}));
      REQUIRE(webp);
      CHECK(webp->width == 33);
      CHECK(webp->height == 21);
      CHECK_FALSE(webp->animated);
   }
}

TEST_CASE("files that cannot be pictures are told apart") {
   const scratch_folder folder;
   const auto refusal = [](const std::string &path) {
      return read_all(media::open(path, {}, test_pool())).refusal;
   };
   CHECK(contains(refusal(folder.file("missing.gif")), "there is no such file"));
   write(folder.file("empty.gif"), {});
   CHECK(contains(refusal(folder.file("empty.gif")), "is empty (0 bytes)"));
   write(folder.file("text.gif"), {'h', 'e', 'l', 'l', 'o'});
   CHECK(contains(refusal(folder.file("text.gif")), "is not a GIF, PNG, JPEG or WebP"));
   CHECK(contains(refusal(folder.path()), "holds no .png, .jpg, .jpeg or .webp file"));
   CHECK(contains(refusal("/dev/null"), "is not a regular file"));
   ::mkfifo(folder.file("pipe").c_str(), 0600);
   CHECK(contains(refusal(folder.file("pipe")), "is not a regular file"));
   write(folder.file("secret.gif"), {'G'});
   ::chmod(folder.file("secret.gif").c_str(), 0);
   if (::geteuid() != 0) // root may read everything
      CHECK(contains(refusal(folder.file("secret.gif")), "may not be read"));
}

TEST_CASE("a folder is a sequence in natural order") {
   const scratch_folder folder;
   for (const auto &[name, shade] : {std::pair{"frame10.png", 10}, {"frame9.png", 9}, {"frame2.PNG", 2}})
      write(folder.file(name), encoded(".png", cv::Mat(4, 5, CV_8UC3, cv::Scalar::all(shade))));
   write(folder.file("notes.txt"), {'x'});
   const auto read = read_all(media::open(folder.path(), {.sequence_delay_us = 40'000}, test_pool()));
   REQUIRE(read.pictures.size() == 3);
   CHECK(read.facts.format == "PNG sequence");
   CHECK(pixel(*read.pictures[0], 0, 0) == 0x020202FF);
   CHECK(pixel(*read.pictures[1], 0, 0) == 0x090909FF);
   CHECK(pixel(*read.pictures[2], 0, 0) == 0x0A0A0AFF);
   CHECK(read.pictures[2]->start_us == 80'000);
   CHECK(read.pictures[2]->duration_us == 40'000);
   CHECK(read.pictures[2]->changed.area == media::rectangle{0, 0, 5, 4});
   CHECK(read.facts.frames[1].bytes > 0);

   write(folder.file("frame11.png"), encoded(".png", cv::Mat(4, 6, CV_8UC3, cv::Scalar::all(1))));
   const auto uneven = read_all(media::open(folder.path(), {}, test_pool()));
   CHECK(contains(uneven.refusal, "frame11.png: is 6x4, but the first picture of its folder is 5x4"));
}

TEST_CASE("natural order") {
   CHECK(media::natural_less("a2", "a10"));
   CHECK_FALSE(media::natural_less("a10", "a2"));
   CHECK(media::natural_less("a", "a1"));
   CHECK(media::natural_less("a01b", "a1c"));
   CHECK(media::natural_less("a01", "a1"));
   CHECK_FALSE(media::natural_less("a1", "a1"));
   CHECK(media::natural_less("x99999999999999999999998", "x99999999999999999999999"));
}

} // namespace giflab::tests
