#include "rows.hpp"

#include <cmath>
#include <cstdlib>
#include <numbers>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "rows.cpp"
#include <hwy/foreach_target.h> // IWYU pragma: keep
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace giflab::classic::HWY_NAMESPACE {

constexpr size_t lanes = 8;

// In eight lanes, so that vectors of any width add in the same order.
template <class T> double sum_of(const T *values, size_t count) {
   double sums[lanes] = {};
   size_t x = 0;
   for (; x + lanes <= count; x += lanes)
      for (size_t lane = 0; lane < lanes; ++lane)
         sums[lane] += static_cast<double>(values[x + lane]);
   for (size_t lane = 0; x < count; ++x, ++lane)
      sums[lane] += static_cast<double>(values[x]);
   return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
}

uint64_t squared_differences(const uint8_t *a, const uint8_t *b, size_t count) {
   uint64_t sum = 0;
   constexpr size_t piece = 1 << 15; // 65025 * 2^15 < 2^31
   for (size_t first = 0; first < count; first += piece) {
      const size_t end = first + piece < count ? first + piece : count;
      int32_t part = 0;
      for (size_t i = first; i < end; ++i) {
         const auto difference = static_cast<int16_t>(a[i] - b[i]);
         part += difference * difference;
      }
      sum += static_cast<uint64_t>(part);
   }
   return sum;
}

uint64_t absolute_differences(const uint8_t *a, const uint8_t *b, size_t count) {
   uint64_t sum = 0;
   constexpr size_t piece = 1 << 22;
   for (size_t first = 0; first < count; first += piece) {
      const size_t end = first + piece < count ? first + piece : count;
      uint32_t part = 0;
      for (size_t i = first; i < end; ++i)
         part += static_cast<uint32_t>(a[i] > b[i] ? a[i] - b[i] : b[i] - a[i]);
      sum += part;
   }
   return sum;
}

void gray8(const uint8_t *red, const uint8_t *green, const uint8_t *blue, uint8_t *gray, size_t count) {
   for (size_t i = 0; i < count; ++i)
      gray[i] = static_cast<uint8_t>((9798 * red[i] + 19235 * green[i] + 3735 * blue[i] + (1 << 14)) >> 15);
}

size_t count_bright(const uint8_t *red, const uint8_t *green, const uint8_t *blue, size_t count) {
   uint32_t bright = 0;
   for (size_t i = 0; i < count; ++i)
      bright += static_cast<uint32_t>((red[i] > 240) & (green[i] > 240) & (blue[i] > 240));
   return bright;
}

size_t count_changed(const uint8_t *const a[3], const uint8_t *const b[3], size_t count) {
   uint32_t changed = 0;
   for (size_t i = 0; i < count; ++i) {
      const int32_t difference =
          std::abs(a[0][i] - b[0][i]) + std::abs(a[1][i] - b[1][i]) + std::abs(a[2][i] - b[2][i]);
      changed += static_cast<uint32_t>(difference > 90);
   }
   return changed;
}

// A pixel's neighbourhood under the 3x3 kernels.
struct neighbourhood {
   int32_t a, b, c, d, e, f, g, h, i; // row by row

   HWY_INLINE neighbourhood(byte_rows rows, ptrdiff_t x)
       : a(rows.above[x - 1]), b(rows.above[x]), c(rows.above[x + 1]), d(rows.middle[x - 1]), e(rows.middle[x]),
         f(rows.middle[x + 1]), g(rows.below[x - 1]), h(rows.below[x]), i(rows.below[x + 1]) {}

   HWY_INLINE int32_t across() const { return (c - a) + 2 * (f - d) + (i - g); }
   HWY_INLINE int32_t down() const { return (g - a) + 2 * (h - b) + (i - c); }
   HWY_INLINE int32_t prewitt_across() const { return (c - a) + (f - d) + (i - g); }
   HWY_INLINE int32_t prewitt_down() const { return (g - a) + (h - b) + (i - c); }
   HWY_INLINE int32_t laplacian() const { return b + d + f + h - 4 * e; }
};

void sobel_row(byte_rows rows, int16_t *HWY_RESTRICT across, int16_t *HWY_RESTRICT down,
               int32_t *HWY_RESTRICT magnitude, size_t count) {
   for (size_t x = 0; x < count; ++x) {
      const neighbourhood near(rows, static_cast<ptrdiff_t>(x));
      const int32_t gx = near.across(), gy = near.down();
      across[x] = static_cast<int16_t>(gx);
      down[x] = static_cast<int16_t>(gy);
      magnitude[x] = std::abs(gx) + std::abs(gy);
   }
}

void mark_row(const int16_t *HWY_RESTRICT across, const int16_t *HWY_RESTRICT down,
              const int32_t *HWY_RESTRICT above, const int32_t *HWY_RESTRICT here,
              const int32_t *HWY_RESTRICT below, int32_t low, int32_t high, uint8_t *HWY_RESTRICT marks,
              size_t count) {
   constexpr int32_t tangent_22 = 13573; // tan(22.5 degrees) * 2^15
   for (size_t i = 0; i < count; ++i) {
      const auto x = static_cast<ptrdiff_t>(i);
      const int32_t dx = across[x], dy = down[x], m = here[x];
      const int32_t steep = std::abs(dy) << 15, flat = std::abs(dx) * tangent_22;
      const int32_t sideways = (m > here[x - 1]) & (m >= here[x + 1]);
      const int32_t upright = (m > above[x]) & (m >= below[x]);
      const int32_t falling = (m > above[x - 1]) & (m > below[x + 1]);
      const int32_t rising = (m > above[x + 1]) & (m > below[x - 1]);
      const int32_t slanted = (dx ^ dy) < 0 ? rising : falling;
      const int32_t standing = steep > flat + (std::abs(dx) << 16) ? upright : slanted;
      const int32_t ridge = (steep < flat ? sideways : standing) & (m > low);
      marks[x] = static_cast<uint8_t>(ridge * (m > high ? edge : perhaps));
   }
}

HWY_INLINE float likeness(float p, float q) {
   constexpr float constant = 1e-3f;
   return (2 * p * q + constant) / (p * p + q * q + constant);
}

// Squared lengths of both gradients, and the Laplacian.
struct gradient_row {
   int32_t *sobel, *prewitt, *laplacian;

   gradient_row(int32_t *work, size_t count)
       : sobel(work), prewitt(work + count), laplacian(work + 2 * count) {}
};

void find_gradients(byte_rows rows, int32_t *HWY_RESTRICT sobel, int32_t *HWY_RESTRICT prewitt,
                    int32_t *HWY_RESTRICT laplacian, size_t count) {
   for (size_t x = 0; x < count; ++x) {
      const neighbourhood p(rows, static_cast<ptrdiff_t>(x));
      const int32_t sx = p.across(), sy = p.down(), px = p.prewitt_across(), py = p.prewitt_down();
      sobel[x] = sx * sx + sy * sy;
      prewitt[x] = px * px + py * py;
      laplacian[x] = p.laplacian();
   }
}

HWY_INLINE float length(int32_t squared) { return std::sqrt(static_cast<float>(squared)); }

void add_curvatures(const int32_t *curvature, size_t count, int64_t &plain, int64_t &squared) {
   constexpr size_t piece = 1024; // 1020^2 * 1024 < 2^31
   for (size_t first = 0; first < count; first += piece) {
      const size_t end = first + piece < count ? first + piece : count;
      int32_t sum = 0, square_sum = 0;
      for (size_t x = first; x < end; ++x) {
         sum += curvature[x];
         square_sum += curvature[x] * curvature[x];
      }
      plain += sum;
      squared += square_sum;
   }
}

void add_gradient_row(byte_rows a, byte_rows b, const gradient_work &work, size_t count, gradient_sums &sums) {
   const gradient_row p(work.whole, count), q(work.whole + 3 * count, count);
   find_gradients(a, p.sobel, p.prewitt, p.laplacian, count);
   find_gradients(b, q.sobel, q.prewitt, q.laplacian, count);
   float *HWY_RESTRICT fsim = work.real, *HWY_RESTRICT unlike = work.real + count;
   const int32_t *HWY_RESTRICT sobel_p = p.sobel, *HWY_RESTRICT sobel_q = q.sobel,
                               *HWY_RESTRICT prewitt_p = p.prewitt, *HWY_RESTRICT prewitt_q = q.prewitt,
                               *HWY_RESTRICT curve_p = p.laplacian, *HWY_RESTRICT curve_q = q.laplacian;
   for (size_t x = 0; x < count; ++x) {
      fsim[x] = likeness(length(sobel_p[x]), length(sobel_q[x])) *
                likeness(static_cast<float>(std::abs(curve_p[x])), static_cast<float>(std::abs(curve_q[x])));
      unlike[x] = 1 - likeness(length(prewitt_p[x]) / 3, length(prewitt_q[x]) / 3);
   }
   sums.fsim += sum_of(fsim, count);
   sums.gms += sum_of(unlike, count);
   for (size_t x = 0; x < count; ++x)
      unlike[x] *= unlike[x];
   sums.gms_squared += sum_of(unlike, count);
   add_curvatures(curve_p, count, sums.laplacian[0], sums.laplacian_squared[0]);
   add_curvatures(curve_q, count, sums.laplacian[1], sums.laplacian_squared[1]);
}

// As scikit-image interpolates: rounding and all, because equal samples must come out as they do there.
HWY_INLINE double interpolated(double top_left, double top_right, double bottom_left, double bottom_right,
                               double down, double right) {
   const double top = (1 - right) * top_left + right * top_right;
   const double bottom = (1 - right) * bottom_left + right * bottom_right;
   return (1 - down) * top + down * bottom;
}

void pattern_row(double_rows rows, double up, double down, const double *HWY_RESTRICT left,
                 const double *HWY_RESTRICT right, double *HWY_RESTRICT pattern, size_t count) {
   const double *HWY_RESTRICT above = rows.above, *HWY_RESTRICT middle = rows.middle,
                              *HWY_RESTRICT below = rows.below;
   for (size_t i = 0; i < count; ++i) {
      const auto x = static_cast<ptrdiff_t>(i);
      const double m = middle[x], l = left[i], r = right[i];
      const double upper_right = interpolated(above[x], above[x + 1], m, middle[x + 1], up, r);
      const double upper_left = interpolated(above[x - 1], above[x], middle[x - 1], m, up, l);
      const double lower_left = interpolated(middle[x - 1], m, below[x - 1], below[x], down, l);
      const double lower_right = interpolated(m, middle[x + 1], below[x], below[x + 1], down, r);
      pattern[i] = (middle[x + 1] >= m ? 1.0 : 0.0) + (upper_right >= m ? 2.0 : 0.0) +
                   (above[x] >= m ? 4.0 : 0.0) + (upper_left >= m ? 8.0 : 0.0) +
                   (middle[x - 1] >= m ? 16.0 : 0.0) + (lower_left >= m ? 32.0 : 0.0) +
                   (below[x] >= m ? 64.0 : 0.0) + (lower_right >= m ? 128.0 : 0.0);
   }
}

template <class Sample, class Sum>
HWY_INLINE void add_columns(const Sample *HWY_RESTRICT a, const Sample *HWY_RESTRICT b,
                            const ssim_columns<Sample, Sum> &columns, size_t count, Sum sign) {
   Sum *HWY_RESTRICT sum_a = columns.a, *HWY_RESTRICT sum_b = columns.b, *HWY_RESTRICT sum_aa = columns.aa,
                     *HWY_RESTRICT sum_bb = columns.bb, *HWY_RESTRICT sum_ab = columns.ab;
   for (size_t x = 0; x < count; ++x) {
      const Sum p = a[x], q = b[x], signed_p = sign * p, signed_q = sign * q;
      sum_a[x] += signed_p;
      sum_b[x] += signed_q;
      sum_aa[x] += signed_p * p;
      sum_bb[x] += signed_q * q;
      sum_ab[x] += signed_p * q;
   }
}

void add_ssim_bytes(const uint8_t *a, const uint8_t *b, const ssim_columns<uint8_t, int32_t> &columns,
                    size_t count, int32_t sign) {
   add_columns(a, b, columns, count, sign);
}
void add_ssim_floats(const float *a, const float *b, const ssim_columns<float, double> &columns, size_t count,
                     double sign) {
   add_columns(a, b, columns, count, sign);
}

template <class Sum> HWY_INLINE double seven(const Sum *column) {
   return static_cast<double>(column[0] + column[1] + column[2] + column[3] + column[4] + column[5] +
                              column[6]);
}

template <class Sample, class Sum>
HWY_INLINE double sum_ssim(const ssim_columns<Sample, Sum> &columns, double c1, double c2,
                           double *HWY_RESTRICT work, size_t count) {
   const Sum *HWY_RESTRICT sum_a = columns.a, *HWY_RESTRICT sum_b = columns.b,
                           *HWY_RESTRICT sum_aa = columns.aa, *HWY_RESTRICT sum_bb = columns.bb,
                           *HWY_RESTRICT sum_ab = columns.ab;
   constexpr double window = 49, sample = window / (window - 1);
   for (size_t x = 0; x + 6 < count; ++x) {
      const double a = seven(sum_a + x) / window, b = seven(sum_b + x) / window;
      const double variance_a = sample * (seven(sum_aa + x) / window - a * a);
      const double variance_b = sample * (seven(sum_bb + x) / window - b * b);
      const double covariance = sample * (seven(sum_ab + x) / window - a * b);
      work[x] =
          (2 * a * b + c1) * (2 * covariance + c2) / ((a * a + b * b + c1) * (variance_a + variance_b + c2));
   }
   return sum_of(work, count - 6);
}

double ssim_of_bytes(const ssim_columns<uint8_t, int32_t> &columns, double c1, double c2, double *work,
                     size_t count) {
   return sum_ssim(columns, c1, c2, work, count);
}
double ssim_of_floats(const ssim_columns<float, double> &columns, double c1, double c2, double *work,
                      size_t count) {
   return sum_ssim(columns, c1, c2, work, count);
}

// Decimation in frequency by two, in place; then rows into the order of frequencies.
void transform_columns(double (*HWY_RESTRICT real)[64], double (*HWY_RESTRICT imaginary)[64],
                       const double *cosines, const double *sines) {
   for (size_t half = 32; half >= 1; half /= 2)
      for (size_t first = 0; first < 64; first += 2 * half)
         for (size_t k = 0; k < half; ++k) {
            const double c = cosines[k * (32 / half)], s = sines[k * (32 / half)];
            double *HWY_RESTRICT pr = real[first + k], *HWY_RESTRICT pi = imaginary[first + k];
            double *HWY_RESTRICT qr = real[first + k + half], *HWY_RESTRICT qi = imaginary[first + k + half];
            for (size_t x = 0; x < 64; ++x) {
               const double dr = pr[x] - qr[x], di = pi[x] - qi[x];
               pr[x] += qr[x];
               pi[x] += qi[x];
               qr[x] = dr * c + di * s;
               qi[x] = di * c - dr * s;
            }
         }
}

} // namespace giflab::classic::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace giflab::classic {

