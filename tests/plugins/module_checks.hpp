#pragma once
// Checks that a metric's own tests share: known values, agreement of levels, and that nothing but pixels
// counts.

#include "fake_host.hpp"

#include <doctest/doctest.h>

namespace giflab::test {

inline values measured(const giflab_plugin &plugin, uint32_t level, const picture_pair &pair) {
   const fake_image a(pair.reference, 0, 0xAA), b(pair.distorted, 0, 0x55);
   return measure(plugin, level, {{&a.image, &b.image}})[0];
}

inline bool same_bits(const values &a, const values &b) {
   return std::ranges::equal(a, b, [](const auto &p, const auto &q) {
      return p.first == q.first && std::memcmp(&p.second, &q.second, sizeof p.second) == 0;
   });
}

// Every value of `found` lies within `tolerance` of the one expected; NaN meets NaN only.
inline void check_near(const values &found, const values &expected, double tolerance) {
   for (const auto &[id, value] : expected) {
      CAPTURE(id);
      CAPTURE(value);
      CAPTURE(found.at(id));
      CHECK(((std::isnan(value) && std::isnan(found.at(id))) || std::fabs(found.at(id) - value) <= tolerance));
   }
}

// Levels 0 and 1 agree on hard pictures of these sizes, and the values lie in the range that the table gives.
inline void check_levels(const giflab_plugin &plugin, const std::vector<size> &sizes, double tolerance) {
   for (const auto [width, height] : sizes)
      for (const picture_pair &pair : hard_pairs(width, height)) {
         INFO(pair.name, " ", width, "x", height);
         const values plain = measured(plugin, 0, pair);
         check_near(measured(plugin, 1, pair), plain, tolerance);
         for (uint32_t i = 0; i < plugin.output_count; ++i) {
            const double value = plain.at(plugin.outputs[i].id);
            CHECK((std::isnan(value) ||
                   (value >= plugin.outputs[i].lowest && value <= plugin.outputs[i].highest)));
         }
      }
}

// Strides, what stands between rows, and the pairs of a call beside a pair change no bit.
inline void check_only_pixels_count(const giflab_plugin &plugin, uint32_t level, int32_t width,
                                    int32_t height) {
   const picture_pair pair = natural_pair(width, height), other = hard_pairs(width, height).back();
   const fake_image a(pair.reference, 0, 0), b(pair.distorted, 0, 0xFF);
   const fake_image wide_a(pair.reference, 3, 0xFF), wide_b(pair.distorted, 65, 0x5A);
   const fake_image other_a(other.reference, 0, 1), other_b(other.distorted, 1, 2);
   const values alone = measure(plugin, level, {{&a.image, &b.image}})[0];
   CHECK(same_bits(alone, measure(plugin, level, {{&wide_a.image, &wide_b.image}})[0]));
   const auto together = measure(plugin, level, {{&other_a.image, &other_b.image}, {&wide_a.image, &b.image}});
   CHECK(same_bits(alone, together[1]));
}

} // namespace giflab::test
