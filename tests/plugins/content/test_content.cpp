// What pictures are made of: counts that can be told by looking.

#include "artefacts/measured.hpp"

namespace giflab::test {
namespace {

values content(const std::string &id, const picture &reference, const picture &distorted) {
   return measured("content", id, reference, distorted);
}

TEST_CASE("colours are counted, each once, on both sides") {
   picture two = grey(17, 9, [](int x, int) { return x == 3 ? 200 : 10; }), many(17, 9);
   for (std::size_t i = 0; i < many.rgb.size(); ++i) // 153 pixels that differ in the last channel at least
      many.rgb[i] = static_cast<uint8_t>(i % 3 == 2 ? i / 3 : 255);
   const values found = content("colours", two, many);
   CHECK(found.at("colours_reference") == 2);
   CHECK(found.at("colours_distorted") == 153);
   CHECK(found.at("colours_change") == 151);
   CHECK(content("colours", picture(1, 1), picture(1, 1)).at("colours_reference") == 1);
   // From 2^17 pixels on they are counted another way.
   const auto striped = [](int height) {
      return grey(512, height, [](int x, int y) { return x % 200 + y % 2; });
   };
   CHECK(content("colours", striped(255), striped(255)).at("colours_reference") == 201);
   CHECK(content("colours", striped(256), striped(256)).at("colours_reference") == 201);
}

TEST_CASE("the changed area is the share of pixels that differ, and needs a picture before") {
   const picture before = grey(20, 10, [](int, int) { return 7; });
   picture now = before;
   now.rgb[now.at(0, 0, 1)] ^= 1;
   now.rgb[now.at(19, 9, 2)] ^= 128;
   const giflab_plugin &plugin = plugin_of("content", "org.giflab.changed_area");
   fake_image a(before, 0, 0xAA), b(now, 1, 0x55), same(before, 2, 0x11);
   const values first = measure(plugin, 1, {{&a.image, &b.image}})[0];
   for (const auto &[output, value] : first)
      CHECK(std::isnan(value));
   b.follow(a);
   same.follow(a, true);
   const values found = measure(plugin, 1, {{&b.image, &same.image}})[0];
   CHECK(found.at("changed_area_reference") == 1);
   CHECK(found.at("changed_area_distorted") == 0);
   CHECK(found.at("changed_area_change") == -1);
}

TEST_CASE("each kind of surface is told, and what is no whole block is left out") {
   // Four blocks, and a rest of three columns and two rows: flat with a step of 2, a slope, a drawing in two
   // colours, and a texture.
   const picture made = grey(35, 10, [](int x, int y) {
      if (y >= 8 || x >= 32)
         return 255 * (x % 2);
      if (x < 8)
         return 50 + 2 * (x % 2);
      if (x < 16)
         return 40 + 5 * (x - 8) + 3 * y;
      if (x < 24)
         return (x + y) % 3 == 0 ? 255 : 0;
      return (x * 97 + y * 57 + x * y * 31) % 256;
   });
   const values found = content("surfaces", made, made);
   for (const char *kind : {"flat_area", "sloping_area", "drawn_area", "textured_area"})
      CHECK_MESSAGE(found.at(kind) == 25, kind);
}

TEST_CASE("a slope in steps of twelve levels is a slope, one with a dither of sixteen is a texture") {
   const picture steps = grey(64, 64, [](int x, int) { return 12 * (x / 12); });
   const values banded = content("surfaces", steps, steps);
   CHECK(banded.at("flat_area") + banded.at("sloping_area") == 100);
   CHECK(banded.at("sloping_area") > 30);
   const picture dithered = grey(64, 64, [](int x, int y) { return 3 * x + (x * 7 + y * 5 + x * y) % 5 * 8; });
   CHECK(content("surfaces", dithered, dithered).at("textured_area") == 100);
}

} // namespace
} // namespace giflab::test
