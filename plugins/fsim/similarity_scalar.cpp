#include "similarity.hpp"

#include <algorithm>
#include <cmath>

namespace giflab::fsim {
namespace {

using plane = std::span<double>;

// A shrunk picture in Y, I and Q.
struct shrunk {
   plane y, i, q;
};

shrunk shrink(const giflab_call &call, kernels::plane<uint8_t> rgb, const sizes &size) {
   const size_t width = static_cast<size_t>(size.width), count = width * static_cast<size_t>(size.height);
   const shrunk result = {scratch<double>(call, count), scratch<double>(call, count),
                          scratch<double>(call, count)};
   const auto columns = scratch<uint16_t>(call, kernels::block_scratch(size.full_width));
   const auto sums = scratch<uint32_t>(call, 3 * width);
   const double pixels = static_cast<double>(size.block_side) * size.block_side;
   for (int32_t row = 0; row < size.height; ++row) {
      stop_if_cancelled(call);
      kernels::sum_blocks(rgb, size.full_width, size.full_height, size.block_side, row, columns, sums);
      for (size_t x = 0; x < width; ++x) {
         const double r = sums[3 * x] / pixels, g = sums[3 * x + 1] / pixels, b = sums[3 * x + 2] / pixels;
         const size_t at = static_cast<size_t>(row) * width + x;
         result.y[at] = 0.299 * r + 0.587 * g + 0.114 * b;
         result.i[at] = 0.596 * r - 0.274 * g - 0.322 * b;
         result.q[at] = 0.211 * r - 0.523 * g + 0.312 * b;
      }
   }
   return result;
}

// ---- Phase congruency

double length_of(const complex &value) { return std::sqrt(value.re * value.re + value.im * value.im); }

// Half way between the two middle ones where their number is even.
double median(std::span<double> values) {
   const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
   std::nth_element(values.begin(), middle, values.end());
   return values.size() % 2 != 0 ? *middle : (*middle + *std::max_element(values.begin(), middle)) / 2;
}

using responses = std::array<std::span<complex>, scales>;

// How far the responses of one place, one for each scale, point the way that their sum does.
double energy_at(const responses &response, size_t at) {
   complex sum = {0, 0};
   for (const auto &scale : response)
      sum = {sum.re + scale[at].re, sum.im + scale[at].im};
   const double length = length_of(sum) + least_energy;
   const complex mean = {sum.re / length, sum.im / length};
   double energy = 0;
   for (const auto &scale : response) {
      const complex &value = scale[at];
      energy += value.re * mean.re + value.im * mean.im - std::fabs(value.re * mean.im - value.im * mean.re);
   }
   return energy;
}

double amplitude_at(const responses &response, size_t at) {
   double amplitude = 0;
   for (const auto &scale : response)
      amplitude += length_of(scale[at]);
   return amplitude;
}

// 0 for what is flat all over: subtracting the middle of the range makes that exactly 0, and no filter sees it.
void take_spectrum(const giflab_call &call, const plain_transform_2d &fourier, plane luma,
                   std::span<complex> spectrum) {
   const auto [least, most] = std::minmax_element(luma.begin(), luma.end());
   const double middle = (*least + *most) / 2;
   std::transform(luma.begin(), luma.end(), spectrum.begin(), [=](double value) {
      return complex{value - middle, 0};
   });
   fourier.forward(spectrum, [&] { stop_if_cancelled(call); });
}

// Scratch of find_congruency.
struct workspace {
   std::span<complex> spectrum;
   responses response;
   plane energy, amplitude, squares;

