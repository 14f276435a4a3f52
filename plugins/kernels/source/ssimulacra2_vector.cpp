#include "ssimulacra2_scalar.hpp"
#include "ssimulacra2_walk.hpp"

namespace giflab::kernels {

int ssimulacra2_scale_count(int32_t width, int32_t height) {
   int count = 1;
   for (int32_t least = std::min(width, height); least >= ssimulacra2_least && count < ssimulacra2_scales; ++count)
      least = ssimulacra2::half(least);
   return count;
}

size_t ssimulacra2_scratch(int32_t width, int32_t height, ssimulacra2_blur blur, arithmetic) {
   return ssimulacra2::scratch_scalar(width, height, blur);
}

ssimulacra2_result measure_ssimulacra2(const ssimulacra2_pair &pair, const ssimulacra2_wanted &wanted,
                                       ssimulacra2_blur blur, std::byte *scratch,
                                       const std::function<void()> &pause, arithmetic) {
   return ssimulacra2::measure_scalar(pair, wanted, blur, scratch, pause);
}

} // namespace giflab::kernels
