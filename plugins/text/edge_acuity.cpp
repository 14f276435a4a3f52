#include "edge_acuity.hpp"

#include <array>
#include <cmath>
#include <cstdlib>
#include <numbers>
#include <span>

namespace giflab::text {

namespace {

constexpr int least_step = 32;     // levels
constexpr int32_t searched = 2;    // pixels to either side
constexpr int32_t longest_arm = 8; // steps to either side of the steepest
constexpr int frequencies = 32;    // between 0 and 0.5 cycles a pixel

// Pixels along one axis through a place; place 0 is that place.
struct line {
   const uint8_t *centre;
   int64_t step;           // bytes
   int32_t before, behind; // pixels that lie before the place and behind it

   int difference(int32_t at) const { return centre[(at + 1) * step] - centre[at * step]; }
};

line line_through(kernels::plane<uint8_t> luma, int32_t x, int32_t y, axis along, int32_t length) {
   const bool level = along == axis::horizontal;
   const int32_t place = level ? x : y;
   return {luma.row(y) + x, level ? 1 : static_cast<int64_t>(luma.stride), place, length - 1 - place};
}

// cos and sin of 2 pi n / 64
struct turns {
   std::array<double, 64> cosine, sine;
   turns() {
      for (size_t n = 0; n < cosine.size(); ++n) {
         cosine[n] = std::cos(2 * std::numbers::pi * static_cast<double>(n) / 64);
         sine[n] = std::sin(2 * std::numbers::pi * static_cast<double>(n) / 64);
      }
   }
};

// The share of contrast left at `frequency` / 64 cycles a pixel.
double modulation(std::span<const int> spread, int total, size_t frequency) {
   static const turns table;
   double real = 0, imaginary = 0;
   for (size_t i = 0; i < spread.size(); ++i) {
      const size_t turn = i * frequency % 64;
      real += spread[i] * table.cosine[turn];
      imaginary += spread[i] * table.sine[turn];
   }
   return std::hypot(real, imaginary) / std::abs(total);
}

// Where the modulation first falls to a half, between two frequencies along a straight line; 0.5 where it never
// does.
double mtf50(std::span<const int> spread, int total) {
   if (spread.size() == 1)
      return 0.5;
   double before = 1;
   for (size_t frequency = 1; frequency <= frequencies; ++frequency) {
      const double now = modulation(spread, total, frequency);
      if (now <= 0.5)
         return (static_cast<double>(frequency) - (0.5 - now) / (before - now)) / 64;
      before = now;
   }
   return 0.5;
}

} // namespace

bool stands_at(kernels::plane<uint8_t> luma, int32_t x, int32_t y, axis along) {
   const bool level = along == axis::horizontal;
   const int64_t ahead = level ? 1 : static_cast<int64_t>(luma.stride);
   const int64_t aside = level ? static_cast<int64_t>(luma.stride) : 1;
   const uint8_t *here = luma.row(y) + x;
   const auto step = [&](int64_t from, int64_t to) { return std::abs(here[to] - here[from]); };
   const int own = step(0, ahead);
   return own >= least_step && own > step(-ahead, 0) && own >= step(ahead, 2 * ahead) &&
          own >= 2 * step(0, aside) && own >= 2 * step(-aside, 0);
}

edge edge_near(kernels::plane<uint8_t> luma, int32_t x, int32_t y, axis along, int32_t length, bool rising) {
   const line through = line_through(luma, x, y, along, length);
   const auto steepness = [&](int32_t at) { return rising ? through.difference(at) : -through.difference(at); };
   const auto inside = [&](int32_t at) { return at >= -through.before && at < through.behind; };
   int32_t steepest = 0;
   for (int32_t at = -searched; at <= searched; ++at)
      if (inside(at) && steepness(at) > steepness(steepest))
         steepest = at;
   if (steepness(steepest) <= 0)
      return {};
   int32_t first = steepest, last = steepest;
   while (inside(first - 1) && steepest - first < longest_arm && steepness(first - 1) > 0)
      --first;
   while (inside(last + 1) && last - steepest < longest_arm && steepness(last + 1) > 0)
      ++last;
   std::array<int, 2 * longest_arm + 1> spread;
   int total = 0;
   for (int32_t at = first; at <= last; ++at)
      total += spread[static_cast<size_t>(at - first)] = steepness(at);
   const std::span<const int> run(spread.data(), static_cast<size_t>(last - first + 1));
   return {rising ? total : -total, mtf50(run, total)};
}

} // namespace giflab::text