   workspace(const giflab_call &call, size_t count)
       : spectrum(scratch<complex>(call, count)), energy(scratch<double>(call, count)),
         amplitude(scratch<double>(call, count)), squares(scratch<double>(call, count)) {
      for (auto &scale : response)
         scale = scratch<complex>(call, count);
   }
};

// The phase congruency of each place, 0 where there is no response at all.
void find_congruency(const giflab_call &call, const log_gabor_bank &bank, const plain_transform_2d &fourier,
                     plane luma, const workspace &work, plane congruency) {
   take_spectrum(call, fourier, luma, work.spectrum);
   std::fill(work.energy.begin(), work.energy.end(), 0.0);
   std::fill(work.amplitude.begin(), work.amplitude.end(), 0.0);
   for (size_t o = 0; o < orientations; ++o) {
      for (size_t s = 0; s < scales; ++s) {
         for (size_t at = 0; at < luma.size(); ++at) {
            const double filter = bank.radial[s][at] * bank.angular[o][at];
            work.response[s][at] = {work.spectrum[at].re * filter, work.spectrum[at].im * filter};
         }
         fourier.inverse(work.response[s], [&] { stop_if_cancelled(call); });
      }
      for (size_t at = 0; at < luma.size(); ++at) {
         const complex &smallest = work.response[0][at];
         work.squares[at] = smallest.re * smallest.re + smallest.im * smallest.im;
      }
      const double noise = bank.noise[o] * std::sqrt(median(work.squares));
      for (size_t at = 0; at < luma.size(); ++at) {
         work.energy[at] += std::max(0.0, energy_at(work.response, at) - noise);
         work.amplitude[at] += amplitude_at(work.response, at);
      }
   }
   for (size_t at = 0; at < luma.size(); ++at)
      congruency[at] = work.amplitude[at] > 0 ? work.energy[at] / work.amplitude[at] : 0;
}

// ---- Likeness

// (2 a b + constant) / (a^2 + b^2 + constant), from the squares' roots so that equals give 1 to the bit.
double likeness(double a, double b, double constant) {
   return 1 - (a - b) * (a - b) / (a * a + b * b + constant);
}

// Scharr / 16 with zeros beyond edges.
double gradient_at(plane luma, const sizes &size, int32_t x, int32_t y) {
   const auto at = [&](int32_t i, int32_t j) {
      const bool inside = i >= 0 && j >= 0 && i < size.width && j < size.height;
      return inside ? luma[static_cast<size_t>(j) * static_cast<size_t>(size.width) + static_cast<size_t>(i)]
                    : 0;
   };
   const double across = 3 * (at(x + 1, y - 1) - at(x - 1, y - 1)) + 10 * (at(x + 1, y) - at(x - 1, y)) +
                         3 * (at(x + 1, y + 1) - at(x - 1, y + 1));
   const double down = 3 * (at(x - 1, y + 1) - at(x - 1, y - 1)) + 10 * (at(x, y + 1) - at(x, y - 1)) +
                       3 * (at(x + 1, y + 1) - at(x + 1, y - 1));
   return std::sqrt(across * across + down * down) / 16;
}

// The real part of a power that is complex where the base is negative.
double colour_likeness(const shrunk &a, const shrunk &b, size_t at) {
   const double both =
       likeness(a.i[at], b.i[at], colour_constant) * likeness(a.q[at], b.q[at], colour_constant);
   const double power = std::pow(std::fabs(both), colour_exponent);
   return both < 0 ? power * std::cos(M_PI * colour_exponent) : power;
}

} // namespace

similarity plain_similarity::of(const giflab_call &call, const picture_pair &pair) const {
   const shrunk a = shrink(call, pair.reference, size_), b = shrink(call, pair.distorted, size_);
   const workspace work(call, a.y.size());
   const plane congruency_a = scratch<double>(call, a.y.size()),
               congruency_b = scratch<double>(call, a.y.size());
   find_congruency(call, bank_, fourier_, a.y, work, congruency_a);
   find_congruency(call, bank_, fourier_, b.y, work, congruency_b);

   double weights = 0, fsim = 0, fsimc = 0;
   for (int32_t y = 0; y < size_.height; ++y) {
      stop_if_cancelled(call);
      for (int32_t x = 0; x < size_.width; ++x) {
         const size_t at = static_cast<size_t>(y) * static_cast<size_t>(size_.width) + static_cast<size_t>(x);
         const double weight = std::max(congruency_a[at], congruency_b[at]);
         const double alike =
             likeness(gradient_at(a.y, size_, x, y), gradient_at(b.y, size_, x, y), gradient_constant) *
             likeness(congruency_a[at], congruency_b[at], congruency_constant);
         weights += weight;
         fsim += alike * weight;
         fsimc += alike * colour_likeness(a, b, at) * weight;
      }
   }
   return {fsim / weights, fsimc / weights};
}

} // namespace giflab::fsim
