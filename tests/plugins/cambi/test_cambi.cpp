// CAMBI against libvmaf's values and against the definition written out pixel by pixel.

#include "module_checks.hpp"

#include <functional>

namespace giflab::test {
namespace {

const giflab_plugin &cambi() { return plugin_of("cambi", "org.giflab.cambi"); }

using formula = std::function<int(int32_t, int32_t)>;

int slope(int32_t x, int32_t y) { return 40 + (x + 2 * y) / 32; }
int rings(int32_t x, int32_t y) {
   return std::min(255, 90 + ((x - 160) * (x - 160) + (y - 100) * (y - 100)) / 900);
}
int dithered(int32_t x, int32_t y) { return 40 + (x + 2 * y + noise(21, 1000 * y + x) % 32) / 32; }
int dark(int32_t x, int32_t y) { return (x + y) / 24; }
int bright(int32_t x, int32_t y) { return std::min(255, 120 + (x + y) / 10); }
int grain(int32_t x, int32_t y) { return noise(22, 1000 * y + x); }
int flat(int32_t, int32_t) { return 100; }

// Greys, whose luma is their own value.
picture grey(size area, const formula &level) {
   picture made(area.width, area.height);
   for (int32_t y = 0; y < area.height; ++y)
      for (int32_t x = 0; x < area.width; ++x)
         std::fill_n(made.rgb.begin() + static_cast<ptrdiff_t>(made.at(x, y)), 3,
                     static_cast<uint8_t>(level(x, y)));
   return made;
}

double banding(size area, const formula &level) {
   const picture source = grey(area, level);
   return measured(cambi(), 1, {"", source, source}).at("cambi");
}

// libvmaf 3.2: vmaf -r F -d F -w W -h H -p 444 -b 8 --feature cambi --no_prediction, where F holds these bytes
// as luma and 128 as chroma; it prints six digits.
struct known_value {
   size area;
   formula level;
   double libvmaf;
};
const known_value known[] = {
    {{320, 240}, slope, 19.947111}, {{320, 240}, rings, 21.273220}, {{320, 240}, dithered, 4.337954},
    {{320, 240}, dark, 17.857960},  {{320, 240}, bright, 8.176753}, {{320, 240}, grain, 0},
    {{251, 217}, slope, 16.927691}, {{251, 217}, rings, 22.175207}, {{251, 217}, dithered, 4.580849},
    {{251, 217}, dark, 14.777968},  {{600, 90}, bright, 7.939385},  {{600, 90}, slope, 19.532351},
};

TEST_CASE("CAMBI is libvmaf's to all digits that it prints") {
   for (const known_value &one : known) {
      CAPTURE(one.libvmaf);
      CHECK(std::fabs(banding(one.area, one.level) - one.libvmaf) <= 0.6e-6);
   }
}

// ---- The definition, as the paper and libvmaf have it, one pixel after the other

struct grid {
   int32_t width, height;
   std::vector<int> of;

