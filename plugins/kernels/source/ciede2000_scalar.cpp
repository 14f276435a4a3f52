#include "scalar.hpp"

namespace giflab::kernels::scalar {

void lab_of_colours(const uint32_t *colours, size_t count, const lab_columns<double> &result) {
   for (size_t i = 0; i < count; ++i) {
      const auto channel = [&](int shift) { return linear_of_srgb(static_cast<uint8_t>(colours[i] >> shift)); };
      const lab colour = lab_of_linear(channel(0), channel(8), channel(16));
      result.l[i] = colour.l;
      result.a[i] = colour.a;
      result.b[i] = colour.b;
   }
}

void ciede2000_of_columns(const lab_columns<const double> &first, const lab_columns<const double> &second,
                          size_t count, float *differences) {
   for (size_t i = 0; i < count; ++i)
      differences[i] = static_cast<float>(
          ciede2000(lab{first.l[i], first.a[i], first.b[i]}, lab{second.l[i], second.a[i], second.b[i]}));
}

} // namespace giflab::kernels::scalar
