// Transforms against sums written out, at lengths with every kind of factor.

#include "../every_target.hpp"
#include "../guarded.hpp"
#include "../pictures.hpp"
#include "fourier.hpp"

#include <complex>

namespace giflab::test {
namespace {

using namespace giflab::fsim;
using exact = std::complex<double>;

// Powers of two, each radix alone, all radices together, factors on both sides of the largest that is taken
// directly, primes.
const size_t lengths[] = {1,   2,   3,   4,   5,   6,   7,   8,   9,   10,  11,  12,  13,  15,  16,  17,
                          22,  25,  26,  30,  34,  35,  37,  64,  75,  77,  91,  97,  121, 127, 128, 131,
                          143, 166, 169, 179, 210, 240, 242, 256, 262, 270, 281, 289, 360, 480, 498, 509};

exact sample_at(uint64_t seed, size_t i) {
   return {noise(seed, static_cast<int64_t>(2 * i)) - 127.5,
           noise(seed, static_cast<int64_t>(2 * i + 1)) - 127.5};
}

std::vector<exact> written_out(uint64_t seed, size_t length) {
   std::vector<exact> roots(length), result(length);
   for (size_t k = 0; k < length; ++k)
      roots[k] = std::polar(1.0, -2 * M_PI * static_cast<double>(k) / static_cast<double>(length));
   for (size_t k = 0; k < length; ++k)
      for (size_t j = 0; j < length; ++j)
         result[k] += sample_at(seed, j) * roots[j * k % length];
   return result;
}

// Relative to the length of the whole result.
double error_of(const std::vector<exact> &found, const std::vector<exact> &expected) {
   double error = 0, all = 0;
   for (size_t k = 0; k < expected.size(); ++k) {
      error += std::norm(found[k] - expected[k]);
      all += std::norm(expected[k]);
   }
   return std::sqrt(error / all);
}

TEST_CASE("plain transforms are the sums that they stand for") {
   for (const size_t length : lengths) {
      CAPTURE(length);
      std::vector<complex> source(3 * length), found(length);
      for (size_t i = 0; i < length; ++i)
         source[3 * i] = {sample_at(length, i).real(), sample_at(length, i).imag()};
      plain_transform(length).forward(source.data(), 3, found.data(), [] {});
      std::vector<exact> result;
      for (const complex &value : found)
         result.emplace_back(value.re, value.im);
      CHECK(error_of(result, written_out(length, length)) < 1e-14);
   }
}

// Buffers of a lane transform, with guard pages behind.
struct buffers {
   size_t count;
   guarded_memory memory[4];
   lane_buffer data, spare;

   explicit buffers(size_t rows)
       : count(rows * lanes), memory{guarded_memory(count * sizeof(float)),
                                     guarded_memory(count * sizeof(float)),
                                     guarded_memory(count * sizeof(float)),
                                     guarded_memory(count * sizeof(float))},
         data{part(0), part(1)}, spare{part(2), part(3)} {
      for (const auto &one : memory)
         std::memset(one.data(), 0xEE, count * sizeof(float));
   }
   float *part(size_t i) const { return reinterpret_cast<float *>(memory[i].data()); }
};

TEST_CASE("lanes are transformed each by itself, forward and back") {
   for (const size_t length : lengths) {
      CAPTURE(length);
      const lane_transform transform(length);
      REQUIRE(transform.rows() >= length);
      const std::vector<exact> first = written_out(7, length), last = written_out(8, length);
      for_every_target([&] {
         buffers on(transform.rows());
         for (size_t i = 0; i < length; ++i)
            for (size_t lane = 0; lane < lanes; ++lane) {
               const exact value = sample_at(lane == lanes - 1 ? 8 : 7 + 2 * lane, i);
               on.data.re[i * lanes + lane] = static_cast<float>(value.real());
               on.data.im[i * lanes + lane] = static_cast<float>(value.imag());
            }
         transform.forward(on.data, on.spare, [] {});
         std::vector<exact> found_first, found_last;
         for (size_t i = 0; i < length; ++i) {
            const size_t at = i * lanes, at_last = at + lanes - 1;
            found_first.emplace_back(on.data.re[at], on.data.im[at]);
            found_last.emplace_back(on.data.re[at_last], on.data.im[at_last]);
         }
         CHECK(error_of(found_first, first) < 5e-7);
         CHECK(error_of(found_last, last) < 5e-7);

         lane_buffer back = {on.data.im, on.data.re}, other = {on.spare.im, on.spare.re};
         transform.forward(back, other, [] {});
         std::vector<exact> again, expected;
         for (size_t i = 0; i < length; ++i) {
            again.push_back(exact(back.im[i * lanes], back.re[i * lanes]) / static_cast<double>(length));
            expected.push_back(sample_at(7, i));
         }
         CHECK(error_of(again, expected) < 1e-6);
      });
   }
}

TEST_CASE("a plain picture comes back from its transform, and a constant is frequency 0 alone") {
   for (const auto [width, height] : {size{1, 7}, size{12, 10}, size{17, 6}, size{30, 23}}) {
      const auto count = static_cast<size_t>(width) * static_cast<size_t>(height);
      const plain_transform_2d transform(width, height);
      std::vector<complex> picture;
      for (size_t i = 0; i < count; ++i)
         picture.push_back({sample_at(3, i).real(), sample_at(3, i).imag()});
      const std::vector<complex> before = picture;
      transform.forward(picture, [] {});
      transform.inverse(picture, [] {});
      for (size_t i = 0; i < count; ++i) {
         CHECK(picture[i].re == doctest::Approx(before[i].re).epsilon(1e-12));
         CHECK(picture[i].im == doctest::Approx(before[i].im).epsilon(1e-12));
      }
      std::vector<complex> constant(count, complex{2, 0});
      transform.forward(constant, [] {});
      CHECK(constant[0].re == doctest::Approx(2.0 * static_cast<double>(count)));
      for (size_t i = 1; i < count; ++i)
         CHECK(std::hypot(constant[i].re, constant[i].im) < 1e-11 * static_cast<double>(count));
   }
}

} // namespace
} // namespace giflab::test
