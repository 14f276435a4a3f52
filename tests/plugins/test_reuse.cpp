// What metrics keep of the pair before: at level 2 they give the bits of level 1, in any order and company of
// pairs.

#include "module_checks.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <numeric>

namespace giflab::test {
namespace {

constexpr int32_t width = 301, height = 241; // enough for tables of index pairs, at five scales

struct spot {
   int32_t x, y, width, height;
};

// Fills a spot of a picture with noise of so many colours: up to 256, or 512.
void paint(picture &on, const spot &where, int colours, uint64_t seed) {
   for (int32_t y = where.y; y < where.y + where.height; ++y)
      for (int32_t x = where.x; x < where.x + where.width; ++x) {
         const int64_t at = int64_t{y} * width + x;
         const int level = noise(seed, at) % std::min(colours, 256);
         on.rgb[on.at(x, y, 0)] = static_cast<uint8_t>(level);
         on.rgb[on.at(x, y, 1)] = colours > 256 ? static_cast<uint8_t>(noise(seed + 50, at) % 2) : 0;
         on.rgb[on.at(x, y, 2)] = static_cast<uint8_t>(255 - level);
      }
}

// One side of a clip: pictures of which each changes a spot of the one before.
class side {
 public:
   // `squares`: are changed squares told, or the rectangle alone?
   side(int colours, uint64_t seed, bool squares = true) : tells_squares_(squares), last_(width, height) {
      picture now(width, height);
      paint(now, {0, 0, width, height}, colours, seed);
      add(now, {0, 0, width, height});
      for (const spot &where :
           {spot{40, 60, 9, 14}, spot{0, 0, 1, 1}, spot{300, 240, 1, 1}, spot{0, 100, 301, 1},
            spot{47, 0, 2, 241}, spot{63, 31, 2, 2}, spot{10, 10, 200, 150}}) {
         paint(now, where, colours, ++seed + 100);
         add(now, where);
      }
      add(now, {0, 0, 0, 0}); // held
      // Two corners change, and the rectangle around them is all of the picture.
      paint(now, {3, 3, 5, 5}, colours, 7);
      paint(now, {290, 230, 5, 5}, colours, 8);
      add(now, {3, 3, 292, 232});
   }

   size_t size() const { return images_.size(); }
   giflab_image &operator[](size_t i) { return images_[i]->image; }
   void hide(uint32_t representation) {
      for (const auto &image : images_)
         image->hide(representation);
   }

 private:
   void add(const picture &shown, const spot &changed) {
      images_.push_back(
          std::make_unique<fake_image>(shown, images_.size() % 3, static_cast<uint8_t>(images_.size())));
      giflab_image &image = images_.back()->image;
      if (images_.size() > 1)
         images_.back()->follow(*images_[images_.size() - 2], changed.width == 0);
      image.changed_x = changed.x, image.changed_y = changed.y;
      image.changed_width = changed.width, image.changed_height = changed.height;
      if (tells_squares_ && images_.size() > 1)
         image.changed_squares = squares_.emplace_back(squares_between(last_, shown)).data();
      last_ = shown;
   }

   static std::vector<uint8_t> squares_between(const picture &before, const picture &now) {
      constexpr int32_t across = (width + 15) / 16, down = (height + 15) / 16;
      std::vector<uint8_t> squares(size_t{across} * size_t{down});
      for (int32_t y = 0; y < height; ++y)
         for (int32_t x = 0; x < width; ++x)
            if (std::memcmp(&before.rgb[before.at(x, y)], &now.rgb[now.at(x, y)], 3) != 0)
               squares[static_cast<size_t>(y / 16 * across + x / 16)] = 1;
      return squares;
   }

   bool tells_squares_;
   picture last_;
   std::deque<std::vector<uint8_t>> squares_;
   std::vector<std::unique_ptr<fake_image>> images_;
};

struct module_plugin {
   const char *module, *id;
};
constexpr module_plugin plugins[] = {
    {"error", "org.giflab.error"},         {"error", "org.giflab.psnr_y"},
    {"ssim", "org.giflab.ssim"},           {"gmsd", "org.giflab.gmsd"},
    {"histogram", "org.giflab.histogram"}, {"ciede2000", "org.giflab.ciede2000"}};

// As the host counts them.
class index_pairs {
 public:
   explicit index_pairs(const giflab_pair &pair) {
      const auto &a = pair.reference->views[GIFLAB_INDEX8]->planes[0];
      const auto &b = pair.distorted->views[GIFLAB_INDEX8]->planes[0];
      std::map<std::pair<uint8_t, uint8_t>, uint32_t> pixels;
      for (int32_t y = 0; y < height; ++y)
         for (int32_t x = 0; x < width; ++x)
            ++pixels[{row(a, y)[x], row(b, y)[x]}];
      for (const auto &[indices, count] : pixels)
         counted_.push_back({indices.first, indices.second, 0, count});
   }
   void show_in(giflab_image &distorted) const {
      distorted.index_pairs = counted_.data();
      distorted.index_pair_count = counted_.size();
   }

