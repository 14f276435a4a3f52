// Readings of each side. Numbers of natural_pair come from a twin in numpy and scipy that follows the papers:
// ndimage.sobel; signal.convolve2d with the mask; means of nine by ndimage.uniform_filter1d, then differences.

#include "measured.hpp"

namespace giflab::test {
namespace {

struct sides {
   double reference, distorted, change;
};

sides read(const std::string &id, const picture &reference, const picture &distorted) {
   const values found = measured("readings", id, reference, distorted);
   return {found.at(id + "_reference"), found.at(id + "_distorted"), found.at(id + "_change")};
}

void check_natural(const std::string &id, double reference, double distorted) {
   const picture_pair pair = natural_pair(107, 61);
   const sides found = read(id, pair.reference, pair.distorted);
   INFO(id);
   CHECK(found.reference == near(reference));
   CHECK(found.distorted == near(distorted));
   CHECK(found.change == found.distorted - found.reference);
}

TEST_CASE("readings are those of an independent program") {
   check_natural("spatial_information", 148.12671520491122, 145.7074062866481);
   check_natural("blockiness", 21.976137776621066, 21.663113520209627);
   check_natural("blur", 0.25534503112978446, 0.26717747461533664);
   check_natural("noise", 1.6424585671986904, 3.7420716427030998);
}

TEST_CASE("temporal information needs a picture before, and is the deviation of the difference") {
   const picture_pair pair = natural_pair(107, 61);
   const giflab_plugin &plugin = plugin_of("readings", "org.giflab.temporal_information");
   fake_image before(pair.reference, 0, 0), now(pair.distorted, 1, 0), held(pair.reference, 0, 0);
   const values first = measure(plugin, 1, {{&now.image, &before.image}})[0];
   for (const auto &[output, value] : first)
      CHECK(std::isnan(value));
   now.follow(before);
   held.follow(before, true);
   const values found = measure(plugin, 1, {{&held.image, &now.image}})[0];
   CHECK(found.at("temporal_information_reference") == 0);
   CHECK(found.at("temporal_information_distorted") == near(3.347292142419132));
   CHECK(found.at("temporal_information_change") == near(3.347292142419132));
}

TEST_CASE("a slope has no spatial information, blocks or noise, to the bit") {
   const picture slope = grey(40, 30, [](int x, int y) { return 3 * x + 2 * y; });
   for (const char *id : {"spatial_information", "blockiness", "noise"})
      CHECK(read(id, slope, slope).reference == 0);
}

TEST_CASE("blocks of 8 show on their grid alone") {
   const auto blocks = [](int size) {
      return grey(64, 48, [=](int x, int y) { return (x / size + y / size) % 2 ? 130 : 120; });
   };
   const picture flat = grey(64, 48, [](int, int) { return 125; });
   CHECK(read("blockiness", flat, blocks(8)).change == 10);
   CHECK(read("blockiness", flat, blocks(1)).change == 0);
   CHECK(read("blockiness", flat, grey(64, 48, [](int x, int) { return x / 8 % 2 ? 130 : 120; })).change == 5);
   CHECK(read("blockiness", blocks(8), flat).change == -10);
}

// Means of (2 * radius + 1)^2 pixels, the border repeated.
picture blurred(const picture &source, int radius) {
   return grey(source.width, source.height, [&](int x, int y) {
      int sum = 0;
      for (int j = y - radius; j <= y + radius; ++j)
         for (int i = x - radius; i <= x + radius; ++i)
            sum += luma_at(source, std::clamp(i, 0, source.width - 1), std::clamp(j, 0, source.height - 1));
      const int count = (2 * radius + 1) * (2 * radius + 1);
      return (sum + count / 2) / count;
   });
}

TEST_CASE("blur grows with blur, and takes detail and noise away") {
   const picture sharp = natural_pair(120, 90).reference;
   double blur = read("blur", sharp, sharp).reference,
          detail = read("spatial_information", sharp, sharp).reference;
   for (const int radius : {1, 2, 4}) {
      const picture soft = blurred(sharp, radius);
      const double softer = read("blur", sharp, soft).distorted;
      const double less = read("spatial_information", sharp, soft).distorted;
      CHECK(softer > blur + 0.02);
      CHECK(less < detail);
      CHECK(read("noise", sharp, soft).change < 0);
      blur = softer, detail = less;
   }
}

TEST_CASE("blur is undefined where nothing varies, and looks at the other direction where one does not") {
   const picture flat = grey(20, 20, [](int, int) { return 9; });
   const picture steps = grey(20, 20, [](int x, int) { return x / 10 * 50; });
   CHECK(std::isnan(read("blur", flat, steps).reference));
   CHECK(read("blur", flat, steps).distorted == near(1.0 / 9)); // a ninth of the only step is left
}

TEST_CASE("noise of known strength is found") {
   // The byte noise of pictures.hpp, scaled: uniform over 0..15, deviation sqrt(255/12) = 4.61.
   const picture noisy = grey(256, 256, [](int x, int y) { return 120 + noise(11, y * 256 + x) % 16; });
   const picture clean = grey(256, 256, [](int, int) { return 128; });
   CHECK(read("noise", clean, noisy).change == doctest::Approx(std::sqrt(255.0 / 12)).epsilon(0.03));
}

} // namespace
} // namespace giflab::test