   grid(int32_t w, int32_t h) : width(w), height(h), of(static_cast<size_t>(w) * static_cast<size_t>(h)) {}
   int &at(int32_t x, int32_t y) {
      return of[static_cast<size_t>(y) * static_cast<size_t>(width) + static_cast<size_t>(x)];
   }
   int at(int32_t x, int32_t y) const { return const_cast<grid *>(this)->at(x, y); }
   bool has(int32_t x, int32_t y) const { return x >= 0 && y >= 0 && x < width && y < height; }
};

grid ten_bits_of(const picture &source) {
   grid luma(source.width, source.height);
   for (int32_t y = 0; y < luma.height; ++y)
      for (int32_t x = 0; x < luma.width; ++x) {
         int sum = 0, count = 0;
         for (int i = 0; i < 4; ++i)
            if (luma.has(x + i % 2, y + i / 2)) {
               sum += 4 * luma_at(source, x + i % 2, y + i / 2);
               ++count;
            }
         luma.at(x, y) = sum / count;
      }
   return luma;
}

grid mask_of(const grid &luma) {
   const auto is_flat = [&](int32_t x, int32_t y) {
      return luma.has(x, y) && (x + 1 == luma.width || luma.at(x, y) == luma.at(x + 1, y)) &&
             (y + 1 == luma.height || luma.at(x, y) == luma.at(x, y + 1));
   };
   const int blocks = (luma.width / 64) * (luma.height / 64);
   const int log = blocks == 0 ? 0 : static_cast<int>(std::ceil(std::log2(blocks)));
   grid mask(luma.width, luma.height);
   for (int32_t y = 0; y < luma.height; ++y)
      for (int32_t x = 0; x < luma.width; ++x) {
         int count = 0;
         for (int i = 0; i < 49; ++i)
            count += is_flat(x + i % 7 - 3, y + i / 7 - 3);
         mask.at(x, y) = count > (49 + 3 * (log - 11) - 1) / 2;
      }
   return mask;
}

grid thinned(const grid &source) {
   grid made((source.width + 1) / 2, (source.height + 1) / 2);
   for (int32_t y = 0; y < made.height; ++y)
      for (int32_t x = 0; x < made.width; ++x)
         made.at(x, y) = source.at(2 * x, 2 * y);
   return made;
}

int mode(int a, int b, int c) { return a == b || a == c ? a : b == c ? b : std::min({a, b, c}); }

grid modes(const grid &source) {
   grid across = source, result = source;
   for (int32_t y = 0; y < source.height; ++y)
      for (int32_t x = 1; x + 1 < source.width; ++x)
         across.at(x, y) = mode(source.at(x - 1, y), source.at(x, y), source.at(x + 1, y));
   for (int32_t y = 1; y + 1 < source.height; ++y)
      for (int32_t x = 0; x < source.width; ++x)
         result.at(x, y) = mode(across.at(x, y - 1), across.at(x, y), across.at(x, y + 1));
   return result;
}

double contrast_at(const grid &luma, const grid &mask, int32_t x, int32_t y, int32_t reach) {
   constexpr int last_visible[] = {178, 305, 432, 559};
   if (mask.at(x, y) == 0)
      return 0;
   int same = 0, above[5] = {}, below[5] = {};
   for (int32_t v = y - reach; v <= y + reach; ++v)
      for (int32_t u = x - reach; u <= x + reach; ++u)
         if (luma.has(u, v) && mask.at(u, v) != 0) {
            const int step = luma.at(u, v) - luma.at(x, y);
            same += step == 0;
            if (std::abs(step) >= 1 && std::abs(step) <= 4)
               ++(step > 0 ? above : below)[std::abs(step)];
         }
   double strongest = 0;
   for (int step = 1; step <= 4; ++step)
      if (const double other = std::max(above[step], below[step]); luma.at(x, y) <= last_visible[step - 1])
         strongest = std::max(strongest, step * same * other / (same + other));
   return strongest;
}

double pooled(std::vector<double> contrasts) {
   std::ranges::sort(contrasts, std::greater<>());
   const auto counted = static_cast<size_t>(std::max(1.0, 0.6 * static_cast<double>(contrasts.size())));
   double sum = 0;
   for (size_t i = 0; i < counted; ++i)
      sum += contrasts[i];
   return sum / static_cast<double>(counted);
}

double by_definition(const picture &source) {
   const bool small = source.width < 216 && source.height < 216;
   int32_t reach = (65 * (source.width + source.height) / 6000 | 1) / 2;
   reach = std::min(std::max(reach, small ? 2 : 0), std::min(source.width, source.height) - 1);
   grid luma = ten_bits_of(source), mask = mask_of(luma);
   double sum = 0, weights = 0;
   for (double weight = 16; weight >= 1 && std::min(luma.width, luma.height) > reach; weight /= 2) {
      luma = modes(luma);
      std::vector<double> contrasts;
      for (int32_t y = 0; y < luma.height; ++y)
         for (int32_t x = 0; x < luma.width; ++x)
            contrasts.push_back(contrast_at(luma, mask, x, y, reach));
      sum += weight * pooled(contrasts);
      weights += weight;
      luma = thinned(luma);
      mask = thinned(mask);
   }
   return sum / ((2 * reach + 1) * (2 * reach + 1)) * 31 / weights;
}

TEST_CASE("CAMBI is what its definition says at every size") {
   for (const size area : {size{8, 8}, size{9, 31}, size{40, 8}, size{64, 48}, size{100, 100}, size{215, 60},
                           size{216, 33}, size{530, 24}, size{1030, 9}})
      for (const formula &level :
           std::initializer_list<formula>{slope, rings, dithered, dark, bright, grain, flat}) {
         CAPTURE(area.width);
         CAPTURE(area.height);
         const double expected = by_definition(grey(area, level));
         CHECK(std::fabs(banding(area, level) - expected) <= 1e-6 * expected);
      }
}

TEST_CASE("banding is none where nothing steps, grows as levels go, and its change is never below 0") {
   const size area = {240, 180};
   CHECK(banding(area, flat) == 0);
   const formula fine = [](int32_t x, int32_t y) { return 40 + (x + y) / 8 + noise(23, 1000 * y + x) % 3; };
   const formula coarse = [=](int32_t x, int32_t y) { return fine(x, y) / 4 * 4; };
   const formula steps = [](int32_t x, int32_t y) { return 40 + (x + y) / 16; };
   const picture a = grey(area, fine), b = grey(area, coarse), c = grey(area, steps);
   const values worse = measured(cambi(), 1, {"", a, c}), better = measured(cambi(), 1, {"", c, a});
   CHECK(worse.at("cambi_reference") < 0.01);
   CHECK(worse.at("cambi") > 5);
   CHECK(worse.at("cambi_change") == worse.at("cambi") - worse.at("cambi_reference"));
   CHECK(better.at("cambi_change") == 0);
   CHECK(better.at("cambi_reference") == worse.at("cambi"));
   CHECK(measured(cambi(), 1, {"", b, b}).at("cambi_change") == 0);
}

TEST_CASE("CAMBI: levels, ranges, and nothing but pixels") {
   check_levels(cambi(), {{8, 8}, {13, 50}, {65, 29}, {300, 220}}, 0);
   check_only_pixels_count(cambi(), 1, 221, 67);
}

} // namespace
} // namespace giflab::test
