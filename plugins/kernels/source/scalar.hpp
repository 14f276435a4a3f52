#pragma once
// The plain twins, as the public functions without the choice. Obvious rather than fast: they judge the rest.

#include <giflab_kernels/byte_error.hpp>
#include <giflab_kernels/ciede2000.hpp>
#include <giflab_kernels/gmsd.hpp>
#include <giflab_kernels/pixel_pairs.hpp>
#include <giflab_kernels/ssim.hpp>
#include <giflab_kernels/weighted_totals.hpp>

namespace giflab::kernels::scalar {

void add_byte_error(plane<uint8_t> a, plane<uint8_t> b, size_t row_bytes, int64_t first_row, int64_t rows,
                    byte_error &sums);
template <class T>
void sum_ssim(plane<T> a, plane<T> b, const ssim_tiling &tiling, const ssim_tile_run &run, double unit,
              const ssim_sums &sums);
void sum_gmsd(plane<uint8_t> a, plane<uint8_t> b, const gmsd_tiling &tiling, const gmsd_tile_run &run,
              gmsd_sums *sums);
void ciede2000_of_columns(const lab_columns<const double> &first, const lab_columns<const double> &second,
                          size_t count, float *differences);
void ciede2000_of_colours(const uint32_t *first, const uint32_t *second, size_t count, float *differences);
pixel_pairs find_pairs(const uint8_t *first, const uint8_t *second, size_t count, uint32_t *colours1,
                       uint32_t *colours2);
void add_weighted(const float *values, const uint32_t *counts, size_t size, weighted_totals &totals);

} // namespace giflab::kernels::scalar
