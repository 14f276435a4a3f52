#include "scalar.hpp"

#include <algorithm>

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
void sum_ssim(plane<T> a, plane<T> b, const ssim_tiling &tiling, const ssim_tile_run &run, double unit,
              const ssim_sums &sums) {
   const std::array<double, ssim_window> weights = ssim_weights();
   const ssim_constants constants = ssim_constants_for(unit);
   const int32_t left = run.column * tiling.tile_width;
   const int32_t right = std::min(left + tiling.tile_width, tiling.columns());
   for (int32_t tile = 0; tile < run.count; ++tile) {
      const int32_t top = (run.first + tile) * tiling.tile_height;
      double ssim = 0, contrast_structure = 0;
      for (int32_t y = top; y < std::min(top + tiling.tile_height, tiling.rows()); ++y)
         for (int32_t x = left; x < right; ++x) {
            const ssim_terms terms = ssim_of(moments_at(a, b, x, y, weights), constants);
            ssim += terms.ssim;
            contrast_structure += terms.contrast_structure;
         }
      if (sums.ssim)
         sums.ssim[tile] = ssim;
      if (sums.contrast_structure)
         sums.contrast_structure[tile] = contrast_structure;
   }
}

template void sum_ssim(plane<uint8_t>, plane<uint8_t>, const ssim_tiling &, const ssim_tile_run &, double,
                       const ssim_sums &);
template void sum_ssim(plane<uint16_t>, plane<uint16_t>, const ssim_tiling &, const ssim_tile_run &, double,
                       const ssim_sums &);

} // namespace giflab::kernels::scalar
