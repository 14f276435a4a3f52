// SSIMULACRA 2: vectors against their plain twin, memory that they may not touch, and what transparency does.

#include "every_target.hpp"
#include "fake_host.hpp"
#include "guarded.hpp"

#include <giflab_kernels/ssimulacra2.hpp>

namespace giflab::test {
namespace {

using namespace giflab::kernels;

const std::vector<size> sizes = {{8, 8},   {9, 8},   {8, 300},  {15, 31},  {33, 17},
                                 {57, 64}, {113, 9}, {257, 12}, {262, 30}, {521, 40}};

ssimulacra2_wanted all_maps() {
   ssimulacra2_wanted wanted;
   for (auto &scale : wanted)
      scale.fill(ssimulacra2_maps::all);
   return wanted;
}

ssimulacra2_result sums_of(plane<uint8_t> a, plane<uint8_t> b, int channels, size area, ssimulacra2_blur blur,
                           arithmetic choice, const ssimulacra2_wanted &wanted = all_maps()) {
   const size_t bytes = ssimulacra2_scratch(area.width, area.height, blur, choice);
   const guarded_memory scratch(bytes);
   std::memset(scratch.data(), 0xFF, bytes); // NaN
   return measure_ssimulacra2(
       {a, b, channels, area.width, area.height, 0.1F}, wanted, blur,
       reinterpret_cast<std::byte *>(scratch.data()), [] {}, choice);
}

guarded_plane<uint8_t> bytes_of(const picture &source, size_t padding, uint8_t poison) {
   return {source.width * 3, source.height, padding, poison,
           [&](int32_t x, int32_t y) { return source.rgb[source.at(x / 3, y, x % 3)]; }};
}

// `fourth` powers are judged by their fourth roots, as the score takes them.
void check_means(const double (&plain)[2], const double (&fast)[2], double pixels, double relative,
                 double absolute) {
   CHECK(std::fabs(plain[0] - fast[0]) / pixels <= relative * plain[0] / pixels + absolute);
   const double expected = std::pow(plain[1] / pixels, 0.25), found = std::pow(fast[1] / pixels, 0.25);
   CHECK(std::fabs(expected - found) <= relative * expected + absolute);
}

void check_sums(const ssimulacra2_result &plain, const ssimulacra2_result &fast, size area, double relative,
                double absolute) {
   double width = area.width, height = area.height;
   for (size_t scale = 0; scale < ssimulacra2_scales; ++scale) {
      for (size_t c = 0; c < ssimulacra2_planes; ++c) {
         INFO("scale ", scale, " plane ", c);
         check_means(plain[scale][c].ssim, fast[scale][c].ssim, width * height, relative, absolute);
         check_means(plain[scale][c].artifact, fast[scale][c].artifact, width * height, relative, absolute);
         check_means(plain[scale][c].detail, fast[scale][c].detail, width * height, relative, absolute);
      }
      width = std::ceil(width / 2);
      height = std::ceil(height / 2);
   }
}

void check_blur(ssimulacra2_blur blur, double relative, double absolute) {
   for (const size area : sizes)
      for (const picture_pair &pair : hard_pairs(area.width, area.height)) {
         INFO(pair.name, " ", area.width, "x", area.height);
         const auto a = bytes_of(pair.reference, 0, 0), b = bytes_of(pair.distorted, 0, 0);
         const auto wide_a = bytes_of(pair.reference, 64, 0xAA), wide_b = bytes_of(pair.distorted, 7, 0x55);
         const auto expected = sums_of(a.read(), b.read(), 3, area, blur, arithmetic::scalar);
         for_every_target([&] {
            const auto sums = sums_of(a.read(), b.read(), 3, area, blur, arithmetic::vector);
            const auto wide = sums_of(wide_a.read(), wide_b.read(), 3, area, blur, arithmetic::vector);
            CHECK(std::memcmp(&sums, &wide, sizeof sums) == 0);
            check_sums(expected, sums, area, relative, absolute);
         });
      }
}

TEST_CASE("SSIMULACRA 2 in the tool's arithmetic agrees with its plain twin") {
   check_blur(ssimulacra2_blur::recursive, 1e-6, 1e-9);
}

TEST_CASE("SSIMULACRA 2 by nine taps agrees with doubles") { check_blur(ssimulacra2_blur::direct, 1e-3, 2e-6); }

TEST_CASE("maps that nobody wants stay 0 and change no other") {
   const size area = {300, 40};
   const picture_pair pair = natural_pair(area.width, area.height);
   const auto a = bytes_of(pair.reference, 0, 0), b = bytes_of(pair.distorted, 0, 0);
   ssimulacra2_wanted few = {};
   few[0][1] = ssimulacra2_maps::edges;
   few[2][2] = ssimulacra2_maps::all;
   for (const auto blur : {ssimulacra2_blur::recursive, ssimulacra2_blur::direct})
      for (const auto choice : {arithmetic::scalar, arithmetic::vector}) {
         const auto all = sums_of(a.read(), b.read(), 3, area, blur, choice);
         const auto some = sums_of(a.read(), b.read(), 3, area, blur, choice, few);
         CHECK(some[0][1].artifact[0] == all[0][1].artifact[0]);
         CHECK(some[0][1].detail[1] == all[0][1].detail[1]);
         CHECK(some[2][2].ssim[1] == all[2][2].ssim[1]);
         CHECK(some[0][1].ssim[0] == 0);
         CHECK(some[1][1].artifact[0] == 0);
      }
}

// The picture with an alpha of its own for every pixel.
template <class Alpha> guarded_plane<uint8_t> with_alpha(const picture &source, Alpha &&alpha) {
   return {source.width * 4, source.height, 0, 0, [&](int32_t x, int32_t y) {
              return x % 4 == 3 ? static_cast<uint8_t>(alpha(x / 4, y))
                                : source.rgb[source.at(x / 4, y, x % 4)];
           }};
}

TEST_CASE("opaque RGBA gives the bits of RGB, and what is fully transparent does not count") {
   const size area = {267, 24};
   const picture_pair pair = natural_pair(area.width, area.height);
   const auto a = bytes_of(pair.reference, 0, 0), b = bytes_of(pair.distorted, 0, 0);
   const auto opaque = [](int32_t, int32_t) { return 255; };
   const auto clear = [](int32_t, int32_t) { return 0; };
   const auto partly = [](int32_t x, int32_t y) { return noise(9, y * 1000 + x); };
   for (const auto blur : {ssimulacra2_blur::recursive, ssimulacra2_blur::direct}) {
      const auto of = [&](auto &&alpha, arithmetic choice) {
         const auto first = with_alpha(pair.reference, alpha), second = with_alpha(pair.distorted, alpha);
         return sums_of(first.read(), second.read(), 4, area, blur, choice);
      };
      const auto plain = of(partly, arithmetic::scalar);
      for_every_target([&] {
         const auto rgb = sums_of(a.read(), b.read(), 3, area, blur, arithmetic::vector);
         const auto rgba = of(opaque, arithmetic::vector);
         CHECK(std::memcmp(&rgb, &rgba, sizeof rgb) == 0);
         CHECK(of(clear, arithmetic::vector)[0][1].ssim[0] == 0);
         check_sums(plain, of(partly, arithmetic::vector), area, 1e-3, 2e-6);
      });
   }
}

TEST_CASE("SSIMULACRA 2 falls as damage grows, from exactly 100 and at every size") {
   const giflab_plugin &plugin = plugin_of("ssimulacra2", "org.giflab.ssimulacra2");
   for (const size area : {size{8, 8}, size{13, 40}, size{112, 112}, size{200, 160}})
      for (const double exact : {0.0, 1.0})
         for (const uint32_t level : {0u, 1u}) {
            INFO(area.width, "x", area.height, " exact ", exact, " level ", level);
            double before = 100.5;
            for (const int strength : {0, 8, 30, 90}) {
               const auto original = [](int32_t x, int32_t y, int32_t c) {
                  return 60 + (3 * x + 2 * y + 20 * c) % 130;
               };
               const auto damaged = [=](int32_t x, int32_t y, int32_t c) {
                  return std::clamp(original(x, y, c) + (noise(11, y * 999 + x) - 128) * strength / 128, 0,
                                    255);
               };
               const picture_pair pair = pair_of("noise", area.width, area.height, original, damaged);
               const fake_image a(pair.reference, 0, 0), b(pair.distorted, 0, 0);
               const double score =
                   measure(plugin, level, {{&a.image, &b.image}}, {{exact, nullptr}, {0, nullptr}})[0].at(
                       "ssimulacra2");
               CHECK(score < before);
               CHECK((strength > 0 || score == 100));
               before = score;
            }
         }
}

} // namespace
} // namespace giflab::test
