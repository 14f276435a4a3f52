#pragma once
// Discrete Fourier transforms of any length, without padding: X[k] = sum of x[j] exp(-2 pi i j k / n). Nothing
// scales by 1/n. FSIM's filters are defined on exactly the picture's grid, so the sides are what they are.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace giflab::fsim {

struct complex {
   double re, im;
};

// ---- Level 0

// One length, in double. Splits off one prime factor at a time: time is n times the sum of its prime factors.
class plain_transform {
 public:
   explicit plain_transform(size_t length);
   size_t length() const { return roots_.size(); }

   // `result` may not overlap `source`, whose elements stand `stride` apart. `pause` is called where factors
   // are large, and may throw. [any thread]
   void forward(const complex *source, size_t stride, complex *result,
                const std::function<void()> &pause) const;

 private:
   void split(const complex *source, size_t stride, complex *result, size_t length, complex *terms,
              const std::function<void()> &pause) const;

   std::vector<complex> roots_; // exp(-2 pi i k / n)
};

// Rows, then columns, of a picture of width x height without padding, in place. The inverse is scaled by
// 1 / (width height). `pause` is called for each of them and may throw. [any thread]
class plain_transform_2d {
 public:
   plain_transform_2d(int32_t width, int32_t height)
       : across_(static_cast<size_t>(width)), down_(static_cast<size_t>(height)) {}
   void forward(std::span<complex> picture, const std::function<void()> &pause) const;
   void inverse(std::span<complex> picture, const std::function<void()> &pause) const;

 private:
   plain_transform across_, down_;
};

// ---- Other levels

// Sequences side by side: element `row` of sequence `lane` is re[row * lanes + lane] + i im[row * lanes +
// lane].
inline constexpr size_t lanes = 16;
struct lane_buffer {
   float *re, *im; // aligned to 64
};

// The largest prime factor that is taken directly; beyond, a convolution is faster.
inline constexpr size_t largest_factor = 127;

// One length, in float, `lanes` sequences at a time. Lengths whose prime factors are no larger are transformed
// in steps of their factors; others as a convolution (Bluestein) over rows() rows, at least twice as many, that
// has such factors. What stands in one lane shows in no other.
class lane_transform {
 public:
   explicit lane_transform(size_t length);
   size_t length() const { return length_; }

   // Of rows() * lanes floats are both parts of both buffers.
   size_t rows() const { return rows_; }

   // Transforms `data`; the two buffers may be exchanged meanwhile. Exchange re and im before and after for the
   // inverse, unscaled. `pause` is called between steps and may throw. [any thread]
   void forward(lane_buffer &data, lane_buffer &spare, const std::function<void()> &pause) const;

   // One factor (Stockham): the sequence is `groups` times `radix` sequences of `stride` elements each.
   struct step {
      size_t radix, groups, stride;
      std::vector<float> twiddles; // of group p and output j > 0: cosine, sine of -2 pi j p / (radix groups)
      std::vector<float> roots;    // cosine, sine of 2 pi j / radix
   };

 private:
   void take_steps(lane_buffer &data, lane_buffer &spare, const std::function<void()> &pause) const;
   void convolve(lane_buffer &data, lane_buffer &spare, const std::function<void()> &pause) const;

   size_t length_, rows_;
   std::vector<step> steps_;
   std::vector<float> chirp_;    // exp(-pi i k^2 / n), where it is a convolution
   std::vector<float> response_; // the transform of what is convolved with, scaled by 1 / rows
};

} // namespace giflab::fsim
