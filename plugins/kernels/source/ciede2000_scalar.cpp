#include "scalar.hpp"

namespace giflab::kernels::scalar {

static lab lab_of(uint32_t colour) {
   const auto channel = [&](int shift) { return linear_of_srgb(static_cast<uint8_t>(colour >> shift)); };
   return lab_of_linear(channel(0), channel(8), channel(16));
}

void ciede2000_of_columns(const lab_columns<const double> &first, const lab_columns<const double> &second,
                          size_t count, float *differences) {
   for (size_t i = 0; i < count; ++i)
      differences[i] = static_cast<float>(
          ciede2000(lab{first.l[i], first.a[i], first.b[i]}, lab{second.l[i], second.a[i], second.b[i]}));
}

void ciede2000_of_colours(const uint32_t *first, const uint32_t *second, size_t count, float *differences) {
   for (size_t i = 0; i < count; ++i)
      differences[i] = static_cast<float>(ciede2000(lab_of(first[i]), lab_of(second[i])));
}

} // namespace giflab::kernels::scalar
