#include "scalar.hpp"
namespace giflab::kernels {
void lab_of_colours(const uint32_t *colours, size_t count, const lab_columns<double> &result, arithmetic) {
   scalar::lab_of_colours(colours, count, result);
}
void ciede2000_of_columns(const lab_columns<const double> &first, const lab_columns<const double> &second,
                          size_t count, float *differences, arithmetic) {
   scalar::ciede2000_of_columns(first, second, count, differences);
}
} // namespace giflab::kernels