 private:
   static const uint8_t *row(const giflab_plane &plane, int32_t y) {
      return static_cast<const uint8_t *>(plane.data) + static_cast<size_t>(y) * plane.stride;
   }
   std::vector<giflab_index_pair> counted_;
};

std::vector<giflab_pair> pairs_of(side &a, side &b, const std::vector<size_t> &order) {
   std::vector<giflab_pair> pairs;
   for (const size_t i : order)
      pairs.push_back({&a[i], &b[i]});
   return pairs;
}

// Measures pairs in calls of one at level 2, by one instance, as a single map a pair.
class instance {
 public:
   explicit instance(const giflab_plugin &plugin) : plugin_(plugin) {
      giflab_setup setup = {};
      setup.clip.width = width, setup.clip.height = height;
      setup.level = 2;
      REQUIRE(plugin.create(&call_.c, &setup, &object_) == GIFLAB_OK);
   }
   ~instance() { plugin_.destroy(object_); }
   instance(const instance &) = delete;
   instance &operator=(const instance &) = delete;

   values measure(const giflab_pair &pair) {
      fake_call call;
      REQUIRE(plugin_.metric->measure(object_, &call.c, &pair, 1) == GIFLAB_OK);
      values found;
      for (const auto &[key, value] : call.scores)
         found[plugin_.outputs[key.second].id] = value;
      return found;
   }

 private:
   const giflab_plugin &plugin_;
   fake_call call_;
   void *object_ = nullptr;
};

TEST_CASE("what is kept of the pair before changes no bit") {
   side few_a(150, 1), few_b(140, 2);   // with palettes
   side many_a(512, 3), many_b(200, 4); // of these the one has none
   side coarse_a(150, 1, false), coarse_b(140, 2, false);
   for (const auto &[module, id] : plugins)
      for (auto [a, b] : {std::pair(&few_a, &few_b), std::pair(&many_a, &many_b), std::pair(&few_a, &few_a),
                          std::pair(&coarse_a, &coarse_b)}) {
         CAPTURE(id);
         const giflab_plugin &plugin = plugin_of(module, id);
         std::vector<size_t> order(a->size());
         std::iota(order.begin(), order.end(), 0);
         const std::vector<values> expected = measure(plugin, 1, pairs_of(*a, *b, order));
         const std::vector<values> together = measure(plugin, 2, pairs_of(*a, *b, order));
         instance one_by_one(plugin), backwards(plugin);
         for (const size_t i : order) {
            CAPTURE(i);
            CHECK(same_bits(together[i], expected[i]));
            CHECK(same_bits(one_by_one.measure({&(*a)[i], &(*b)[i]}), expected[i]));
            const size_t other = order.size() - 1 - i;
            CHECK(same_bits(backwards.measure({&(*a)[other], &(*b)[other]}), expected[other]));
         }
      }
}

TEST_CASE("indices, pixels, both, and indices that were counted give the same bits") {
   side a(150, 1), b(140, 2), many(512, 3);
   std::vector<size_t> order(a.size());
   std::iota(order.begin(), order.end(), 0);
   for (const auto &[module, id] : plugins) {
      const giflab_plugin &plugin = plugin_of(module, id);
      if (!(plugin.flags & GIFLAB_FLAG_INDEX8_ALONE))
         continue;
      CAPTURE(id);
      side pixels_a(150, 1), pixels_b(140, 2), indices_a(150, 1), indices_b(140, 2);
      side counted_a(150, 1), counted_b(140, 2);
      counted_a.hide(GIFLAB_RGB8), counted_b.hide(GIFLAB_RGB8);
      std::deque<index_pairs> counted;
      for (size_t i = 0; i < counted_a.size(); ++i)
         counted.emplace_back(giflab_pair{&counted_a[i], &counted_b[i]}).show_in(counted_b[i]);
      pixels_a.hide(GIFLAB_INDEX8), pixels_b.hide(GIFLAB_INDEX8);
      indices_a.hide(GIFLAB_RGB8), indices_b.hide(GIFLAB_RGB8);
      for (const uint32_t level : {0u, 1u, 2u}) {
         CAPTURE(level);
         const auto both = measure(plugin, level, pairs_of(a, b, order));
         CHECK(
             std::ranges::equal(measure(plugin, level, pairs_of(pixels_a, pixels_b, order)), both, same_bits));
         CHECK(std::ranges::equal(measure(plugin, level, pairs_of(indices_a, indices_b, order)), both,
                                  same_bits));
         CHECK(std::ranges::equal(measure(plugin, level, pairs_of(counted_a, counted_b, order)), both,
                                  same_bits));
         const auto mixed = measure(plugin, level, pairs_of(many, b, order));
         CHECK(std::ranges::equal(measure(plugin, level, pairs_of(many, indices_b, order)), mixed, same_bits));
      }
   }
}

// With a changed rectangle that is not true the values are not either: what lies outside is not looked at.
TEST_CASE("nothing outside the changed rectangles is measured again") {
   for (const auto &[module, id] : plugins) {
      CAPTURE(id);
      side a(150, 1), b(140, 2);
      const giflab_plugin &plugin = plugin_of(module, id);
      if (plugin.lookback == 0)
         continue;                                 // it keeps nothing
      for (giflab_image *image : {&a[7], &b[7]}) { // a large spot
         image->changed_width = image->changed_height = 0;
         image->changed_squares = nullptr;
      }
      const std::vector<values> found = measure(plugin, 2, pairs_of(a, b, {6, 7}));
      CHECK(same_bits(found[0], found[1]));
      CHECK_FALSE(same_bits(measure(plugin, 1, pairs_of(a, b, {7}))[0], found[1]));
   }
}

} // namespace
} // namespace giflab::test
