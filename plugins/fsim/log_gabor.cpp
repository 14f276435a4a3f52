#include "log_gabor.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace giflab::fsim {
namespace {

// Of frequency `index` along a side, in cycles a pixel; odd lengths are stretched so that they reach 1/2 too.
double frequency_at(int32_t index, int32_t length) {
   const int32_t signed_index = index < (length + 1) / 2 ? index : index - length;
   return signed_index / static_cast<double>(length % 2 != 0 ? length - 1 : length);
}

// A band around a wavelength of 6, 12, 24 or 48 pixels for each scale. All are cut off alike before 1/2, so
// that the corners of the grid add nothing.
std::array<double, scales> radial_at(double radius) {
   constexpr double shortest_wavelength = 6, width = 0.55, cutoff = 0.45;
   std::array<double, scales> filters = {};
   if (radius == 0)
      return filters;
   const double low_pass = 1 / (1 + std::pow(radius / cutoff, 30));
   for (size_t s = 0; s < scales; ++s) {
      const double centre = 1 / (shortest_wavelength * (1 << s));
      const double distance = std::log(radius / centre) / std::log(width);
      filters[s] = std::exp(-distance * distance / 2) * low_pass;
   }
   return filters;
}

// A Gaussian around each orientation, one way only.
std::array<double, orientations> angular_at(double x, double y) {
   constexpr double sigma = M_PI / orientations / 1.2;
   const double direction = std::atan2(-y, x);
   std::array<double, orientations> filters = {};
   for (size_t o = 0; o < orientations; ++o) {
      const double turn = std::fabs(direction - static_cast<double>(o) * M_PI / orientations);
      const double distance = std::min(turn, 2 * M_PI - turn) / sigma;
      filters[o] = std::exp(-distance * distance / 2);
   }
   return filters;
}

// Kovesi's estimate: where responses are noise, the median of their squared length at the smallest scale is
// ln 2 times its mean, which is the power of the noise times the filter's. What that power makes of the sum
// over scales follows from how much the wavelets overlap; the sums over pixels of their products are, after
// Parseval, sums over frequencies of the products of the filters' even parts.
double noise_of(const log_gabor_bank &bank, int orientation, const std::function<void()> &pause) {
   const std::vector<double> &angular = bank.angular[static_cast<size_t>(orientation)];
   double smallest = 0, joint = 0;
   for (int32_t y = 0; y < bank.height; ++y) {
      pause();
      for (int32_t x = 0; x < bank.width; ++x) {
         const auto at = static_cast<size_t>(y) * static_cast<size_t>(bank.width) + static_cast<size_t>(x);
         const auto opposite =
             static_cast<size_t>((bank.height - y) % bank.height) * static_cast<size_t>(bank.width) +
             static_cast<size_t>((bank.width - x) % bank.width);
         double all_scales = 0;
         for (const std::vector<double> &radial : bank.radial)
            all_scales += (radial[at] * angular[at] + radial[opposite] * angular[opposite]) / 2;
         joint += all_scales * all_scales;
         const double filter = bank.radial[0][at] * angular[at];
         smallest += filter * filter;
      }
   }
   const double tau = std::sqrt(joint / (std::log(2.0) * smallest));
   constexpr double deviations = 2, empirical = 1.7;
   return tau * (std::sqrt(M_PI / 2) + deviations * std::sqrt(2 - M_PI / 2)) / empirical;
}

} // namespace

log_gabor_bank::log_gabor_bank(int32_t w, int32_t h, const std::function<void()> &pause)
    : width(w), height(h), noise() {
   const size_t count = static_cast<size_t>(w) * static_cast<size_t>(h);
   for (auto &plane : radial)
      plane.reserve(count);
   for (auto &plane : angular)
      plane.reserve(count);
   // The place nearer to frequency 0 in the quarter of the grid that is computed: the rest mirrors it.
   const auto mirror_of = [&](int32_t x, int32_t y) {
      return static_cast<size_t>(std::min(y, height - y)) * static_cast<size_t>(width) +
             static_cast<size_t>(std::min(x, width - x));
   };
   for (int32_t y = 0; y < height; ++y) {
      pause();
      for (int32_t x = 0; x < width; ++x) {
         const double u = frequency_at(x, width), v = frequency_at(y, height);
         const auto along = angular_at(u, v);
         for (size_t o = 0; o < orientations; ++o)
            angular[o].push_back(along[o]);
         const size_t mirrored = mirror_of(x, y);
         const bool known = mirrored < radial[0].size();
         const auto around = known ? std::array<double, scales>{} : radial_at(std::sqrt(u * u + v * v));
         for (size_t s = 0; s < scales; ++s)
            radial[s].push_back(known ? radial[s][mirrored] : around[s]);
      }
   }
   for (int o = 0; o < orientations; ++o)
      noise[static_cast<size_t>(o)] = noise_of(*this, o, pause);
}

} // namespace giflab::fsim
