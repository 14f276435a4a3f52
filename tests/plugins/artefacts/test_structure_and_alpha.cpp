// Edges, textures, sharpness and transparency. Numbers come from a twin in numpy and scipy: edges as edges.hpp
// says with ndimage.correlate1d, ndimage.sobel, directions by arctan2 and ndimage.label for the weak ones;
// textures by skimage.feature.local_binary_pattern(L, 8, 1, "uniform"), inner pixels; sharpness by
// ndimage.laplace, likewise.

#include "measured.hpp"

namespace giflab::test {
namespace {

values edges(const picture &a, const picture &b) { return measured("structure", "edge_similarity", a, b); }
double texture(const picture &a, const picture &b) {
   return measured("structure", "texture_similarity", a, b).at("texture_similarity");
}
double sharpness(const picture &a, const picture &b) {
   return measured("structure", "sharpness_ratio", a, b).at("sharpness_ratio");
}

int ring(int x, int y) { return (x * x + y * y) / 300 % 2 == 1 ? 180 : 60; }

const picture rings = grey(107, 61, ring);
const picture moved_rings = grey(107, 61, [](int x, int y) {
   return x > 80 ? 70 : (x * x + y * y + 3 * y) / 300 % 2 == 1 ? 150 : 90;
});
const picture noisy_rings = grey(107, 61, [](int x, int y) { return ring(x, y) + (x * 7 + y * 13) % 11 - 5; });

TEST_CASE("edges are those of an independent program") {
   const values moved = edges(rings, moved_rings), noisy = edges(rings, noisy_rings);
   CHECK(moved.at("edge_similarity") == near(0.8791831574489551));
   CHECK(moved.at("edges_lost") == near(0.20168067226890757));
   CHECK(moved.at("edges_added") == near(0.021724818959842));
   CHECK(noisy.at("edge_similarity") == near(0.9927552129165447));
   CHECK(noisy.at("edges_lost") == near(0.0005252100840336134));
   CHECK(noisy.at("edges_added") == near(0.013874614594039054));
}

picture step_at(int place, int height) {
   return grey(40, 20, [=](int x, int) { return x < place ? 100 : 100 + height; });
}

TEST_CASE("an edge may move by a pixel, and no further") {
   CHECK(edges(step_at(20, 80), step_at(21, 80)).at("edge_similarity") == 1);
   CHECK(edges(step_at(20, 80), step_at(22, 80)).at("edge_similarity") == 0);
}

TEST_CASE("a lone step is an edge from 37.5 levels on") {
   const picture flat = step_at(20, 0);
   CHECK(edges(flat, step_at(20, 38)).at("edges_added") == 1);
   CHECK(edges(flat, step_at(20, 37)).at("edges_added") == 0);
}

TEST_CASE("swapping pictures swaps lost and added edges") {
   const values there = edges(rings, moved_rings), back = edges(moved_rings, rings);
   CHECK(there.at("edge_similarity") == back.at("edge_similarity"));
   CHECK(there.at("edges_lost") == back.at("edges_added"));
   CHECK(there.at("edges_added") == back.at("edges_lost"));
}

TEST_CASE("where only one picture has edges the likeness is 0") {
   const picture flat = step_at(20, 0), step = step_at(20, 80);
   const values gone = edges(step, flat), come = edges(flat, step);
   CHECK(gone.at("edge_similarity") == 0);
   CHECK(gone.at("edges_lost") == 1);
   CHECK(gone.at("edges_added") == 0);
   CHECK(come.at("edge_similarity") == 0);
   CHECK(come.at("edges_added") == 1);
}

TEST_CASE("textures and sharpness are those of an independent program") {
   const picture_pair pair = natural_pair(107, 61);
   CHECK(texture(pair.reference, pair.distorted) == near(0.8613397901533495));
   CHECK(texture(rings, noisy_rings) == near(0.4317998385794996));
   CHECK(sharpness(pair.reference, pair.distorted) == near(1.1328210141410322));
   CHECK(sharpness(rings, noisy_rings) == near(1.0091985537718078));
}

TEST_CASE("texture does not mind light or place, and does not depend on which picture is the original") {
   const auto weave = [](int add, int shift) {
      return grey(66, 66, [=](int x, int y) { return add + 3 * ((x + shift) * 5 % 8) + 2 * (y * 3 % 8); });
   };
   CHECK(texture(weave(20, 0), weave(90, 0)) == 1);
   CHECK(texture(weave(20, 0), weave(20, 8)) == 1);
   CHECK(texture(rings, noisy_rings) == texture(noisy_rings, rings));
}

TEST_CASE("sharpness is a ratio, with nothing to divide by where the original is flat") {
   const picture flat = step_at(20, 0), step = step_at(20, 40), higher = step_at(20, 80);
   CHECK(sharpness(step, higher) == 4);
   CHECK(sharpness(higher, step) == 0.25);
   CHECK(sharpness(step, flat) == 0);
   CHECK(std::isnan(sharpness(flat, step)));
   CHECK(sharpness(flat, flat) == 1);
}

// ---- Transparency

values alpha(const picture &a, const picture &b) { return measured("alpha", "alpha", a, b); }

picture with_alpha(picture source, uint8_t opacity) {
   source.alpha.assign(static_cast<size_t>(source.width) * static_cast<size_t>(source.height), opacity);
   return source;
}

TEST_CASE("opaque pictures differ over any background by their root mean squared error") {
   const picture_pair pair = natural_pair(37, 29);
   const double rmse = measured("error", "error", pair.reference, pair.distorted).at("rmse");
   const values found = alpha(pair.reference, pair.distorted);
   for (const char *id : {"alpha_mismatch_white", "alpha_mismatch_black", "alpha_mismatch_checker"})
      CHECK(found.at(id) == rmse);
   CHECK(found.at("alpha_disagreement") == 0);
}

TEST_CASE("a lost pixel of white shows over black and not over white") {
   const picture white = grey(16, 16, [](int, int) { return 255; });
   const values found = alpha(with_alpha(white, 255), with_alpha(white, 0));
   CHECK(found.at("alpha_mismatch_white") == 0);
   CHECK(found.at("alpha_mismatch_black") == 255);
   // 0x99 and 0x66 in equal parts
   CHECK(found.at("alpha_mismatch_checker") == near(std::sqrt((102.0 * 102 + 153 * 153) / 2)));
   CHECK(found.at("alpha_disagreement") == 100);
}

TEST_CASE("half transparent colours are composited and rounded") {
   const picture red = with_alpha(grey(1, 1, [](int, int) { return 200; }), 128);
   const picture none = with_alpha(red, 0);
   const values found = alpha(red, none);
   CHECK(found.at("alpha_mismatch_white") == 255 - 227);   // (128 * 200 + 127 * 255) / 255 = 227.4
   CHECK(found.at("alpha_mismatch_black") == 100);         // 128 * 200 / 255 = 100.4
   CHECK(found.at("alpha_mismatch_checker") == 177 - 153); // (128 * 200 + 127 * 153) / 255 = 176.6
}

TEST_CASE("colours under full transparency do not count") {
   const picture_pair pair = natural_pair(23, 19);
   for (const auto &[id, value] : alpha(with_alpha(pair.reference, 0), with_alpha(pair.distorted, 0)))
      CHECK(value == 0);
}

TEST_CASE("squares of the checkerboard are 8 pixels wide and light at the top left") {
   picture clear = with_alpha(grey(17, 1, [](int, int) { return 0; }), 0), covered = clear;
   const auto cover = [&](size_t x) {
      covered = clear;
      covered.alpha[x] = 255;
      return std::sqrt(17) * alpha(clear, covered).at("alpha_mismatch_checker");
   };
   CHECK(cover(0) == near(0x99));
   CHECK(cover(7) == near(0x99));
   CHECK(cover(8) == near(0x66));
   CHECK(cover(16) == near(0x99));
}

} // namespace
} // namespace giflab::test
