#include "fourier.hpp"

#include <cmath>

namespace giflab::fsim {
namespace {

complex operator+(const complex &a, const complex &b) { return {a.re + b.re, a.im + b.im}; }
complex operator*(const complex &a, const complex &b) {
   return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}

size_t smallest_prime_factor(size_t number) {
   for (size_t factor = 2; factor * factor <= number; ++factor)
      if (number % factor == 0)
         return factor;
   return number;
}

// Of every line of a picture: `count` lines whose starts stand `apart` apart, elements `stride` apart.
void transform_lines(const plain_transform &transform, std::span<complex> picture, size_t count, size_t apart,
                     size_t stride, const std::function<void()> &pause) {
   std::vector<complex> result(transform.length());
   for (size_t line = 0; line < count; ++line) {
      pause();
      transform.forward(&picture[line * apart], stride, result.data(), pause);
      for (size_t i = 0; i < result.size(); ++i)
         picture[line * apart + i * stride] = result[i];
   }
}

} // namespace

plain_transform::plain_transform(size_t length) : roots_(length) {
   for (size_t k = 0; k < length; ++k) {
      const double angle = -2 * M_PI * static_cast<double>(k) / static_cast<double>(length);
      roots_[k] = {std::cos(angle), std::sin(angle)};
   }
}

void plain_transform::forward(const complex *source, size_t stride, complex *result,
                              const std::function<void()> &pause) const {
   std::vector<complex> terms(length());
   split(source, stride, result, length(), terms.data(), pause);
}

// Cooley and Tukey: transforms of every p-th element, then sums of p terms.
void plain_transform::split(const complex *source, size_t stride, complex *result, size_t length,
                            complex *terms, const std::function<void()> &pause) const {
   if (length == 1) {
      *result = *source;
      return;
   }
   const size_t p = smallest_prime_factor(length), part = length / p;
   for (size_t i = 0; i < p; ++i)
      split(source + i * stride, stride * p, result + i * part, part, terms, pause);
   const size_t unit = roots_.size() / length; // roots_[unit] is the first root of this length
   for (size_t k = 0; k < part; ++k) {
      for (size_t i = 0; i < p; ++i)
         terms[i] = result[i * part + k];
      for (size_t j = 0; j < p; ++j) {
         if (p > 64)
            pause();
         const size_t index = k + j * part;
         complex sum = terms[0];
         for (size_t i = 1, power = index; i < p; ++i) {
            sum = sum + terms[i] * roots_[power * unit];
            power = power + index < length ? power + index : power + index - length;
         }
         result[index] = sum;
      }
   }
}

void plain_transform_2d::forward(std::span<complex> picture, const std::function<void()> &pause) const {
   const size_t width = across_.length(), height = down_.length();
   transform_lines(across_, picture, height, width, 1, pause);
   transform_lines(down_, picture, width, 1, width, pause);
}

// The transform of the conjugate is the conjugate of the inverse.
void plain_transform_2d::inverse(std::span<complex> picture, const std::function<void()> &pause) const {
   for (complex &value : picture)
      value.im = -value.im;
   forward(picture, pause);
   const double scale = 1 / static_cast<double>(picture.size());
   for (complex &value : picture)
      value = {value.re * scale, -value.im * scale};
}

} // namespace giflab::fsim
