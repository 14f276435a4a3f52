// The forms of a picture against plain formulas, and the two ways of making them against each other.

#include "gif_writer.hpp"
#include "reading.hpp"

#include "media/colour_math.hpp"
#include "media/representations.hpp"

#include <cmath>
#include <doctest/doctest.h>

namespace giflab::tests {

namespace {

using media::conversion;

constexpr uint32_t everything = (1u << media::representation_count) - 1;

// Opaque and transparent pixels of 256 colours, and a width that does not fill rows.
media::picture_pointer colourful() {
   palette colours;
   bytes indices;
   for (int i = 0; i < 256; ++i)
      colours.push_back({static_cast<uint8_t>(i * 37), static_cast<uint8_t>(i * 101), static_cast<uint8_t>(i)});
   for (int i = 0; i < 37 * 23; ++i)
      indices.push_back(static_cast<uint8_t>(i * 13));
   const auto read =
       read_gif(gif_writer(37, 23, colours)
                    .frame({.width = 37, .height = 23, .indices = indices, .transparent = 26, .code_size = 8})
                    .trailer()
                    .file);
   REQUIRE(read.pictures.size() == 1);
   return read.pictures[0];
}

double over(uint32_t value, uint32_t alpha, uint32_t background) {
   return std::floor((alpha * value + (255.0 - alpha) * background) / 255.0 + 0.5);
}

double linear(double byte) {
   const double value = byte / 255.0;
   return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
}

struct plain_forms {
   double luma8, luma;
   std::array<double, 3> rgb8, rgb, linear, xyb, lab;
};

plain_forms plainly(double r, double g, double b) {
   plain_forms forms;
   forms.rgb8 = {r, g, b};
   forms.luma = (0.299 * r + 0.587 * g + 0.114 * b) / 255;
   forms.luma8 = std::floor(0.299 * r + 0.587 * g + 0.114 * b + 0.5);
   forms.rgb = {r / 255, g / 255, b / 255};
   forms.linear = {linear(r), linear(g), linear(b)};
   const auto [lr, lg, lb] = forms.linear;
   const double bias = 0.0037930732552754493;
   const double l = std::cbrt(0.3 * lr + 0.622 * lg + 0.078 * lb + bias) - std::cbrt(bias);
   const double m = std::cbrt(0.23 * lr + 0.692 * lg + 0.078 * lb + bias) - std::cbrt(bias);
   const double s =
       std::cbrt(0.24342268924547819 * lr + 0.20476744424496821 * lg + 0.5518098665095536 * lb + bias) -
       std::cbrt(bias);
   forms.xyb = {(l - m) / 2, (l + m) / 2, s};
   const auto curve = [](double t) { return t > 0.008856 ? std::cbrt(t) : 7.787 * t + 16.0 / 116; };
   const double x = curve((0.412453 * lr + 0.357580 * lg + 0.180423 * lb) / 0.95047);
   const double y = curve(0.212671 * lr + 0.715160 * lg + 0.072169 * lb);
   const double z = curve((0.019334 * lr + 0.119193 * lg + 0.950227 * lb) / 1.08883);
   forms.lab = {116 * y - 16, 500 * (x - y), 200 * (y - z)};
   return forms;
}

template <class T> T at(const giflab_view &view, std::size_t plane, int x, int y, int channel = 0) {
   const auto *row = static_cast<const char *>(view.planes[plane].data) +
                     static_cast<std::size_t>(y) * view.planes[plane].stride;
   return reinterpret_cast<const T *>(row)[static_cast<std::size_t>(x) * (view.bytes_per_pixel / sizeof(T)) +
                                           static_cast<std::size_t>(channel)];
}

void check_three(const giflab_view &view, int x, int y, const std::array<double, 3> &expected) {
   for (std::size_t plane = 0; plane < 3; ++plane)
      CHECK(at<float>(view, plane, x, y) ==
            doctest::Approx(expected[plane]).epsilon(1e-6).scale(std::abs(expected[plane]) + 1e-2));
}

void check_pixel(const media::representations &forms, int x, int y, media::colour background) {
   const uint32_t from = pixel(forms.source(), x, y);
   const uint32_t alpha = from & 255;
   const plain_forms expected =
       plainly(over(from >> 24, alpha, background.red), over(from >> 16 & 255, alpha, background.green),
               over(from >> 8 & 255, alpha, background.blue));
   const auto &views = forms.views();
   for (int channel = 0; channel < 3; ++channel)
      CHECK(at<uint8_t>(*views[GIFLAB_RGB8], 0, x, y, channel) ==
            expected.rgb8[static_cast<std::size_t>(channel)]);
   CHECK(at<uint8_t>(*views[GIFLAB_LUMA8], 0, x, y) == expected.luma8);
   CHECK(at<float>(*views[GIFLAB_LUMA_F32], 0, x, y) == static_cast<float>(expected.luma));
   check_three(*views[GIFLAB_RGB_F32], x, y, expected.rgb);
   check_three(*views[GIFLAB_LINEAR_F32], x, y, expected.linear);
   check_three(*views[GIFLAB_XYB_F32], x, y, expected.xyb);
   check_three(*views[GIFLAB_LAB_F32], x, y, expected.lab);
}

// Of all forms that are made.
bool same_bits(const media::representations &a, const media::representations &b) {
   for (uint32_t form = GIFLAB_RGB8; form < media::representation_count; ++form) {
      if (form == GIFLAB_INDEX8)
         continue;
      const giflab_view &one = *a.views()[form], &two = *b.views()[form];
      if (one.plane_count != two.plane_count)
         return false;
      for (uint32_t plane = 0; plane < one.plane_count; ++plane)
         for (int y = 0; y < a.source().height; ++y)
            if (std::memcmp(static_cast<const char *>(one.planes[plane].data) +
                                static_cast<std::size_t>(y) * one.planes[plane].stride,
                            static_cast<const char *>(two.planes[plane].data) +
                                static_cast<std::size_t>(y) * two.planes[plane].stride,
                            static_cast<std::size_t>(a.source().width) * one.bytes_per_pixel) != 0)
               return false;
   }
   return true;
}

} // namespace

TEST_CASE("every form is what its formula says, both ways") {
   const auto source = colourful();
   for (const auto way : {conversion::pixels, conversion::palette})
      for (const media::colour background : {media::colour{}, media::colour{10, 100, 250}}) {
         media::representations forms(source, background, way, test_pool());
         forms.make(everything);
         for (int y = 0; y < source->height; ++y)
            for (int x = 0; x < source->width; ++x)
               check_pixel(forms, x, y, background);
      }
}

TEST_CASE("through the palette or by pixels: the same bits") {
   const auto source = colourful();
   REQUIRE(source->indexed());
   media::representations by_pixels(source, {3, 5, 7}, conversion::pixels, test_pool());
   media::representations by_palette(source, {3, 5, 7}, conversion::palette, test_pool());
   by_pixels.make(everything);
   by_palette.make(everything);
   CHECK(same_bits(by_pixels, by_palette));
}

TEST_CASE("from the picture before or anew: the same bits") {
   gif_writer clip(70, 50, {{255, 0, 0}, {0, 200, 90}, {7, 8, 9}, {128, 128, 255}});
   clip.frame({.width = 70, .height = 50, .indices = bytes(70 * 50, 1)});
   clip.frame({.x = 61, .y = 44, .width = 9, .height = 6, .indices = bytes(9 * 6, 2)}); // cut squares
   clip.frame({.x = 0, .y = 0, .width = 17, .height = 1, .indices = bytes(17, 3)});
   clip.frame({.width = 70, .height = 50, .indices = bytes(70 * 50, 0)}); // more than is worth a copy
   const auto read = read_gif(clip.trailer().file);
   REQUIRE(read.pictures.size() == 4);
   for (const auto way : {conversion::pixels, conversion::palette})
      for (std::size_t i = 1; i < 4; ++i) {
         CAPTURE(i);
         media::representations before(read.pictures[i - 1], {3, 5, 7}, way, test_pool());
         media::representations continued(read.pictures[i], {3, 5, 7}, way, test_pool());
         media::representations anew(read.pictures[i], {3, 5, 7}, way, test_pool());
         before.make(everything);
         continued.make(everything, &before);
         anew.make(everything);
         CHECK(same_bits(continued, anew));
      }
}

TEST_CASE("whole-number luma is the formula's for all colours") {
   int wrong = 0;
   for (int r = 0; r < 256; ++r)
      for (int g = 0; g < 256; ++g)
         for (int b = 0; b < 256; ++b)
            wrong +=
                media::luma8({static_cast<uint8_t>(r), static_cast<uint8_t>(g), static_cast<uint8_t>(b)}) !=
                std::floor(0.299 * r + 0.587 * g + 0.114 * b + 0.5);
   CHECK(wrong == 0);
}

TEST_CASE("compositing rounds to nearest for every alpha and colour") {
   int wrong = 0;
   for (uint32_t alpha = 0; alpha < 256; ++alpha)
      for (uint32_t value = 0; value < 256; ++value)
         for (const uint32_t background : {0u, 1u, 127u, 254u, 255u})
            wrong += media::over(value, alpha, background) != over(value, alpha, background);
   CHECK(wrong == 0);
}

TEST_CASE("views are laid out as plugins are promised, and only what was asked for is there") {
   const auto source = colourful();
   media::representations forms(source, {}, conversion::palette, test_pool());
   forms.make(GIFLAB_BIT(GIFLAB_RGBA8) | GIFLAB_BIT(GIFLAB_INDEX8) | GIFLAB_BIT(GIFLAB_XYB_F32));
   const auto &views = forms.views();
   CHECK(views[GIFLAB_RGB8] == nullptr);
   CHECK(views[GIFLAB_RGBA8]->planes[0].data == source->rgba().row<uint8_t>(0));
   CHECK(views[GIFLAB_INDEX8]->plane_count == 3);
   CHECK(views[GIFLAB_INDEX8]->planes[1].data == source->indexed()->palette.row<uint8_t>(0));
   CHECK(views[GIFLAB_XYB_F32]->plane_count == 3);
   const giflab_view *before = views[GIFLAB_XYB_F32];
   forms.make(everything);
   CHECK(views[GIFLAB_XYB_F32] == before);
   for (const giflab_view *view : views) {
      REQUIRE(view);
      for (uint32_t plane = 0; plane < view->plane_count; ++plane) {
         CHECK(reinterpret_cast<std::uintptr_t>(view->planes[plane].data) % 64 == 0);
         CHECK(view->planes[plane].stride % 64 == 0);
      }
   }
}

TEST_CASE("known colours") {
   CHECK(media::lab({255, 255, 255})[0] == doctest::Approx(100));
   CHECK(media::lab({0, 0, 0})[0] == doctest::Approx(0));
   CHECK(media::lab({255, 0, 0})[1] == doctest::Approx(80.0942).epsilon(1e-4));
   CHECK(media::xyb({0, 0, 0})[1] == 0);
   CHECK(media::xyb({255, 255, 255})[0] == doctest::Approx(0));
   CHECK(media::xyb({255, 255, 255})[1] == doctest::Approx(0.845308).epsilon(1e-5));
}

} // namespace giflab::tests
