#include "fourier.hpp"

#include <cmath>
#include <utility>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "fourier_vector.cpp"
#include <hwy/foreach_target.h> // IWYU pragma: keep
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace giflab::fsim::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using floats = hn::CappedTag<float, lanes>;
using real = hn::Vec<floats>;

struct number {
   real re, im;
};

HWY_INLINE number operator+(const number &a, const number &b) { return {a.re + b.re, a.im + b.im}; }
HWY_INLINE number operator-(const number &a, const number &b) { return {a.re - b.re, a.im - b.im}; }
HWY_INLINE number operator*(const number &a, const number &b) {
   return {hn::MulSub(a.re, b.re, a.im * b.im), hn::MulAdd(a.re, b.im, a.im * b.re)};
}
HWY_INLINE number broadcast(const float *pair) {
   return {hn::Set(floats(), pair[0]), hn::Set(floats(), pair[1])};
}
HWY_INLINE number load(const lane_buffer &from, size_t at) {
   return {hn::Load(floats(), from.re + at), hn::Load(floats(), from.im + at)};
}
HWY_INLINE void store(const number &value, const lane_buffer &to, size_t at) {
   hn::Store(value.re, floats(), to.re + at);
   hn::Store(value.im, floats(), to.im + at);
}

// ---- Transforms of a few elements

template <size_t Radix> struct butterfly {
   // Odd: the sums and differences of elements that mirror each other meet the cosines and the sines.
   static constexpr size_t half = Radix / 2;
   real cosine[half + 1], sine[half + 1]; // of 2 pi j / Radix

   explicit HWY_INLINE butterfly(const float *roots) {
      for (size_t j = 0; j <= half; ++j) {
         cosine[j] = hn::Set(floats(), roots[2 * j]);
         sine[j] = hn::Set(floats(), roots[2 * j + 1]);
      }
   }

   HWY_INLINE void operator()(number *x) const {
      number sum[half + 1], difference[half + 1];
      for (size_t k = 1; k <= half; ++k) {
         sum[k] = x[k] + x[Radix - k];
         difference[k] = x[k] - x[Radix - k];
      }
      const number first = x[0];
      for (size_t k = 1; k <= half; ++k)
         x[0] = x[0] + sum[k];
      for (size_t j = 1; j <= half; ++j) {
         number even = first, odd = {hn::Zero(floats()), hn::Zero(floats())};
         for (size_t k = 1; k <= half; ++k) {
            const size_t turn = j * k % Radix;
            const bool beyond = turn > half; // cosine mirrors, sine changes its sign
            const size_t root = beyond ? Radix - turn : turn;
            even = {hn::MulAdd(cosine[root], sum[k].re, even.re), hn::MulAdd(cosine[root], sum[k].im, even.im)};
            odd = beyond ? number{hn::NegMulAdd(sine[root], difference[k].re, odd.re),
                                  hn::NegMulAdd(sine[root], difference[k].im, odd.im)}
                         : number{hn::MulAdd(sine[root], difference[k].re, odd.re),
                                  hn::MulAdd(sine[root], difference[k].im, odd.im)};
         }
         x[j] = {even.re + odd.im, even.im - odd.re};
         x[Radix - j] = {even.re - odd.im, even.im + odd.re};
      }
   }
};

template <> struct butterfly<2> {
   explicit HWY_INLINE butterfly(const float *) {}
   HWY_INLINE void operator()(number *x) const {
      const number first = x[0];
      x[0] = first + x[1];
      x[1] = first - x[1];
   }
};

template <> struct butterfly<4> {
   explicit HWY_INLINE butterfly(const float *) {}
   HWY_INLINE void operator()(number *x) const {
      const number even = x[0] + x[2], even_difference = x[0] - x[2];
      const number odd = x[1] + x[3], odd_difference = x[1] - x[3];
      x[0] = even + odd;
      x[2] = even - odd;
      x[1] = {even_difference.re + odd_difference.im, even_difference.im - odd_difference.re};
      x[3] = {even_difference.re - odd_difference.im, even_difference.im + odd_difference.re};
   }
};

// ---- Steps

template <size_t Radix>
void take_step(const lane_transform::step &step, lane_buffer source, lane_buffer target) {
   const butterfly<Radix> transform(step.roots.data());
   for (size_t p = 0; p < step.groups; ++p) {
      number twiddle[Radix];
      for (size_t j = 1; j < Radix; ++j)
         twiddle[j] = broadcast(&step.twiddles[2 * (p * (Radix - 1) + j - 1)]);
      const size_t from = p * step.stride * lanes, to = p * Radix * step.stride * lanes;
      for (size_t at = 0; at < step.stride * lanes; at += hn::Lanes(floats())) {
         number x[Radix];
         for (size_t k = 0; k < Radix; ++k)
            x[k] = load(source, from + at + k * step.groups * step.stride * lanes);
         transform(x);
         store(x[0], target, to + at);
         for (size_t j = 1; j < Radix; ++j)
            store(x[j] * twiddle[j], target, to + at + j * step.stride * lanes);
      }
   }
}

