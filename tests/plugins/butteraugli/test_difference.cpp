// The fast twin against the plain one, and memory that it may not touch.

#include "every_target.hpp"
#include "fake_host.hpp"
#include "guarded.hpp"

#include <difference.hpp>
#include <difference_vector.hpp>

namespace giflab::test {
namespace {

using namespace giflab::butteraugli;
using kernels::arithmetic;

// Planes of linear light that fault where a kernel strays.
class guarded_light {
 public:
   guarded_light(const picture &source, size_t padding, uint8_t poison) {
      for (int c = 0; c < 3; ++c)
         planes_.push_back(std::make_unique<guarded_plane<float>>(
             source.width, source.height, padding, poison,
             [&](int32_t x, int32_t y) { return linear_of(source.rgb[source.at(x, y, c)]); }));
   }
   kernels::plane<float> read(size_t c) const { return planes_[c]->read(); }

 private:
   std::vector<std::unique_ptr<guarded_plane<float>>> planes_;
};

light_pair pair_of_light(const guarded_light &a, const guarded_light &b, size area) {
   return {{a.read(0), a.read(1), a.read(2)}, {b.read(0), b.read(1), b.read(2)}, area.width, area.height};
}

map_sums plain(const light_pair &pair, const viewing &conditions) {
   return measure(
       pair, conditions, nullptr, [] {}, arithmetic::scalar);
}

// The strips themselves, also where pictures are so small that measure() would not use them.
map_sums in_strips(const light_pair &pair, const viewing &conditions) {
   const size_t bytes = vector::scratch_bytes(pair.width, pair.height);
   const guarded_memory scratch(bytes);
   std::memset(scratch.data(), 0xFF, bytes); // NaN
   return vector::measure(pair, conditions, reinterpret_cast<std::byte *>(scratch.data()), [] {});
}

// Bands are small differences of large values, so that floats keep four digits of them, and what is left of a
// flat area is not quite nothing. Without fused multiply-add it is a little more.
void check_close(const map_sums &expected, const map_sums &found, double pixels) {
   const double norm = three_norm(expected, pixels);
   CHECK(std::fabs(expected.maximum - found.maximum) <= 1e-4 * expected.maximum + 2e-4);
   CHECK(std::fabs(norm - three_norm(found, pixels)) <= 1e-4 * norm + 2e-4);
}

void check(const std::vector<picture_pair> &pairs, const viewing &conditions) {
   for (const picture_pair &pair : pairs) {
      const size area = {pair.reference.width, pair.reference.height};
      INFO(pair.name, " ", area.width, "x", area.height);
      const guarded_light a(pair.reference, 0, 0), b(pair.distorted, 0, 0);
      const guarded_light wide_a(pair.reference, 64, 0xFF), wide_b(pair.distorted, 4, 0x55);
      const light_pair light = pair_of_light(a, b, area);
      const map_sums expected = plain(light, conditions);
      for_every_target([&] {
         const map_sums found = in_strips(light, conditions);
         const map_sums wide = in_strips(pair_of_light(wide_a, wide_b, area), conditions);
         CHECK(std::memcmp(&found, &wide, sizeof found) == 0);
         check_close(expected, found, static_cast<double>(area.width) * area.height);
      });
   }
}

TEST_CASE("strips agree with whole planes at odd sizes") {
   for (const size area :
        {size{1, 1}, size{1, 70}, size{70, 1}, size{7, 5}, size{8, 8}, size{8, 15}, size{15, 16}, size{31, 33},
         size{33, 64}, size{65, 29}, size{7, 7}, size{7, 80}, size{83, 7}})
      check(hard_pairs(area.width, area.height), {80, 1});
}

TEST_CASE("strips agree with whole planes where several stand side by side") {
   // Two strips over one of the halved picture, three over two, and strips that end within a vector.
   for (const size area : {size{513, 9}, size{560, 24}, size{1034, 12}})
      check({natural_pair(area.width, area.height)}, {80, 1});
}

TEST_CASE("strips agree with whole planes under other conditions") {
   for (const viewing conditions : {viewing{1, 1}, viewing{10000, 1}, viewing{250, 0.5}, viewing{80, 3}})
      check(hard_pairs(41, 30), conditions);
}

// A step of one level in one channel is all that differs.
TEST_CASE("the least difference of all is seen alike") {
   const auto grey = [](int32_t x, int32_t y, int32_t) { return 100 + (x + y) % 3; };
   const auto nearly = [=](int32_t x, int32_t y, int32_t c) {
      return grey(x, y, c) + (x == 30 && y == 20 && c == 1 ? 1 : 0);
   };
   const size area = {64, 48};
   const picture_pair pair = pair_of("one step", area.width, area.height, grey, nearly);
   const guarded_light a(pair.reference, 0, 0), b(pair.distorted, 0, 0);
   const light_pair light = pair_of_light(a, b, area);
   const map_sums expected = plain(light, {80, 1});
   CHECK(expected.maximum > 0.001);
   for_every_target([&] {
      const map_sums found = in_strips(light, {80, 1});
      CHECK(std::fabs(found.maximum - expected.maximum) <= 1e-3 * expected.maximum);
   });
}

TEST_CASE("small pictures are measured by the plain twin, which needs no scratch") {
   CHECK(scratch_bytes(1, 1, arithmetic::vector) == 0);
   CHECK(scratch_bytes(22, 22, arithmetic::vector) == 0);
   CHECK(scratch_bytes(500, 500, arithmetic::scalar) == 0);
   CHECK(scratch_bytes(500, 500, arithmetic::vector) > 0);
}

TEST_CASE("what pause throws comes through") {
   const size area = {40, 40};
   const picture_pair pair = natural_pair(area.width, area.height);
   const guarded_light a(pair.reference, 0, 0), b(pair.distorted, 0, 0);
   const light_pair light = pair_of_light(a, b, area);
   std::vector<std::byte> room(scratch_bytes(area.width, area.height, arithmetic::vector) + 64);
   auto *scratch = room.data() + (64 - reinterpret_cast<uintptr_t>(room.data()) % 64);
   const auto stop = [] { throw std::runtime_error("stop"); };
   CHECK_THROWS_WITH(measure(light, {80, 1}, scratch, stop, arithmetic::vector), "stop");
   CHECK_THROWS_WITH(measure(light, {80, 1}, scratch, stop, arithmetic::scalar), "stop");
}

} // namespace
} // namespace giflab::test
