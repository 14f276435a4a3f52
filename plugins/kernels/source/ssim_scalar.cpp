#include "scalar.hpp"

namespace giflab::kernels::scalar {
namespace {

template <class T>
window_moments moments_at(plane<T> a, plane<T> b, int64_t left, int64_t top,
                          const std::array<double, ssim_window> &weights) {
   window_moments mean = {0, 0, 0, 0};
   for (int j = 0; j < ssim_window; ++j)
      for (int i = 0; i < ssim_window; ++i) {
         const double weight = weights[static_cast<size_t>(i)] * weights[static_cast<size_t>(j)];
         const double p = a.row(top + j)[left + i], q = b.row(top + j)[left + i];
         mean.a += weight * p;
         mean.b += weight * q;
         mean.squares += weight * (p * p + q * q);
         mean.product += weight * (p * q);
      }
   return mean;
}

} // namespace

template <class T>
void add_ssim(plane<T> a, plane<T> b, int32_t width, int64_t first_row, int64_t rows, double unit,
              ssim_sums &sums) {
   const std::array<double, ssim_window> weights = ssim_weights();
   const ssim_constants constants = ssim_constants_for(unit);
   for (int64_t y = first_row; y < first_row + rows; ++y)
      for (int64_t x = 0; x + ssim_window <= width; ++x) {
         const ssim_terms terms = ssim_of(moments_at(a, b, x, y, weights), constants);
         sums.ssim += terms.ssim;
         sums.contrast_structure += terms.contrast_structure;
      }
}

template void add_ssim(plane<uint8_t>, plane<uint8_t>, int32_t, int64_t, int64_t, double, ssim_sums &);
template void add_ssim(plane<uint16_t>, plane<uint16_t>, int32_t, int64_t, int64_t, double, ssim_sums &);

} // namespace giflab::kernels::scalar
