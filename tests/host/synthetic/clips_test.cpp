// The synthetic clips: what they are called, how large they are, and every pixel of them.

#include "synthetic/arithmetic.hpp"
#include "synthetic/clips.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

using namespace giflab::synthetic;

namespace {

struct expected_clip {
   const char *name;
   int frames, width, height;
   uint64_t pixels; // FNV-1a over all frames
};

constexpr expected_clip expected[] = {
    {"smooth_gradient", 8, 120, 120, 0x6bf2e2dd2ac972e1},
    {"complex_gradient", 8, 150, 150, 0x6d5f88a5f572ada0},
    {"solid_blocks", 8, 100, 100, 0x2b0b2d9c0714baa5},
    {"high_contrast", 8, 120, 120, 0x3990b74f56317c25},
    {"photographic_noise", 8, 140, 140, 0xdb621d990642e268},
    {"texture_complex", 8, 130, 130, 0xadca79c0ef2f1180},
    {"geometric_patterns", 8, 110, 110, 0x373ed7bb0751aa65},
    {"few_colors", 8, 100, 100, 0x20d7576d2ba4ec45},
    {"many_colors", 20, 160, 160, 0xb355d341c5a9c064},
    {"animation_heavy", 25, 100, 100, 0xc058c4a0806d1c8a},
    {"gradient_small", 8, 50, 50, 0xb2a7a73c0b38c685},
    {"gradient_medium", 8, 200, 200, 0xe21b39f968cd6b19},
    {"gradient_large", 8, 500, 500, 0xedd51ff1e021bfa3},
    {"gradient_xlarge", 8, 1000, 1000, 0xbad59fab1cd244a3},
    {"noise_small", 8, 50, 50, 0xc1d736ab74e035eb},
    {"noise_large", 8, 500, 500, 0x1453768228930d4f},
    {"minimal_frames", 2, 120, 120, 0x0ccaaca8eacbf921},
    {"long_animation", 40, 120, 120, 0xafcdd3859ad6c338},
    {"extended_animation", 60, 120, 120, 0xc4e01dd48440b02d},
    {"mixed_content", 8, 200, 150, 0xd3eef79c120addcd},
    {"data_visualization", 8, 300, 200, 0x9057bf2f0d1ead15},
    {"transitions", 8, 150, 150, 0xde65de1741585df7},
    {"single_pixel_anim", 8, 100, 100, 0xf06b8bc877f157c7},
    {"static_minimal_change", 15, 150, 150, 0x5e1b57fd0eb76aab},
    {"high_frequency_detail", 8, 200, 200, 0x4d35abf1d0715fd8},
};

uint64_t hash_of(const clip &of) {
   uint64_t hash = 0xcbf29ce484222325;
   for (int frame = 0; frame < of.frames; ++frame)
      for (const colour &pixel : drawn(of, frame).pixels)
         for (const uint8_t byte : pixel)
            hash = (hash ^ byte) * 0x100000001b3;
   return hash;
}

const clip &called(std::string_view name) {
   return *std::find_if(clips().begin(), clips().end(), [&](const clip &one) { return one.name == name; });
}

std::size_t distinct_frames(const clip &of) {
   std::set<std::vector<colour>> seen;
   for (int frame = 0; frame < of.frames; ++frame)
      seen.insert(drawn(of, frame).pixels);
   return seen.size();
}

double units_off(double value, long double truth) {
   const double size = std::abs(static_cast<double>(truth));
   return static_cast<double>(std::abs(value - truth)) / (std::nextafter(size, 1e300) - size);
}

} // namespace

TEST_CASE("25 synthetic clips have the names, sizes and pixels that they always had") {
   REQUIRE(clips().size() == std::size(expected));
   for (std::size_t i = 0; i < std::size(expected); ++i) {
      const clip &one = clips()[i];
      CAPTURE(one.name);
      CHECK(std::string(one.name) == expected[i].name);
      CHECK(one.frames == expected[i].frames);
      CHECK(one.width == expected[i].width);
      CHECK(one.height == expected[i].height);
      CHECK(hash_of(one) == expected[i].pixels);
   }
   CHECK(std::count_if(clips().begin(), clips().end(), [](const clip &one) { return one.targeted; }) == 17);
}

TEST_CASE("noise is NumPy's: the first numbers of numpy.random.seed(0) and seed(42)") {
   // numpy.random.seed(0); numpy.random.randint(0, 100, 10), and the same for 42
   constexpr int of_0[] = {44, 47, 64, 67, 67, 9, 83, 21, 36, 87},
                 of_42[] = {51, 92, 14, 71, 60, 20, 82, 86, 74, 74};
   const clip &noise = called("noise_small");
   const drawing first = drawn(noise, 0), second = drawn(noise, 1);
   const int base = static_cast<int>(128 + 50 * std::sqrt(0.5));
   for (std::size_t i = 0; i < 10; ++i) {
      CHECK(first.pixels[i][0] == 128 - 50 + of_0[i]);
      CHECK(second.pixels[i][0] == base - 50 + of_42[i]);
   }
}

TEST_CASE("clips that repeat pictures are known to") {
   CHECK(distinct_frames(called("high_contrast")) == 2);
   CHECK(distinct_frames(called("few_colors")) == 3);
   CHECK(distinct_frames(called("geometric_patterns")) == 4); // a hexagon is itself again after a sixth
   CHECK(distinct_frames(called("solid_blocks")) == 5);
   CHECK(distinct_frames(called("static_minimal_change")) == 5);
   CHECK(distinct_frames(called("complex_gradient")) == 8);
   CHECK(distinct_frames(called("transitions")) == 8);
}

TEST_CASE("sines and angles are right to the last places") {
   double sines = 0, cosines = 0, angles = 0;
   for (int i = -20'000; i <= 20'000; ++i) {
      const double x = i * 0.0503;
      sines = std::max(sines, units_off(sine(x), std::sin(static_cast<long double>(x))));
      cosines = std::max(cosines, units_off(cosine(x), std::cos(static_cast<long double>(x))));
   }
   for (int y = -60; y <= 60; ++y)
      for (int x = -60; x <= 60; ++x)
         if (x != 0 || y != 0)
            angles = std::max(angles, units_off(angle_of(y, x), std::atan2(static_cast<long double>(y),
                                                                           static_cast<long double>(x))));
   CHECK(sines <= 1);
   CHECK(cosines <= 1);
   CHECK(angles <= 5);
   CHECK(sine(0) == 0);
   CHECK(cosine(0) == 1);
   CHECK(angle_of(0, 0) == 0);
   CHECK(angle_of(0, -2) == pi);
}