// ---- Steps of factors that no registers hold

// The sums and differences of elements that mirror each other.
struct mirrored_elements {
   number sum[largest_factor / 2 + 1], difference[largest_factor / 2 + 1];
};

// Outputs j to j + Count - 1 and their mirror images, before their twiddles.
template <size_t Count>
HWY_INLINE void find_outputs(const lane_transform::step &step, const number &first, const mirrored_elements &x,
                             size_t j, number *outputs, number *mirror_images) {
   number even[Count], odd[Count];
   size_t turn[Count];
   for (size_t i = 0; i < Count; ++i) {
      even[i] = first;
      odd[i] = {hn::Zero(floats()), hn::Zero(floats())};
      turn[i] = 0;
   }
   for (size_t k = 1; k <= step.radix / 2; ++k)
      for (size_t i = 0; i < Count; ++i) {
         turn[i] += j + i;
         turn[i] -= turn[i] >= step.radix ? step.radix : 0;
         const number root = broadcast(&step.roots[2 * turn[i]]);
         even[i] = {hn::MulAdd(root.re, x.sum[k].re, even[i].re), hn::MulAdd(root.re, x.sum[k].im, even[i].im)};
         odd[i] = {hn::MulAdd(root.im, x.difference[k].re, odd[i].re),
                   hn::MulAdd(root.im, x.difference[k].im, odd[i].im)};
      }
   for (size_t i = 0; i < Count; ++i) {
      outputs[i] = {even[i].re + odd[i].im, even[i].im - odd[i].re};
      mirror_images[i] = {even[i].re - odd[i].im, even[i].im + odd[i].re};
   }
}

void take_large_step(const lane_transform::step &step, lane_buffer source, lane_buffer target) {
   const size_t radix = step.radix, half = radix / 2, block = step.stride * lanes;
   mirrored_elements x;
   for (size_t p = 0; p < step.groups; ++p)
      for (size_t at = 0; at < block; at += hn::Lanes(floats())) {
         const size_t from = p * block + at, to = p * radix * block + at;
         const number first = load(source, from);
         number all = first;
         for (size_t k = 1; k <= half; ++k) {
            const number a = load(source, from + k * step.groups * block),
                         b = load(source, from + (radix - k) * step.groups * block);
            x.sum[k] = a + b;
            x.difference[k] = a - b;
            all = all + x.sum[k];
         }
         store(all, target, to);
         const auto put = [&](const number &value, size_t j) HWY_ATTR {
            store(value * broadcast(&step.twiddles[2 * (p * (radix - 1) + j - 1)]), target, to + j * block);
         };
         for (size_t j = 1; j <= half; j += 2) {
            const size_t count = j < half ? 2 : 1;
            number outputs[2], mirror_images[2];
            if (count == 2)
               find_outputs<2>(step, first, x, j, outputs, mirror_images);
            else
               find_outputs<1>(step, first, x, j, outputs, mirror_images);
            for (size_t i = 0; i < count; ++i) {
               put(outputs[i], j + i);
               put(mirror_images[i], radix - j - i);
            }
         }
      }
}

void take_any_step(const lane_transform::step &step, lane_buffer source, lane_buffer target) {
   switch (step.radix) {
   case 2:
      return take_step<2>(step, source, target);
   case 3:
      return take_step<3>(step, source, target);
   case 4:
      return take_step<4>(step, source, target);
   case 5:
      return take_step<5>(step, source, target);
   case 7:
      return take_step<7>(step, source, target);
   case 11:
      return take_step<11>(step, source, target);
   case 13:
      return take_step<13>(step, source, target);
   default:
      return take_large_step(step, source, target);
   }
}

// target[row] = source[row] * factors[row]
void multiply(lane_buffer source, const float *factors, size_t rows, lane_buffer target) {
   for (size_t row = 0; row < rows; ++row) {
      const number factor = broadcast(factors + 2 * row);
      for (size_t at = row * lanes; at < (row + 1) * lanes; at += hn::Lanes(floats()))
         store(load(source, at) * factor, target, at);
   }
}

} // namespace giflab::fsim::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#   include <algorithm>

