#include "resample.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace giflab::plugins {

namespace {

double bicubic(double x) {
   x = std::abs(x);
   if (x < 1)
      return (1.5 * x - 2.5) * x * x + 1;
   return x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0;
}

double sinc(double x) {
   const double angle = std::numbers::pi * x;
   return x == 0 ? 1 : std::sin(angle) / angle;
}

// How far a kernel reaches, and its height there.
double reach_of(method how) { return how == method::bilinear ? 1 : how == method::bicubic ? 2 : 3; }

double height_of(method how, double x) {
   switch (how) {
   case method::bilinear:
      return std::max(0.0, 1 - std::abs(x));
   case method::bicubic:
      return bicubic(x);
   default:
      return std::abs(x) < 3 ? sinc(x) * sinc(x / 3) : 0;
   }
}

taps normalised(int32_t first, const std::vector<double> &weights) {
   double sum = 0;
   for (const double weight : weights)
      sum += weight;
   taps made{first, {}};
   for (const double weight : weights)
      made.weights.push_back(static_cast<float>(weight / sum));
   return made;
}

// What of each source sample lies within [begin, end).
taps covered(double begin, double end, int32_t length) {
   const int32_t first = std::clamp(static_cast<int32_t>(std::floor(begin)), 0, length - 1);
   std::vector<double> weights;
   for (int32_t i = first; i < length && i < end; ++i)
      if (const double part = std::min(end, i + 1.0) - std::max(begin, static_cast<double>(i)); part > 1e-9)
         weights.push_back(part);
   return normalised(first, weights);
}

// Samples beyond the edge are those at the edge.
taps weighed(double centre, double factor, int32_t length, method how) {
   const double reach = reach_of(how) * factor;
   const auto from = static_cast<int32_t>(std::floor(centre - reach)),
              to = static_cast<int32_t>(std::ceil(centre + reach));
   const int32_t first = std::clamp(from, 0, length - 1), last = std::clamp(to, 0, length - 1);
   std::vector<double> weights(static_cast<std::size_t>(last - first + 1), 0.0);
   for (int32_t i = from; i <= to; ++i)
      weights[static_cast<std::size_t>(std::clamp(i, first, last) - first)] +=
          height_of(how, (i + 0.5 - centre) / factor);
   return normalised(first, weights);
}

uint8_t to_byte(float level) { return static_cast<uint8_t>(std::lround(std::clamp(level, 0.0f, 255.0f))); }

} // namespace

std::vector<taps> taps_for(int32_t length, int32_t result, method how) {
   const double step = static_cast<double>(length) / result;
   std::vector<taps> all;
   all.reserve(static_cast<std::size_t>(result));
   for (int32_t i = 0; i < result; ++i) {
      const double centre = (i + 0.5) * step;
      if (how == method::nearest || (how == method::area && step <= 1))
         all.push_back({std::min(static_cast<int32_t>(centre), length - 1), {1.0f}});
      else if (how == method::area)
         all.push_back(covered(i * step, (i + 1) * step, length));
      else
         all.push_back(weighed(centre, std::max(1.0, step), length, how));
   }
   return all;
}

resampler::resampler(int32_t width, int32_t height, int32_t result_width, int32_t result_height, method how)
    : across_(taps_for(width, result_width, how)), down_(taps_for(height, result_height, how)) {
   std::size_t most = 1;
   for (const taps &one : down_)
      most = std::max(most, one.weights.size());
   rows_.assign(most, float_row(static_cast<std::size_t>(result_width) * 4));
   rows_known_.assign(most, -1);
   sum_.resize(static_cast<std::size_t>(result_width) * 4);
}

const resampler::float_row &resampler::narrowed(kernels::plane<uint8_t> source, int32_t y) {
   const std::size_t place = static_cast<std::size_t>(y) % rows_.size();
   float_row &made = rows_[place];
   if (rows_known_[place] == y)
      return made;
   rows_known_[place] = y;
   const uint8_t *from = source.row(y);
   for (std::size_t x = 0; x < across_.size(); ++x) {
      float *to = &made[4 * x];
      std::fill_n(to, 4, 0.0f);
      for (std::size_t i = 0; i < across_[x].weights.size(); ++i) {
         const uint8_t *pixel = from + 4 * (static_cast<std::size_t>(across_[x].first) + i);
         const float alpha = across_[x].weights[i] * static_cast<float>(pixel[3]);
         for (std::size_t c = 0; c < 3; ++c)
            to[c] += alpha * static_cast<float>(pixel[c]);
         to[3] += alpha;
      }
   }
   return made;
}

void resampler::row(kernels::plane<uint8_t> source, int32_t y, uint8_t *to) {
   if (y == 0)
      std::fill(rows_known_.begin(), rows_known_.end(), -1);
   const taps &down = down_[static_cast<std::size_t>(y)];
   std::fill(sum_.begin(), sum_.end(), 0.0f);
   for (std::size_t i = 0; i < down.weights.size(); ++i) {
      const float_row &from = narrowed(source, down.first + static_cast<int32_t>(i));
      for (std::size_t k = 0; k < sum_.size(); ++k)
         sum_[k] += down.weights[i] * from[k];
   }
   for (std::size_t x = 0; x < across_.size(); ++x, to += 4) {
      const float *from = &sum_[4 * x];
      to[3] = to_byte(from[3]);
      for (std::size_t c = 0; c < 3; ++c)
         to[c] = to[3] == 0 ? uint8_t{0} : to_byte(from[c] / from[3]);
   }
}

} // namespace giflab::plugins