HWY_EXPORT(squared_differences);
HWY_EXPORT(absolute_differences);
HWY_EXPORT(gray8);
HWY_EXPORT(count_bright);
HWY_EXPORT(count_changed);
HWY_EXPORT(sobel_row);
HWY_EXPORT(mark_row);
HWY_EXPORT(add_gradient_row);
HWY_EXPORT(pattern_row);
HWY_EXPORT(add_ssim_bytes);
HWY_EXPORT(add_ssim_floats);
HWY_EXPORT(ssim_of_bytes);
HWY_EXPORT(ssim_of_floats);
HWY_EXPORT(transform_columns);

uint64_t squared_differences(const uint8_t *a, const uint8_t *b, size_t count) {
   return HWY_DYNAMIC_DISPATCH(squared_differences)(a, b, count);
}
uint64_t absolute_differences(const uint8_t *a, const uint8_t *b, size_t count) {
   return HWY_DYNAMIC_DISPATCH(absolute_differences)(a, b, count);
}
void gray8(const uint8_t *red, const uint8_t *green, const uint8_t *blue, uint8_t *gray, size_t count) {
   HWY_DYNAMIC_DISPATCH(gray8)(red, green, blue, gray, count);
}
size_t count_bright(const uint8_t *red, const uint8_t *green, const uint8_t *blue, size_t count) {
   return HWY_DYNAMIC_DISPATCH(count_bright)(red, green, blue, count);
}
size_t count_changed(const uint8_t *const a[3], const uint8_t *const b[3], size_t count) {
   return HWY_DYNAMIC_DISPATCH(count_changed)(a, b, count);
}
void sobel_row(byte_rows rows, int16_t *across, int16_t *down, int32_t *magnitude, size_t count) {
   HWY_DYNAMIC_DISPATCH(sobel_row)(rows, across, down, magnitude, count);
}
void mark_ridges(const gradient_rows &rows, int32_t low, int32_t high, uint8_t *marks, size_t count) {
   HWY_DYNAMIC_DISPATCH(mark_row)
   (rows.across, rows.down, rows.above, rows.here, rows.below, low, high, marks, count);
}
void add_gradient_row(byte_rows a, byte_rows b, const gradient_work &work, size_t count, gradient_sums &sums) {
   HWY_DYNAMIC_DISPATCH(add_gradient_row)(a, b, work, count, sums);
}
void pattern_row(double_rows rows, double up, double down, const double *left, const double *right,
                 double *pattern, size_t count) {
   HWY_DYNAMIC_DISPATCH(pattern_row)(rows, up, down, left, right, pattern, count);
}
void add_ssim_row(const uint8_t *a, const uint8_t *b, const ssim_columns<uint8_t, int32_t> &columns,
                  size_t count, int32_t sign) {
   HWY_DYNAMIC_DISPATCH(add_ssim_bytes)(a, b, columns, count, sign);
}
void add_ssim_row(const float *a, const float *b, const ssim_columns<float, double> &columns, size_t count,
                  double sign) {
   HWY_DYNAMIC_DISPATCH(add_ssim_floats)(a, b, columns, count, sign);
}
double ssim_row(const ssim_columns<uint8_t, int32_t> &columns, double c1, double c2, double *work,
                size_t count) {
   return HWY_DYNAMIC_DISPATCH(ssim_of_bytes)(columns, c1, c2, work, count);
}
double ssim_row(const ssim_columns<float, double> &columns, double c1, double c2, double *work, size_t count) {
   return HWY_DYNAMIC_DISPATCH(ssim_of_floats)(columns, c1, c2, work, count);
}

namespace {

struct unit_roots {
   double cosines[32], sines[32];

   unit_roots() {
      for (size_t k = 0; k < 32; ++k) {
         const double angle = static_cast<double>(k) * std::numbers::pi / 32;
         cosines[k] = std::cos(angle);
         sines[k] = std::sin(angle);
      }
      cosines[16] = 0;
   }
};

} // namespace

void transform_columns(double (*real)[64], double (*imaginary)[64]) {
   static const unit_roots roots;
   HWY_DYNAMIC_DISPATCH(transform_columns)(real, imaginary, roots.cosines, roots.sines);
}

} // namespace giflab::classic
#endif
