// Legibility: enlarging, and what Tesseract reads where it is installed.

#include "enlarge.hpp"
#include "fake_host.hpp"

#include <doctest/doctest.h>

namespace giflab::test {
namespace {

// Five by seven dots a letter, four pixels a dot.
constexpr int32_t dot = 4;
constexpr const char *letters[][7] = {{"#   #", "#   #", "#   #", "#####", "#   #", "#   #", "#   #"},  // H
                                      {"#####", "#    ", "#    ", "#### ", "#    ", "#    ", "#####"},  // E
                                      {"#    ", "#    ", "#    ", "#    ", "#    ", "#    ", "#####"},  // L
                                      {"#### ", "#   #", "#   #", "#### ", "#    ", "#    ", "#    "}}; // P

// "HELP" in black on white, with the margin of a letter.
picture help() {
   picture made(31 * dot, 17 * dot);
   std::fill(made.rgb.begin(), made.rgb.end(), uint8_t{255});
   for (int32_t y = 0; y < 7 * dot; ++y)
      for (int32_t x = 0; x < 23 * dot; ++x)
         if (x / dot % 6 < 5 && letters[x / dot / 6][y / dot][x / dot % 6] == '#')
            for (int32_t c = 0; c < 3; ++c)
               made.rgb[made.at(x + 4 * dot, y + 5 * dot, c)] = 0;
   return made;
}

bool installed(const giflab_plugin &plugin) {
   fake_call call;
   char fingerprint[256] = "";
   const giflab_status status = plugin.probe(&call.c, fingerprint, sizeof fingerprint);
   if (status == GIFLAB_OK)
      CHECK(std::string(fingerprint).starts_with("tesseract "));
   else
      MESSAGE("skipped: Tesseract is not installed");
   return status == GIFLAB_OK;
}

values compared(const giflab_plugin &plugin, const picture &original, const picture &made, int64_t index = 0) {
   fake_image a(original, 0, 0xAA), b(made, 1, 0x55);
   a.image.index = index;
   return measure(plugin, 1, {{&a.image, &b.image}})[0];
}

TEST_CASE("enlarging goes straight between pixels, and repeats edges") {
   const uint8_t row[] = {0, 60};
   std::vector<uint8_t> large(4 * 2);
   ocr::enlarge({row, sizeof row}, 2, 1, 2, large.data());
   CHECK(large == std::vector<uint8_t>{0, 15, 45, 60, 0, 15, 45, 60});
   CHECK(ocr::enlargement(400, 90) == 3);
   CHECK(ocr::enlargement(90, 401) == 2);
   CHECK(ocr::enlargement(1401, 90) == 1);
}

TEST_CASE("a word is read, kept where nothing changed, and gone where it was wiped away") {
   const giflab_plugin &plugin = plugin_of("ocr", "org.giflab.ocr");
   if (!installed(plugin))
      return;
   const picture word = help();
   const values same = compared(plugin, word, word);
   CHECK(same.at("ocr_confidence_reference") >= 60);
   CHECK(same.at("ocr_confidence_change") == 0);
   CHECK(same.at("ocr_words_kept") == 100);
   picture wiped = word;
   std::fill(wiped.rgb.begin(), wiped.rgb.end(), uint8_t{255});
   const values gone = compared(plugin, word, wiped);
   CHECK(gone.at("ocr_words_kept") == 0);
   CHECK(std::isnan(gone.at("ocr_confidence_distorted")));
   CHECK(std::isnan(gone.at("ocr_confidence_change")));
   CHECK(std::isnan(compared(plugin, wiped, word).at("ocr_words_kept")));
}

TEST_CASE("pictures between those that are read have no value") {
   const giflab_plugin &plugin = plugin_of("ocr", "org.giflab.ocr");
   if (!installed(plugin))
      return;
   const values found = compared(plugin, help(), help(), 3);
   for (const auto &[id, value] : found)
      CHECK_MESSAGE(std::isnan(value), id);
}

} // namespace
} // namespace giflab::test
