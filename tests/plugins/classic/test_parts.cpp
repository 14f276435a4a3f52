// Parts of the classic keys by themselves.

#include "fake_host.hpp"

#include "colour_difference.hpp"
#include "contours.hpp"
#include "lab8.hpp"
#include "planes.hpp"
#include "regions.hpp"
#include "sampling.hpp"
#include "statistics.hpp"
#include "timing.hpp"

#include <doctest/doctest.h>

#include <complex>
#include <numbers>
#include <random>

namespace giflab::classic {
namespace {

TEST_CASE("sampling: at most 30 pictures and 500 MiB, evenly, first and last among them") {
   CHECK(sampled_pictures(1, {10, 10}) == std::vector<uint32_t>{0});
   CHECK(sampled_pictures(5, {10, 10}) == std::vector<uint32_t>{0, 1, 2, 3, 4});
   const auto thirty = sampled_pictures(100, {10, 10});
   CHECK(thirty.size() == 30);
   CHECK(thirty[1] == 3); // 99 / 29 = 3.41
   CHECK(thirty.back() == 99);
   CHECK(sampled_pictures(100, {3840, 2160}).size() == 21); // 500 * 2^20 / (3840 * 2160 * 3) = 21.07
   CHECK(sampled_pictures(100, {8192, 8192}).size() == 2);
}

TEST_CASE("statistics as numpy computes them") {
   const std::vector<double> values = {4, 1, 3, 2};
   CHECK(percentile(values, 95) == doctest::Approx(3.85));
   CHECK(variance(values) == doctest::Approx(1.25));
   CHECK(percentile(std::vector<double>{}, 95) == 0);
   CHECK(evenly_spaced(0, 5, 5) == std::vector<uint32_t>{0, 1, 2, 3, 5});
}

TEST_CASE("timing pairs frames by number") {
   CHECK(effective_duration(-1, 2) == 100);
   CHECK(effective_duration(0, 2) == 100);
   CHECK(effective_duration(20, 1) == 100);
   CHECK(effective_duration(70000, 2) == 10000);
   const std::vector<int32_t> a = {100, 100, 100}, b = {100, 200};
   const timing_values timing = compare_timing(a, b);
   CHECK(timing.max_drift_ms == 100);
   CHECK(timing.duration_difference_ms == 0);
   CHECK(timing.drift_score == doctest::Approx(0.2));
   CHECK(timing.accuracy == 0.5);
   CHECK(timing.grid_length == 30);
}

TEST_CASE("shrinking: halves round up, other sizes weigh areas") {
   test::fake_call call;
   pulse beat(call.c);
   const uint8_t four[] = {0, 1, 1, 0};
   uint8_t one = 9;
   shrink(four, {2, 2}, &one, {1, 1}, beat);
   CHECK(one == 1);
   const uint8_t three[] = {0, 90, 255};
   uint8_t two[2];
   shrink(three, {3, 1}, two, {2, 1}, beat);
   CHECK(two[0] == 30);  // (0 + 90 / 2) / 1.5
   CHECK(two[1] == 200); // (90 / 2 + 255) / 1.5
}

TEST_CASE("Canny: a step gives one line of edges, and what is flat gives none") {
   test::fake_call call;
   pulse beat(call.c);
   constexpr extent size{16, 9};
   std::vector<uint8_t> gray(size.pixels()), edges(size.pixels(), 7);
   canny({gray.data(), size}, 50, 150, edges.data(), beat);
   CHECK(count_edges(edges.data(), edges.size()) == 0);
   for (int32_t y = 0; y < size.height; ++y)
      for (int32_t x = 8; x < size.width; ++x)
         gray[static_cast<size_t>(y * size.width + x)] = 200;
   canny({gray.data(), size}, 50, 150, edges.data(), beat);
   CHECK(count_edges(edges.data(), edges.size()) == 9);
   for (int32_t y = 0; y < size.height; ++y)
      CHECK(edges[static_cast<size_t>(y * size.width + 7)] == 1);
   uint8_t pixel = 200, edge = 7; // the least picture
   canny({&pixel, {1, 1}}, 50, 150, &edge, beat);
   CHECK(edge == 0);
}

TEST_CASE("contours: outermost borders only, the last found first") {
   test::fake_call call;
   pulse beat(call.c);
   const char *rows[] = {"#####...", "#...#...", "#.#.#..#", "#...#...", "#####..."};
   std::vector<uint8_t> marks;
   for (const char *row : rows)
      for (const char *c = row; *c; ++c)
         marks.push_back(*c == '#');
   const auto found = outer_contours(marks.data(), {8, 5}, beat);
   REQUIRE(found.size() == 2); // the dot within the ring is none
   CHECK(found[0].size() == 1);
   CHECK((found[0][0].x == 7 && found[0][0].y == 2));
   CHECK(found[1].size() == 16);
   CHECK((found[1][0].x == 0 && found[1][0].y == 0));
   CHECK((found[1][1].x == 0 && found[1][1].y == 1)); // downwards
   CHECK(enclosed_area(found[1]) == 16);
   const auto shapes = connected_shapes(marks.data(), {8, 5}, beat);
   REQUIRE(shapes.size() == 3);
   CHECK(shapes[0].area == 16);
   CHECK(shapes[0].width == 5);
}

TEST_CASE("flat windows leave the last one out; rectangles join the first that they share enough with") {
   test::fake_call call;
   pulse beat(call.c);
   const std::vector<uint8_t> flat(64 * 64);
   CHECK(flat_windows({flat.data(), {16, 64}}, 16, 8, beat).empty());
   CHECK(flat_windows({flat.data(), {17, 33}}, 16, 8, beat).size() == 3);
   const auto boxes = joined({{0, 0, 64, 64}, {32, 0, 64, 64}, {200, 0, 64, 64}}, 0.3, beat);
   REQUIRE(boxes.size() == 2);
   CHECK(boxes[0].width == 96);
   CHECK(joined({{0, 0, 16, 16}, {8, 0, 16, 16}}, 0.5, beat).size() == 2); // exactly half is not more
}

TEST_CASE("L*a*b* of 8 bits has OpenCV's bytes") {
   const struct {
      uint8_t rgb[3];
      lab8 lab;
   } known[] = {{{0, 0, 0}, {0, 128, 128}},
                {{255, 255, 255}, {255, 128, 128}},
                {{255, 0, 0}, {136, 208, 195}},
                {{0, 255, 0}, {224, 42, 211}},
                {{0, 0, 255}, {82, 207, 20}}};
   for (const auto &[rgb, want] : known) {
      const lab8 found = lab8_of(rgb[0], rgb[1], rgb[2]);
      CHECK(found.l == want.l);
      CHECK(found.a == want.a);
      CHECK(found.b == want.b);
   }
}

TEST_CASE("colour differences remembered are those computed") {
   std::mt19937 random(1);
   colour_differences lasting;
   for (int i = 0; i < 20000; ++i) {
      const uint32_t a = random() & 0xFFFFFF, b = random() & 0xFFFFFF;
      const double found = lasting.between(a, b);
      if (i % 100 == 0)
         CHECK(colour_differences().between(a, b) == found);
      CHECK(lasting.between(a, b) == found);
   }
   CHECK(lasting.between(0x123456, 0x123456) == 0);
}

TEST_CASE("the transform of columns is the discrete Fourier transform, its rows in bit-reversed order") {
   static double real[64][64], imaginary[64][64];
   std::mt19937 random(2);
   std::vector<std::complex<double>> column(64);
   for (size_t y = 0; y < 64; ++y)
      for (size_t x = 0; x < 64; ++x) {
         real[y][x] = static_cast<double>(random() % 256);
         imaginary[y][x] = static_cast<double>(random() % 256);
         if (x == 5)
            column[y] = {real[y][x], imaginary[y][x]};
      }
   transform_columns(real, imaginary);
   for (size_t place = 0; place < 64; ++place) {
      size_t frequency = 0;
      for (size_t bit = 0; bit < 6; ++bit)
         frequency |= (place >> bit & 1) << (5 - bit);
      std::complex<double> sum = 0;
      for (size_t y = 0; y < 64; ++y)
         sum +=
             column[y] * std::polar(1.0, -2 * std::numbers::pi * static_cast<double>(y * frequency % 64) / 64);
      CHECK(real[place][5] == doctest::Approx(sum.real()).epsilon(1e-9));
      CHECK(imaginary[place][5] == doctest::Approx(sum.imag()).epsilon(1e-9));
   }
}

TEST_CASE("alignment takes each picture once, the likest first come") {
   constexpr extent size{4, 4};
   const auto make = [&](std::vector<uint8_t> levels, std::vector<uint8_t> &memory) {
      memory.assign(clip::bytes(size, static_cast<uint32_t>(levels.size())), 0);
      clip pictures(size, static_cast<uint32_t>(levels.size()), memory);
      for (uint32_t i = 0; i < levels.size(); ++i)
         std::memset(pictures.plane(i, RED), levels[i], 3 * size.pixels());
      return pictures;
   };
   test::fake_call call;
   std::vector<uint8_t> memory_a, memory_b;
   const clip a = make({10, 20, 30}, memory_a), b = make({30, 11, 30, 9}, memory_b);
   using pairs = std::vector<aligned_pair>;
   const auto aligned = [&](const clip &one, const clip &other) {
      jobs work;
      errors_of_pairs errors;
      plan_errors(work, one, other, errors);
      work.run(call.c);
      pulse beat(call.c);
      return aligned_pictures(one, other, errors, beat);
   };
   // 11 before 9, 30 before 30
   CHECK(aligned(a, b) == pairs{{0, 1, 48}, {1, 0, 4800}, {2, 2, 0}});
   CHECK(aligned(b, a) == pairs{{0, 2, 0}, {1, 0, 48}, {2, 1, 4800}});
}

TEST_CASE("cancellation is heard") {
   test::fake_call call;
   call.polls_until_cancelled = 3;
   pulse beat(call.c);
   const extent size{1024, 1024};
   std::vector<uint8_t> gray(size.pixels()), edges(size.pixels());
   CHECK_THROWS_AS(canny({gray.data(), size}, 50, 150, edges.data(), beat), failure);
}

} // namespace
} // namespace giflab::classic
