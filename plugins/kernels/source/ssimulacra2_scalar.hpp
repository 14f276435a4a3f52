#pragma once
// The plain twin, as the public functions without the choice. Obvious rather than fast: it judges the other.

#include <giflab_kernels/ssimulacra2.hpp>

namespace giflab::kernels::ssimulacra2 {

size_t scratch_scalar(int32_t width, int32_t height, ssimulacra2_blur blur);
ssimulacra2_result measure_scalar(const ssimulacra2_pair &pair, const ssimulacra2_wanted &wanted,
                                  ssimulacra2_blur blur, std::byte *scratch,
                                  const std::function<void()> &pause);

} // namespace giflab::kernels::ssimulacra2
