#include "scalar.hpp"
namespace giflab::kernels {
size_t gmsd_scratch(int32_t width) { return static_cast<size_t>(width); }
void add_byte_error(plane<uint8_t> a, plane<uint8_t> b, size_t row_bytes, int64_t first_row, int64_t rows,
                    byte_error &sums, arithmetic) {
   scalar::add_byte_error(a, b, row_bytes, first_row, rows, sums);
}
void add_ssim(plane<uint8_t> a, plane<uint8_t> b, int32_t width, int64_t first_row, int64_t rows, double unit,
              ssim_sums &sums, arithmetic) {
   scalar::add_ssim(a, b, width, first_row, rows, unit, sums);
}
void add_ssim(plane<uint16_t> a, plane<uint16_t> b, int32_t width, int64_t first_row, int64_t rows, double unit,
              ssim_sums &sums, arithmetic) {
   scalar::add_ssim(a, b, width, first_row, rows, unit, sums);
}
void add_gmsd(plane<uint8_t> a, plane<uint8_t> b, int32_t width, int32_t height, int32_t first_row,
              int32_t rows, uint16_t *, gmsd_sums &sums, arithmetic) {
   scalar::add_gmsd(a, b, width, height, first_row, rows, sums);
}
void lab_of_colours(const uint32_t *colours, size_t count, const lab_columns<double> &result, arithmetic) {
   scalar::lab_of_colours(colours, count, result);
}
void ciede2000_of_columns(const lab_columns<const double> &first, const lab_columns<const double> &second,
                          size_t count, float *differences, arithmetic) {
   scalar::ciede2000_of_columns(first, second, count, differences);
}
} // namespace giflab::kernels
