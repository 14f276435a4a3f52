// The kernels' public functions over their plain twins, for a machine without Highway.

#include "scalar.hpp"

#include <giflab_kernels/byte_error.hpp>
#include <giflab_kernels/ciede2000.hpp>
#include <giflab_kernels/colour_differences.hpp>
#include <giflab_kernels/gmsd.hpp>
#include <giflab_kernels/pixel_pairs.hpp>
#include <giflab_kernels/ssim.hpp>
#include <giflab_kernels/weighted_totals.hpp>

namespace giflab::kernels {

void add_byte_error(plane<uint8_t> a, plane<uint8_t> b, size_t row_bytes, int64_t first_row, int64_t rows,
                    byte_error &sums, arithmetic) {
   scalar::add_byte_error(a, b, row_bytes, first_row, rows, sums);
}

void sum_ssim(plane<uint8_t> a, plane<uint8_t> b, const ssim_tiling &tiling, const ssim_tile_run &run,
              double unit, const ssim_sums &sums, arithmetic) {
   scalar::sum_ssim(a, b, tiling, run, unit, sums);
}
void sum_ssim(plane<uint16_t> a, plane<uint16_t> b, const ssim_tiling &tiling, const ssim_tile_run &run,
              double unit, const ssim_sums &sums, arithmetic) {
   scalar::sum_ssim(a, b, tiling, run, unit, sums);
}

namespace {

template <class T>
void halve_plainly(plane<T> source, target_plane<uint16_t> target, int32_t width, int32_t height) {
   for (int32_t y = 0; y < height; ++y)
      for (int32_t x = 0; x < width; ++x)
         target.row(y)[x] =
             static_cast<uint16_t>(source.row(2 * y)[2 * x] + source.row(2 * y)[2 * x + 1] +
                                   source.row(2 * y + 1)[2 * x] + source.row(2 * y + 1)[2 * x + 1]);
}

} // namespace

void halve(plane<uint8_t> source, target_plane<uint16_t> target, int32_t width, int32_t height, arithmetic) {
   halve_plainly(source, target, width, height);
}
void halve(plane<uint16_t> source, target_plane<uint16_t> target, int32_t width, int32_t height) {
   halve_plainly(source, target, width, height);
}

void sum_gmsd(plane<uint8_t> a, plane<uint8_t> b, const gmsd_tiling &tiling, const gmsd_tile_run &run,
              gmsd_sums *sums, arithmetic) {
   scalar::sum_gmsd(a, b, tiling, run, sums);
}

void ciede2000_of_columns(const lab_columns<const double> &first, const lab_columns<const double> &second,
                          size_t count, float *differences, arithmetic) {
   scalar::ciede2000_of_columns(first, second, count, differences);
}

void ciede2000_of_colours(const uint32_t *first, const uint32_t *second, size_t count, float *differences,
                          arithmetic) {
   scalar::ciede2000_of_colours(first, second, count, differences);
}

pixel_pairs find_pairs(const uint8_t *first, const uint8_t *second, size_t count, uint32_t *colours1,
                       uint32_t *colours2, arithmetic) {
   return scalar::find_pairs(first, second, count, colours1, colours2);
}

void add_weighted(const float *values, const uint32_t *counts, size_t size, weighted_totals &totals,
                  arithmetic) {
   scalar::add_weighted(values, counts, size, totals);
}

} // namespace giflab::kernels
