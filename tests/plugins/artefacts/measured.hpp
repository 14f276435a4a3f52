#pragma once
// One pair of pictures through one built-in metric.

#include "fake_host.hpp"

#include <doctest/doctest.h>

namespace giflab::test {

inline values measured(const std::string &module, const std::string &id, const picture &reference,
                       const picture &distorted) {
   const fake_image a(reference, 0, 0xAA), b(distorted, 1, 0x55);
   return measure(plugin_of(module, "org.giflab." + id), 1, {{&a.image, &b.image}})[0];
}

// A grey picture by a formula of (x, y).
template <class Formula> picture grey(int32_t width, int32_t height, Formula &&formula) {
   picture made(width, height);
   for (int32_t y = 0; y < height; ++y)
      for (int32_t x = 0; x < width; ++x)
         for (int32_t channel = 0; channel < 3; ++channel)
            made.rgb[made.at(x, y, channel)] = static_cast<uint8_t>(std::clamp<int>(formula(x, y), 0, 255));
   return made;
}

inline auto near(double value) { return doctest::Approx(value).epsilon(1e-11); }

} // namespace giflab::test