namespace giflab::fsim {

HWY_EXPORT(take_any_step);
HWY_EXPORT(multiply);

namespace {

constexpr size_t radices[] = {4, 2, 3, 5, 7, 11, 13}; // those that have a butterfly

// The factors of a length up to the largest, and what is left.
std::vector<size_t> factors_of(size_t length, size_t &rest) {
   std::vector<size_t> factors;
   for (const size_t radix : radices)
      for (; length % radix == 0; length /= radix)
         factors.push_back(radix);
   for (size_t factor = 17; factor <= largest_factor; factor += 2)
      for (; length % factor == 0; length /= factor)
         factors.push_back(factor);
   rest = length;
   return factors;
}

// The least number from `least` on without prime factors above 5.
size_t convenient_length(size_t least) {
   for (;; ++least) {
      size_t rest = least;
      for (const size_t prime : {2, 3, 5})
         while (rest % prime == 0)
            rest /= prime;
      if (rest == 1)
         return least;
   }
}

complex root_of_unity(double numerator, double denominator) {
   const double angle = 2 * M_PI * numerator / denominator;
   return {std::cos(angle), std::sin(angle)};
}

void append(std::vector<float> &to, const complex &value) {
   to.push_back(static_cast<float>(value.re));
   to.push_back(static_cast<float>(value.im));
}

lane_transform::step step_of(size_t radix, size_t groups, size_t stride) {
   lane_transform::step made = {radix, groups, stride, {}, {}};
   for (size_t p = 0; p < groups; ++p)
      for (size_t j = 1; j < radix; ++j)
         append(made.twiddles, root_of_unity(-static_cast<double>(j * p), static_cast<double>(radix * groups)));
   for (size_t j = 0; j < radix; ++j)
      append(made.roots, root_of_unity(static_cast<double>(j), static_cast<double>(radix)));
   return made;
}

std::vector<lane_transform::step> steps_of(size_t length) {
   std::vector<lane_transform::step> steps;
   size_t rest, groups = length, stride = 1;
   for (const size_t radix : factors_of(length, rest)) {
      groups /= radix;
      steps.push_back(step_of(radix, groups, stride));
      stride *= radix;
   }
   return steps;
}

// exp(-pi i k^2 / n), k^2 reduced so that no digits are lost
complex chirp_at(size_t k, size_t length) {
   return root_of_unity(-static_cast<double>(k * k % (2 * length)), 2 * static_cast<double>(length));
}

// The transform of the conjugate chirp, wrapped around `rows`, over their number.
std::vector<float> response_of(size_t length, size_t rows) {
   std::vector<complex> conjugate(rows, complex{0, 0}), transformed(rows);
   for (size_t k = 0; k < length; ++k) {
      const complex chirp = chirp_at(k, length);
      conjugate[k] = conjugate[(rows - k) % rows] = {chirp.re, -chirp.im};
   }
   plain_transform(rows).forward(conjugate.data(), 1, transformed.data(), [] {});
   std::vector<float> response;
   for (const complex &value : transformed)
      append(response, {value.re / static_cast<double>(rows), value.im / static_cast<double>(rows)});
   return response;
}

} // namespace

lane_transform::lane_transform(size_t length) : length_(length), rows_(length) {
   size_t rest;
   factors_of(length, rest);
   if (rest != 1) {
      rows_ = convenient_length(2 * length - 1);
      for (size_t k = 0; k < length; ++k)
         append(chirp_, chirp_at(k, length));
      response_ = response_of(length, rows_);
   }
   steps_ = steps_of(rows_);
}

void lane_transform::take_steps(lane_buffer &data, lane_buffer &spare,
                                const std::function<void()> &pause) const {
   for (const step &one : steps_) {
      pause();
      HWY_DYNAMIC_DISPATCH(take_any_step)(one, data, spare);
      std::swap(data, spare);
   }
}

void lane_transform::convolve(lane_buffer &data, lane_buffer &spare, const std::function<void()> &pause) const {
   const auto times = HWY_DYNAMIC_DISPATCH(multiply);
   times(data, chirp_.data(), length_, data);
   std::fill(data.re + length_ * lanes, data.re + rows_ * lanes, 0.0F);
   std::fill(data.im + length_ * lanes, data.im + rows_ * lanes, 0.0F);
   take_steps(data, spare, pause);
   times(data, response_.data(), rows_, data);
   std::swap(data.re, data.im), std::swap(spare.re, spare.im);
   take_steps(data, spare, pause);
   std::swap(data.re, data.im), std::swap(spare.re, spare.im);
   times(data, chirp_.data(), length_, data);
}

void lane_transform::forward(lane_buffer &data, lane_buffer &spare, const std::function<void()> &pause) const {
   if (chirp_.empty())
      take_steps(data, spare, pause);
   else
      convolve(data, spare, pause);
}

} // namespace giflab::fsim
#endif
